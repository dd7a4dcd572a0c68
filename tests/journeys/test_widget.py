"""The chat on somebody else's site: one script tag, from another origin, under that site's own strict policy."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Meet, Visitor
from tests.serving import ROOT, Server

pytestmark = pytest.mark.browser
LARGEST_LOADER = 3 * 1024
PAGE = """<!doctype html><html lang="en"><title>A shop</title><h1>A shop</h1><p>Text of the shop.</p>
<button id="host">Host</button><script src="{url}/widget.js" async></script></html>"""


@pytest.fixture
def shop(server: Server, host_port: int) -> Iterator[str]:
    """A site that allows no scripts but ours, no inline styles, and no frames but ours."""
    policy = f"default-src 'none'; script-src {server.url}; frame-src {server.url}; require-trusted-types-for 'script'"

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(PAGE.format(url=server.url).encode())

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", host_port), Shop) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{host_port}"
        serving.shutdown()


@pytest.fixture
def visitor(meet: Meet, shop: str) -> Visitor:
    visitor = meet()
    visitor.url = shop
    visitor.open("/")
    visitor.page.locator("answerdesk-chat").wait_for(state="attached")
    return visitor


def test_the_loader_is_small() -> None:
    loader = (ROOT / "frontend/widget/widget.js").read_bytes()
    assert len(gzip.compress(loader, 9)) <= LARGEST_LOADER


def test_a_visitor_of_another_site_asks_in_the_widget(visitor: Visitor) -> None:
    page = visitor.page
    launcher = page.get_by_role("button", name="Open chat")
    expect(launcher).to_have_attribute("aria-expanded", "false")
    launcher.click()
    frame = page.frame_locator("answerdesk-chat iframe")
    field = frame.get_by_role("textbox", name="Your question")
    expect(field).to_be_focused()
    field.fill("How do I stop an answer?")
    field.press("Enter")
    expect(frame.locator(".message--bot .cite").first).to_be_visible()


def test_escape_closes_the_panel_and_returns_the_focus(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("button", name="Open chat").press("Enter")
    frame = page.frame_locator("answerdesk-chat iframe")
    expect(frame.get_by_role("textbox", name="Your question")).to_be_focused()
    page.keyboard.press("Escape")
    launcher = page.get_by_role("button", name="Open chat")
    expect(launcher).to_be_focused()
    expect(launcher).to_have_attribute("aria-expanded", "false")


def test_the_page_around_it_opens_fills_and_listens(visitor: Visitor) -> None:
    page = visitor.page
    page.evaluate(
        "window.told = []; Answerdesk.on('close', (event) => told.push(event.type)); Answerdesk.prefill('My order')"
    )
    page.evaluate("Answerdesk.push(['open'])")
    frame = page.frame_locator("answerdesk-chat iframe")
    expect(frame.get_by_role("textbox", name="Your question")).to_have_value("My order")
    page.evaluate("Answerdesk.toggle()")
    assert page.evaluate("told") == ["close"]
    assert page.evaluate("Object.keys(window).filter((name) => /answerdesk/i.test(name))") == ["Answerdesk"]


def test_the_theme_that_a_customer_chose_stays(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("button", name="Open chat").click()
    frame = page.frame_locator("answerdesk-chat iframe")
    frame.get_by_role("button", name="Menu").click()
    frame.get_by_role("menuitem", name="Light or dark").click()
    expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    page.get_by_role("button", name="Open chat").click()
    expect(frame.locator("html")).to_have_attribute("data-theme", "dark")


def test_on_a_phone_the_panel_fills_the_screen(meet: Meet, shop: str) -> None:
    visitor = meet(375, 700)
    visitor.url = shop
    page = visitor.open("/")
    page.get_by_role("button", name="Open chat").click()
    box = page.locator("answerdesk-chat iframe").bounding_box()
    assert box
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 375, 700)
    page.frame_locator("answerdesk-chat iframe").get_by_role("button", name="Close chat").click()
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()


def test_a_site_that_is_not_named_may_not_frame_the_chat(meet: Meet, server: Server) -> None:
    policy = meet().page.request.get(f"{server.url}/embed").headers["content-security-policy"]
    assert "frame-ancestors 'self' http://127.0.0.1:" in policy
    assert "*" not in policy
