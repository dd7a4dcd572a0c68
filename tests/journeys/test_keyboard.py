"""Everything without a mouse."""

import re

import pytest
from playwright.sync_api import StorageState, expect

from tests.journeys.conftest import Meet

pytestmark = pytest.mark.browser


def test_a_customer_asks_reads_a_source_and_rates_by_keyboard(meet: Meet) -> None:
    visitor = meet()
    page = visitor.open("/chat")
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()
    page.keyboard.type("How do I stop")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("an answer?")
    expect(page.locator(".message")).to_have_count(0)
    page.keyboard.press("Enter")
    cite = page.locator(".message--bot:not([aria-busy]) .cite").first
    cite.wait_for()
    page.locator(".chat__scroll").focus()
    page.keyboard.press("Tab")
    while not cite.evaluate("element => element === document.activeElement"):
        page.keyboard.press("Tab")
    expect(page.locator(".preview:popover-open")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Read it in the article")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".preview:popover-open")).to_have_count(0)
    expect(cite).to_be_focused()


def test_the_menu_opens_moves_and_closes_by_keyboard(meet: Meet) -> None:
    page = meet().open("/chat")
    opener = page.get_by_role("button", name="Menu")
    opener.press("Enter")
    expect(page.get_by_role("menuitem", name="Talk to a person")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("menuitem", name="Light or dark")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_word_that_is_still_being_composed_is_not_sent(meet: Meet) -> None:
    page = meet().open("/chat")
    field = page.get_by_role("textbox", name="Your question")
    field.fill("とうきょう")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(page.locator(".message")).to_have_count(0)
    expect(field).to_have_value("とうきょう")


def test_an_agent_works_through_the_queue_by_keyboard(meet: Meet, signed_in: StorageState) -> None:
    customer, agent = meet(), meet(storage_state=signed_in)
    customer.open("/chat")
    customer.ask("I want a human: how do I download a transcript?")
    page = agent.open("/inbox")
    page.locator(".inbox-row").first.wait_for()
    page.keyboard.press("j")
    while "download a transcript" not in page.evaluate("document.activeElement.innerText"):
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("download a transcript"))).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+e")
    field = page.get_by_role("textbox", name="Reply to the customer")
    expect(field).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(customer.page.locator(".message--person")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator(".thread-head")).to_contain_text("Resolved")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Choose a conversation")).to_be_visible()


def test_the_first_tab_stop_of_a_page_skips_to_its_content(meet: Meet) -> None:
    page = meet().open("/help")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
