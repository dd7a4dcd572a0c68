"""An admin stores a provider’s key, tests the model with it and removes it; a provider of our own listens."""

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import EMAIL, PASSWORD, Meet, chromium, owner_state
from tests.serving import COMMAND, ROOT, Server, environment

pytestmark = pytest.mark.browser
KEY = "sk-live-7f3e9b1c5d2a8046-wxyz"
CONFIG = """
[[model]]
name = "luna"
dialect = "openai-compatible"
id = "gpt-6-luna"
base_url = "http://127.0.0.1:{port}/v1"
api_key_env = "LUNA_PROVIDER_KEY"
stream = false
price = {{ input = 1.0, output = 10.0 }}
"""


class Provider(BaseHTTPRequestHandler):
    """Answers whoever bears the key."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        if self.headers["authorization"] == f"Bearer {KEY}":
            choice = {"index": 0, "message": {"role": "assistant", "content": "Paris."}, "finish_reason": "stop"}
            self._say(200, {"id": "c", "object": "chat.completion", "model": "m", "choices": [choice]})
        else:
            self._say(401, {"error": {"message": "No such key.", "type": "invalid_request_error"}})

    def log_message(self, *_: object) -> None:
        """The test says what it needs to."""

    def _say(self, status: int, told: dict[str, object]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`answerdesk serve` with one model, whose key in the environment is wrong."""
    chromium()
    folder = tmp_path_factory.mktemp("provider-keys")
    provider = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    config = folder / "answerdesk.toml"
    config.write_text(CONFIG.format(port=provider.server_port))
    known = {"ANSWERDESK_CONFIG": str(config), "ANSWERDESK_SECRET_KEY": "0" * 64, "LUNA_PROVIDER_KEY": "wrong-key"}
    env = environment(folder / "data", **known)
    words = (*COMMAND, "people", "add", EMAIL, "--name", "Maya Lindqvist", "--role", "owner", "--password-stdin")
    subprocess.run(words, cwd=ROOT, env=env, input=PASSWORD, text=True, check=True, capture_output=True, timeout=60)
    running = Server(env, folder / "server.log").start()
    yield running
    running.stop()
    provider.shutdown()
    provider.server_close()
    assert KEY not in running.log.read_text()


def test_a_key_is_stored_tested_and_removed_and_never_shown_again(meet: Meet, server: Server) -> None:
    page = meet(storage_state=owner_state(server.url)).open("/console/models")
    expect(page.get_by_text("from the environment")).to_be_visible()
    page.get_by_role("button", name="Set the key of LUNA_PROVIDER_KEY").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Key")).to_be_focused()
    page.keyboard.type("two words")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("This is no key")
    dialog.get_by_label("Key").fill(KEY)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Test luna")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Question")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Answer")).to_have_text("Paris.")
    page.keyboard.press("Escape")
    expect(page.get_by_text("stored here")).to_be_visible()
    expect(page.get_by_text(re.compile("ends in …wxyz, set .* by Maya Lindqvist"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^luna")).first).to_contain_text("answers")
    assert KEY not in page.content()
    clean(page)
    page.get_by_role("button", name="Remove the key of LUNA_PROVIDER_KEY").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("from the environment")).to_be_visible()
    page.goto(f"{server.url}/console/audit?action=provider_key")
    expect(page.get_by_role("row", name=re.compile("provider key removed"))).to_contain_text("Maya Lindqvist")


def clean(page: Page) -> None:
    """Nothing that axe finds fault with; a passing toast is no part of the page."""
    found = Axe().run(page, options={"rules": {"region": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()
