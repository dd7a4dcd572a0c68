"""A real server with our own help centre, and a real Chromium that may talk to nobody else."""

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    StorageState,
    StorageStateCookie,
    expect,
    sync_playwright,
)

from tests.serving import COMMAND, ROOT, Server, environment, free_port

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)
EMAIL = "maya@example.com"
PASSWORD = "correct horse battery staple"
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def host_port() -> int:
    """The port of a site that embeds our widget."""
    return free_port()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, help_centre: Path, host_port: int) -> Iterator[Server]:
    """`answerdesk serve` over an ingested kb/, with one owner."""
    chromium()
    folder = tmp_path_factory.mktemp("journeys")
    port = free_port()
    known = {
        "ANSWERDESK_WIDGET_ORIGINS": f'["http://127.0.0.1:{host_port}"]',
        "ANSWERDESK_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ANSWERDESK_LIMITS__CONVERSATIONS_PER_MINUTE": "1000",
    }
    env = environment(shutil.copytree(help_centre, folder / "data"), **known)
    words = (*COMMAND, "people", "add", EMAIL, "--name", "Maya Lindqvist", "--role", "owner", "--password-stdin")
    subprocess.run(words, cwd=ROOT, env=env, input=PASSWORD, text=True, check=True, capture_output=True, timeout=60)
    running = Server(env, folder / "server.log", port).start()
    yield running
    running.stop()


# A running Playwright holds an event loop in this thread; it must end before tests of other folders begin.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all journeys."""
    path = chromium()
    with sync_playwright() as playwright:
        launched = _launch(playwright, path)
        yield launched
        launched.close()


def _launch(playwright: Playwright, path: str) -> Browser:
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))


def chromium() -> str:
    """Where the browser is; without one the journeys are skipped, loudly."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    pytest.skip("NOT COVERED: no Chromium for the browser journeys; as root, `apt-get install chromium` provides it")


@dataclass
class Visitor:
    """Somebody at a browser, and everything that went wrong in front of them."""

    context: BrowserContext
    page: Page
    url: str
    trouble: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of ours and let it settle."""
        self.page.goto(self.url + path)
        self.page.wait_for_load_state("load")
        return self.page

    def ask(self, text: str) -> None:
        """Ask in the chat and wait for the end of the answer."""
        answers = self.page.locator(".message--bot:not([aria-busy])")
        before = answers.count()
        self.page.get_by_role("textbox", name="Your question").fill(text)
        self.page.keyboard.press("Enter")
        answers.nth(before).wait_for(timeout=PATIENCE_MS)

    def watch(self) -> None:
        """Note what a browser complains about, and requests that leave the machine."""
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on(
            "console", lambda said: self.trouble.append(said.text) if "Content Security" in said.text else None
        )
        self.context.on("request", lambda request: self._check(request.url))

    def _hear(self, said: str) -> None:
        if "Content Security" in said:
            self.trouble.append(said)

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost"):
            self.foreign.append(url)


Meet = Callable[..., Visitor]


@pytest.fixture
def meet(browser: Browser, server: Server) -> Iterator[Meet]:
    """Make visitors. At the end nothing may have gone wrong before them, and nothing may have left the machine."""
    met: list[Visitor] = []

    def make(width: int = 1280, height: int = 800, **options: Any) -> Visitor:  # noqa: ANN401  # Playwright's
        context = browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **{"locale": "en-GB", **options}
        )
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(context, context.new_page(), server.url)
        visitor.watch()
        met.append(visitor)
        return visitor

    yield make
    for visitor in met:
        with contextlib.suppress(Exception):
            visitor.context.close()
    assert [one for visitor in met for one in visitor.trouble] == []
    assert [one for visitor in met for one in visitor.foreign] == []


@pytest.fixture(scope="session")
def signed_in(server: Server) -> StorageState:
    """The browser state of the owner; signing in by form is a journey of its own."""
    return owner_state(server.url)


def owner_state(url: str, email: str = EMAIL) -> StorageState:
    """What a browser keeps of somebody who signed in."""
    answer = httpx.post(f"{url}/api/session", json={"email": email, "password": PASSWORD}, timeout=10)
    cookie: StorageStateCookie = {
        "name": "session",
        "value": answer.raise_for_status().cookies["session"],
        "domain": "127.0.0.1",
        "path": "/",
        "expires": -1,
        "httpOnly": True,
        "secure": False,
        "sameSite": "Lax",
    }
    return {"cookies": [cookie], "origins": []}


@pytest.fixture
def article(tmp_path: Path) -> Path:
    """A document that nobody has seen yet."""
    path = tmp_path / "zeppelin-parking.md"
    path.write_text(
        "# Zeppelin parking\n\nA zeppelin may be moored at the north mast for 45 euros a night.\n\n"
        "## Booking\n\nBook the north mast for a zeppelin two days ahead at the harbour office.\n"
    )
    return path
