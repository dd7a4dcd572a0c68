"""Pictures of the pages: python scripts/screenshots.py [--all FOLDER] [NAME…].

Without `--all` the pictures that README.md shows are written to docs/screenshots, small. With it every page, in light,
in dark and right to left, at 1280 and at 320 pixels, goes to FOLDER, to be looked at; names narrow that down.
Starts its own server with a day at the desk, and needs Chromium.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from scripts.staging import open_desk  # noqa: E402  # found after the path is set
from tests.journeys.conftest import EMAIL, FLAGS, PASSWORD, chromium, owner_state  # noqa: E402  # the same
from tests.serving import COMMAND, Server, answerdesk, environment  # noqa: E402  # the same

SHOWN = ("chat-answer", "inbox-conversation", "console-answers")
"""What README.md shows, as it looks on a desk in light."""
COLOURS = 128
QUESTION = "How do I stop an answer while it is being written?"
PAGES = {
    "help": "/help",
    "help-search": "/help?q=stop+an+answer",
    "help-nothing": "/help?q=xyzzyqwv",
    "article": "/help/stop-an-answer",
    "login": "/login",
    "not-found": "/nowhere",
    "console": "/console",
    "console-sources": "/console/sources",
    "console-runs": "/console/runs",
    "console-snapshots": "/console/snapshots",
    "console-probes": "/console/probes",
    "console-corrections": "/console/corrections",
    "console-articles": "/console/articles",
    "console-documents": "/console/documents",
    "console-conflicts": "/console/conflicts",
    "console-search": "/console/search?q=how+do+I+stop+an+answer",
    "console-tasks": "/console/tasks",
    "console-gaps": "/console/gaps",
    "console-policy": "/console/policy",
    "console-decisions": "/console/decisions",
    "console-evaluation": "/console/evaluation",
    "console-models": "/console/models",
    "console-usage": "/console/usage",
    "console-people": "/console/people",
    "console-keys": "/console/keys",
    "console-audit": "/console/audit",
}
RIGHT_TO_LEFT = "document.addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl'; })"


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    name: str
    width: int
    height: int
    dark: bool = False
    mirrored: bool = False


LOOKS = tuple(
    Look(f"{size}-{theme}", width, height, dark=theme == "dark", mirrored=theme == "mirrored")
    for size, width, height in (("desk", 1280, 800), ("phone", 320, 690))
    for theme in ("light", "dark", "mirrored")
)


@dataclass(frozen=True, slots=True)
class Photographer:
    """Goes through the pages of a server as a person who is signed in. No names: all pages."""

    browser: Browser
    url: str
    state: StorageState
    target: Path
    names: Sequence[str] = ()

    def take(self, look: Look) -> None:
        """One picture of each page."""
        context = self.browser.new_context(
            viewport={"width": look.width, "height": look.height},
            color_scheme="dark" if look.dark else "light",
            reduced_motion="reduce",
            storage_state=self.state,
            has_touch=look.name.startswith("phone"),
        )
        if look.mirrored:
            context.add_init_script(RIGHT_TO_LEFT)
        page = context.new_page()
        for name, show in self._shows().items():
            if self.names and name not in self.names:
                continue
            show(page)
            page.locator(".skeleton").first.wait_for(state="detached")
            page.wait_for_timeout(250)
            page.screenshot(path=self.target / f"{name}-{look.name}.png", full_page=len(self.names) != len(SHOWN))
        context.close()
        print(f"{look.name}: done", flush=True)

    def _shows(self) -> dict[str, Callable[[Page], None]]:
        plain = {name: self._opening(path) for name, path in PAGES.items()}
        return plain | {
            "chat-empty": self._opening("/chat"),
            "chat-answer": self._chat(QUESTION),
            "chat-offer": self._chat("Which colour has the carpet in your Lisbon office?"),
            "chat-waiting": self._chat("I want to talk to a human"),
            "widget": self._widget,
            "inbox": self._opening("/inbox"),
            "inbox-conversation": self._opened("/inbox", ".inbox-row:has-text('download a transcript')", ".draft"),
            "console-source": self._opened("/console/sources", "button:has-text('Add a source')", "dialog"),
            "console-run": self._opened("/console/runs", "tbody a", ".stage"),
            "console-snapshot": self._opened("/console/snapshots", ".snapshot a.button", ".tally"),
            "console-decision": self._opened("/console/decisions?outcome=answer", ".decided a", ".scale"),
            "console-answers": self._answers,
            "console-document": self._opened("/console/documents", "tbody a", ".passage"),
            "console-article": self._opened("/console/articles", "tbody a:has-text('holidays')", ".article-preview"),
        }

    def _opening(self, path: str) -> Callable[[Page], None]:
        return lambda page: self._open(page, path)

    def _open(self, page: Page, path: str) -> None:
        page.goto(self.url + path)
        page.wait_for_load_state("load")

    def _opened(self, path: str, link: str, then: str) -> Callable[[Page], None]:
        """What a link of a page leads to."""

        def show(page: Page) -> None:
            self._open(page, path)
            page.locator(link).first.click()
            page.locator(then).first.wait_for()

        return show

    def _chat(self, question: str) -> Callable[[Page], None]:
        def show(page: Page) -> None:
            self._open(page, "/chat")
            page.evaluate("localStorage.clear()")
            self._open(page, "/chat")
            page.get_by_role("textbox", name="Your question").fill(question)
            page.keyboard.press("Enter")
            page.locator(".message--bot:not([aria-busy])").first.wait_for()

        return show

    def _widget(self, page: Page) -> None:
        self._open(page, "/help")
        page.evaluate("localStorage.clear()")
        page.get_by_role("button", name="Open chat").click()
        page.frame_locator("answerdesk-chat iframe").get_by_role("textbox", name="Your question").wait_for()

    def _answers(self, page: Page) -> None:
        self._opened("/console/snapshots", ".snapshot a.button", ".tally")(page)
        page.get_by_role("tab").nth(1).click()
        page.locator(".turned:visible").first.locator("summary").click()
        page.locator(".turned__body:visible").first.wait_for()


def main(words: list[str]) -> None:
    """Write the pictures, one file each."""
    every = words[:1] == ["--all"]
    target = Path(words[1]) if every else ROOT / "docs" / "screenshots"
    names = tuple(words[2:]) if every else SHOWN
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, _serving(Path(folder)) as url:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, "--hide-scrollbars"])
        photographer = Photographer(browser, url, owner_state(url), target, names)
        for look in LOOKS if every else LOOKS[:1]:
            photographer.take(look)
        browser.close()
    if not every:
        _make_small(target)


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """A server over kb/ with one owner and the traces of a day."""
    env = environment(folder / "data")
    answerdesk("ingest", "kb", env=env)
    words = (*COMMAND, "people", "add", EMAIL, "--name", "Maya Lindqvist", "--role", "owner", "--password-stdin")
    subprocess.run(words, cwd=ROOT, env=env, input=PASSWORD, text=True, check=True, capture_output=True)
    server = Server(env, folder / "server.log").start()
    try:
        with open_desk(server.url, env) as desk:
            desk.hold_a_day()
        answerdesk("model", "errands", "--now", env=env)
        yield server.url
    finally:
        server.stop()


def _make_small(target: Path) -> None:
    for path in sorted(target.glob("*.png")):
        Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
