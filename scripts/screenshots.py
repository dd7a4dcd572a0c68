"""Show every page, light and dark, on a desk and on a phone: python scripts/screenshots.py [FOLDER].

Starts its own server over kb/ with a fresh data folder, and needs Chromium.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.journeys.conftest import EMAIL, FLAGS, PASSWORD, chromium, owner_state  # noqa: E402  # found after the path is set
from tests.serving import COMMAND, Server, answerdesk, environment  # noqa: E402  # the same

SIZES = {"desk": (1280, 800), "phone": (375, 740)}
THEMES = ("light", "dark")
QUESTION = "How do I stop an answer while it is being written?"
WISHES = ("I want a human: how do I download a transcript?", "I need a person for my invoice from May")
OPEN = {"help": "/help", "help-search": "/help?q=stop+an+answer", "login": "/login", "not-found": "/nowhere"}
STAFF = {
    "console": "/console",
    "console-sources": "/console/sources",
    "console-runs": "/console/runs",
    "console-snapshots": "/console/snapshots",
    "console-probes": "/console/probes",
    "console-corrections": "/console/corrections",
    "console-documents": "/console/documents",
    "console-search": "/console/search?q=how+do+I+stop+an+answer",
    "console-policy": "/console/policy",
    "console-evaluation": "/console/evaluation",
    "console-articles": "/console/articles",
    "console-conflicts": "/console/conflicts",
    "console-tasks": "/console/tasks",
    "console-gaps": "/console/gaps",
    "console-models": "/console/models",
    "console-usage": "/console/usage",
    "console-audit": "/console/audit",
    "console-people": "/console/people",
    "console-keys": "/console/keys",
}


def main(target: Path) -> None:
    """Write the pictures, one file each."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        env = environment(Path(folder) / "data")
        answerdesk("ingest", "kb", env=env)
        words = (*COMMAND, "people", "add", EMAIL, "--name", "Maya Lindqvist", "--role", "owner", "--password-stdin")
        subprocess.run(words, cwd=ROOT, env=env, input=PASSWORD, text=True, check=True, capture_output=True)
        link = answerdesk("people", "add", "tom@example.com", "--name", "Tom Becker", env=env).stdout.split()[-1]
        OPEN["invitation"] = "/" + link.split("/", 3)[3]
        server = Server(env, Path(folder) / "server.log").start()
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, "--hide-scrollbars"])
        try:
            _take_all(browser, server.url, target)
        finally:
            browser.close()
            server.stop()


def _take_all(browser: Browser, url: str, target: Path) -> None:
    state = owner_state(url)
    _fill(browser, url)
    for size, (width, height) in SIZES.items():
        for theme in THEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=theme,  # type: ignore[arg-type]  # one of its words
                reduced_motion="reduce",
                storage_state=state,
                has_touch=size == "phone",
            )
            _take(context, url, target, f"{size}-{theme}")
            context.close()
            print(f"{size}, {theme}: done")


def _take(context: BrowserContext, url: str, target: Path, kind: str) -> None:
    page = context.new_page()

    def shoot(name: str) -> None:
        page.wait_for_timeout(250)
        page.screenshot(path=target / f"{name}-{kind}.png")

    page.goto(f"{url}/chat")
    shoot("chat-empty")
    _ask(page, QUESTION)
    shoot("chat-answer")
    (page.tap if "phone" in kind else page.hover)(".message--bot .cite")
    shoot("chat-source")
    page.mouse.move(5, 5)
    page.keyboard.press("Escape")
    _ask(page, "Which colour has the carpet in your Lisbon office?")
    shoot("chat-offer")
    for name, path in {**OPEN, **STAFF}.items():
        page.goto(url + path)
        page.wait_for_load_state("networkidle" if path.startswith("/help") else "load")
        page.locator(".skeleton").first.wait_for(state="detached")
        shoot(name)
    page.goto(url + "/help/stop-an-answer")
    shoot("article")
    page.goto(f"{url}/help")
    page.get_by_role("button", name="Open chat").click()
    page.frame_locator("answerdesk-chat iframe").get_by_role("textbox").wait_for()
    shoot("widget")
    page.goto(f"{url}/console/runs")
    page.locator("tbody a").first.click()
    page.locator(".stage").first.wait_for()
    shoot("console-run")
    page.goto(f"{url}/inbox")
    page.locator(".inbox-row").first.wait_for()
    shoot("inbox")
    page.locator(".inbox-row", has_text="transcript").first.click()
    page.locator(".draft").wait_for()
    shoot("inbox-conversation")


def _fill(browser: Browser, url: str) -> None:
    """Conversations for the inbox and a link for the page of invitations."""
    for wish in WISHES:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{url}/chat")
        _ask(page, wish)
        context.close()


def _ask(page: Page, text: str) -> None:
    answers = page.locator(".message--bot:not([aria-busy])")
    before = answers.count()
    page.get_by_role("textbox", name="Your question").fill(text)
    page.keyboard.press("Enter")
    answers.nth(before).wait_for()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
