"""An answer while it is being written, by a model that takes its time."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Meet, Visitor, chromium
from tests.serving import Server, answerdesk, environment

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SENTENCES = (
    "A zeppelin may be moored at the north mast for 45 euros a night.",
    "Book the north mast for a zeppelin two days ahead at the harbour office.",
    "The north mast has room for two zeppelins of at most 75 metres.",
    "A zeppelin leaves the north mast before ten in the morning.",
)
QUESTION = "How may a zeppelin be moored at the north mast?"
PAUSE_S = 0.8
CONFIG = """
[[model]]
name = "slow"
dialect = "openai-compatible"
id = "slow"
base_url = "http://127.0.0.1:{port}/v1"
[route.answer]
cheap = ["slow"]
"""


class SlowProvider(BaseHTTPRequestHandler):
    """Says one sentence after the other, each with its source."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            self._answer()
        except BrokenPipeError:
            return

    def _answer(self) -> None:
        for sentence in SENTENCES:
            self._say({"content": f"{sentence} [1] "}, None)
            time.sleep(PAUSE_S)
        self._say({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def _say(self, delta: dict[str, str], reason: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        chunk = {"id": "x", "object": "chat.completion.chunk", "model": "slow", "choices": [choice]}
        self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def slow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Answerdesk over one article, with the slow provider."""
    chromium()
    folder = tmp_path_factory.mktemp("streaming")
    article, config = folder / "zeppelins.md", folder / "answerdesk.toml"
    article.write_text("# Zeppelin parking\n\n" + " ".join(SENTENCES) + "\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), SlowProvider) as provider:
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        config.write_text(CONFIG.format(port=provider.server_port))
        # Each test waits for the model to write; an answer from the cache would come at once.
        env = environment(folder / "data", ANSWERDESK_CONFIG=str(config), ANSWERDESK_CACHE__ENABLED="false")
        answerdesk("ingest", str(article), env=env)
        running = Server(env, Path(folder) / "server.log").start()
        yield running
        running.stop()
        provider.shutdown()


@pytest.fixture
def reader(meet: Meet, slow_server: Server) -> Page:
    visitor: Visitor = meet()
    visitor.url = slow_server.url
    page = visitor.open("/chat")
    page.get_by_role("textbox", name="Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".message--bot .sentence").first.wait_for()
    return page


def test_sentences_come_one_by_one_and_stay_the_same_elements(reader: Page) -> None:
    sentences = reader.locator(".message--bot .sentence")
    assert sentences.count() < len(SENTENCES)
    expect(reader.locator(".message--bot")).to_have_attribute("aria-busy", "true")
    sentences.first.evaluate("element => { element.kept = true; }")
    expect(sentences).to_have_count(len(SENTENCES))
    expect(reader.locator(".message--bot:not([aria-busy])")).to_have_count(1)
    assert sentences.first.evaluate("element => element.kept") is True


def test_a_screen_reader_hears_that_an_answer_comes_and_then_all_of_it_once(reader: Page) -> None:
    heard = reader.locator("#announcer")
    expect(heard).to_have_text("The assistant is answering.")
    expect(heard).to_contain_text("Answer complete, 1 source.")
    for sentence in SENTENCES:
        expect(heard).to_contain_text(sentence)


def test_stop_stands_where_send_was_and_keeps_what_was_shown(reader: Page) -> None:
    expect(reader.get_by_role("button", name="Send")).to_be_hidden()
    reader.get_by_role("button", name="Stop answering").click()
    expect(reader.locator(".message--bot .message__state")).to_have_text("Stopped")
    shown = reader.locator(".message--bot .sentence").count()
    assert 0 < shown < len(SENTENCES)
    expect(reader.get_by_role("button", name="Send")).to_be_visible()
    reader.wait_for_timeout(PAUSE_S * 2000)
    assert reader.locator(".message--bot .sentence").count() == shown


def test_who_writes_on_during_an_answer_is_told_why_nothing_is_sent(reader: Page) -> None:
    reader.get_by_role("textbox", name="Your question").fill("And two zeppelins?")
    reader.keyboard.press("Enter")
    expect(reader.locator(".composer__limit")).to_contain_text("still answering")
    expect(reader.get_by_role("textbox", name="Your question")).to_have_value("And two zeppelins?")


def test_an_answer_goes_on_after_a_reload_in_its_middle(reader: Page) -> None:
    reader.reload()
    expect(reader.locator(".message--bot .sentence")).to_have_count(len(SENTENCES))
    expect(reader.locator(".message--bot")).to_have_count(1)


def test_a_lost_connection_is_told_and_what_was_missed_comes_after_it(reader: Page) -> None:
    reader.context.set_offline(True)
    expect(reader.get_by_text("No connection.")).to_be_visible()
    reader.wait_for_timeout(PAUSE_S * 3000)
    reader.context.set_offline(False)
    expect(reader.locator(".message--bot .sentence")).to_have_count(len(SENTENCES))
    expect(reader.get_by_text("No connection.")).to_have_count(0)


def test_an_answer_goes_on_when_its_server_comes_back_from_the_dead(reader: Page, slow_server: Server) -> None:
    slow_server.kill()
    expect(reader.get_by_text("No connection.")).to_be_visible()
    slow_server.start()
    expect(reader.locator(".message--bot .sentence")).to_have_count(len(SENTENCES), timeout=60_000)
    expect(reader.locator(".message--bot")).to_have_count(1)
    expect(reader.get_by_text("No connection.")).to_have_count(0)
