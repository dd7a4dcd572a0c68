"""What holds for every page: accessible in both themes, no sideways scrolling at 320 px, right to left."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, StorageState, expect

from tests.journeys.conftest import Meet, Visitor
from tests.serving import Server

pytestmark = pytest.mark.browser
OPEN = (
    "/chat",
    "/embed",
    "/help",
    "/help?q=stop+an+answer",
    "/help?q=xyzzyqwv",
    "/help/stop-an-answer",
    "/login",
    "/nowhere",
)
STAFF = (
    "/inbox",
    "/console",
    "/console/sources",
    "/console/runs",
    "/console/snapshots",
    "/console/probes",
    "/console/corrections",
    "/console/documents",
    "/console/search?q=stop+an+answer",
    "/console/articles",
    "/console/conflicts",
    "/console/tasks",
    "/console/gaps",
    "/console/policy",
    "/console/decisions",
    "/console/evaluation",
    "/console/models",
    "/console/usage",
    "/console/audit",
    "/console/people",
    "/console/keys",
)
NARROWEST = 320
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
QUESTION = "How do I stop an answer while it is being written?"


def settled(page: Page) -> None:
    page.wait_for_load_state("load")
    expect(page.locator(".skeleton")).to_have_count(0)


def complaints(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def at(meet: Meet, signed_in: StorageState, path: str, **options: Any) -> Visitor:  # noqa: ANN401  # Playwright's own options
    visitor = meet(**options, **({"storage_state": signed_in} if path in STAFF else {}))
    visitor.open(path)
    settled(visitor.page)
    return visitor


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", OPEN + STAFF)
def test_a_page_is_accessible(meet: Meet, signed_in: StorageState, path: str, theme: str) -> None:
    assert complaints(at(meet, signed_in, path, color_scheme=theme).page) == []


@pytest.mark.parametrize("path", OPEN + STAFF)
def test_a_page_fits_320_pixels(meet: Meet, signed_in: StorageState, path: str) -> None:
    assert overflow(at(meet, signed_in, path, width=NARROWEST, height=640).page) <= 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_answer_with_its_sources_is_accessible(meet: Meet, theme: str) -> None:
    visitor = meet(color_scheme=theme)
    visitor.open("/chat")
    visitor.ask(QUESTION)
    visitor.page.locator(".message--bot .cite").first.hover()
    expect(visitor.page.locator(".preview:popover-open")).to_be_visible()
    assert complaints(visitor.page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_waiting_conversation_is_accessible_on_both_sides(meet: Meet, signed_in: StorageState, theme: str) -> None:
    customer, agent = meet(color_scheme=theme), meet(color_scheme=theme, storage_state=signed_in)
    customer.open("/chat")
    customer.ask("I want a human: how do I rate an answer?")
    assert complaints(customer.page) == []
    agent.open("/inbox")
    agent.page.locator(".inbox-row").last.click()
    expect(agent.page.locator(".thread .message").first).to_be_visible()
    settled(agent.page)
    assert complaints(agent.page) == []


def test_a_long_answer_fits_320_pixels(meet: Meet) -> None:
    visitor = meet(NARROWEST, 640)
    visitor.open("/chat")
    visitor.ask(QUESTION)
    assert overflow(visitor.page) <= 0


def test_text_stays_readable_at_double_size(meet: Meet) -> None:
    visitor = meet(640, 800)
    visitor.open("/chat")
    visitor.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert overflow(visitor.page) <= 0


def test_a_right_to_left_page_mirrors_itself(meet: Meet) -> None:
    visitor = meet(375, 740)
    page = visitor.open("/chat?locale=ar")
    assert page.evaluate("document.dir") == "rtl"
    send, field = page.get_by_role("button", name="Send").bounding_box(), page.locator(".composer__text").bounding_box()
    assert send
    assert field
    assert send["x"] < field["x"]
    visitor.ask(QUESTION)
    asked = page.locator(".message--customer .message__text").bounding_box()
    assert asked
    assert asked["x"] < 375 / 2
    assert overflow(page) <= 0


@pytest.mark.parametrize("path", STAFF)
def test_a_staff_page_fits_when_mirrored(meet: Meet, signed_in: StorageState, path: str) -> None:
    visitor = meet(storage_state=signed_in)
    visitor.page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl'; })"
    )
    visitor.open(path)
    settled(visitor.page)
    assert overflow(visitor.page) <= 0


def test_pages_carry_a_policy_without_inline_code(meet: Meet, server: Server, signed_in: StorageState) -> None:
    page = meet(storage_state=signed_in).page
    for path in OPEN + STAFF:
        answer = page.request.get(server.url + path)
        assert "unsafe" not in answer.headers["content-security-policy"], path
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", answer.text()), path


def test_the_files_for_machines_name_every_article(meet: Meet) -> None:
    visitor = meet()
    shown = visitor.open("/help").locator(".shelf li").count()
    listed = visitor.page.request.get(f"{visitor.url}/llms.txt").text()
    mapped = visitor.page.request.get(f"{visitor.url}/sitemap.xml").text()
    assert shown > 40
    assert len(re.findall(r"^- \[", listed, re.MULTILINE)) == shown
    assert mapped.count("<loc>") == shown + 1
