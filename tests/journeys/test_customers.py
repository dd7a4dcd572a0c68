"""What a customer sees and does in the chat."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Meet, Visitor

pytestmark = pytest.mark.browser
QUESTION = "How do I stop an answer while it is being written?"

# A thread of its own, which is told that we asked back.
ASKED_BACK = """async () => {
  const { Thread } = await import(new URL("thread.js", document.querySelector("script[src*='chat/main']").src));
  const find = (name) => document.querySelector(`[data-part=${name}]`);
  const [list, scroller, newer] = ["thread", "scroller", "newer"].map(find);
  const conversation = Object.assign(new EventTarget(), { ratings: new Map(), say: (text) => (window.said = text) });
  new Thread({ list, scroller, newer, conversation, announcer: { answer: () => {} } });
  const text = "Or is it about “Red tins” or “Blue tins”?";
  const message = { id: "m", author: "bot", text, created_at: new Date().toISOString() };
  const data = { turn_id: "t", decision: "clarify", message };
  conversation.dispatchEvent(new CustomEvent("happened", { detail: { name: "answer.completed", data } }));
}"""

# Notes every state of the answer that was ever on the page.
RECORD = """() => {
  window.seen = [];
  new MutationObserver(() => {
    const text = document.querySelector(".message--bot .message__text");
    if (text && !text.querySelector(".working")) window.seen.push(text.innerText.trim());
  }).observe(document.querySelector(".chat__log"), { subtree: true, childList: true, characterData: true });
}"""


@pytest.fixture
def customer(meet: Meet) -> Visitor:
    visitor = meet()
    visitor.open("/chat")
    return visitor


def test_an_answer_appears_in_whole_sentences_each_with_its_source(customer: Visitor) -> None:
    page = customer.page
    page.evaluate(RECORD)
    customer.ask(QUESTION)
    final = page.locator(".message--bot .message__text").inner_text().strip()
    for state in page.evaluate("window.seen"):
        assert final.startswith(state)
        assert re.search(r"[.!?:]\s*\d*$", state), f"this state ends within a sentence: {state!r}"
    cites = page.locator(".message--bot .message__text .cite")
    assert cites.count() >= 1
    expect(cites.first).to_have_accessible_name(re.compile(r"^Source 1: \S"))


def test_a_number_shows_its_passage_and_leads_to_the_marked_span(customer: Visitor) -> None:
    page = customer.page
    customer.ask(QUESTION)
    page.locator(".message--bot .cite").first.hover()
    preview = page.locator(".preview:popover-open")
    expect(preview).to_be_visible()
    quote = preview.locator(".preview__quote").inner_text()
    with page.expect_popup() as opened:
        preview.get_by_role("link").click()
    article = opened.value
    marked = article.locator("#cited")
    expect(marked).to_be_in_viewport()
    assert marked.inner_text()[:40] in quote


def test_a_conversation_survives_a_reload_and_what_was_typed_too(customer: Visitor) -> None:
    page = customer.page
    customer.ask(QUESTION)
    answer = page.locator(".message--bot .message__text").inner_html()
    page.get_by_role("textbox", name="Your question").fill("half a thou")
    page.reload()
    expect(page.locator(".message--bot .message__text")).to_have_count(1)
    assert page.locator(".message--bot .message__text").inner_html() == answer
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("half a thou")


def test_a_starter_asks_its_question(customer: Visitor) -> None:
    page = customer.page
    starter = page.locator(".starter").first
    title = starter.inner_text()
    starter.click()
    expect(page.locator(".message--customer")).to_contain_text(title)
    expect(page.locator(".message--bot:not([aria-busy])")).to_have_count(1)


def test_an_answer_can_be_rated_and_the_reason_told(customer: Visitor) -> None:
    page = customer.page
    customer.ask(QUESTION)
    page.get_by_role("button", name="This did not help").click()
    page.get_by_role("button", name="Something is missing").click()
    with page.expect_response(lambda answer: "/rating" in answer.url) as rated:
        page.locator(".reasons").get_by_role("button", name="Send").click()
    assert rated.value.ok
    page.reload()
    expect(page.get_by_role("button", name="This did not help")).to_have_attribute("aria-pressed", "true")


def test_a_question_sent_without_a_connection_is_kept_and_goes_when_there_is_one(customer: Visitor) -> None:
    page = customer.page
    customer.context.set_offline(True)
    page.get_by_role("textbox", name="Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".message--customer.is-failed")).to_contain_text("No connection")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    customer.context.set_offline(False)
    expect(page.locator(".message--bot:not([aria-busy]) .cite").first).to_be_visible()
    expect(page.locator(".message--customer")).to_have_count(1)


def test_what_cannot_be_done_without_a_connection_is_said_for_all_to_see(customer: Visitor) -> None:
    page = customer.page
    customer.ask(QUESTION)
    customer.context.set_offline(True)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("menuitem", name="Talk to a person").click()
    expect(page.locator(".toast")).to_contain_text("No connection")
    customer.context.set_offline(False)


def test_what_we_ask_back_about_can_be_pressed(customer: Visitor) -> None:
    page = customer.page
    page.evaluate(ASKED_BACK)
    page.get_by_role("group", name="What do you mean?").get_by_role("button", name="Blue tins").click()
    assert page.evaluate("window.said") == "Blue tins"
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()


def test_the_limit_shows_near_its_end_and_forbids_what_is_over(customer: Visitor) -> None:
    page = customer.page
    field = page.get_by_role("textbox", name="Your question")
    field.fill("a" * 3700)
    expect(page.locator(".composer__limit")).to_have_text("3,700 of 4,000 characters")
    field.fill("a" * 4001)
    expect(page.get_by_role("button", name="Send")).to_be_disabled()


def test_a_new_conversation_leaves_the_old_one_behind(customer: Visitor) -> None:
    page = customer.page
    customer.ask(QUESTION)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("menuitem", name="Start a new conversation").click()
    page.get_by_role("button", name="Start new").click()
    expect(page.locator(".message")).to_have_count(0)
    expect(page.locator(".starter").first).to_be_visible()
    page.reload()
    expect(page.locator(".message")).to_have_count(0)


def test_the_transcript_is_a_file_with_both_sides(customer: Visitor) -> None:
    page = customer.page
    customer.ask(QUESTION)
    page.get_by_role("button", name="Menu").click()
    with page.expect_download() as saved:
        page.get_by_role("menuitem", name="Download transcript").click()
    text = saved.value.path().read_text()
    assert QUESTION in text
    assert "Stop" in text


def test_two_tabs_show_the_same_conversation(customer: Visitor) -> None:
    customer.ask(QUESTION)
    other = customer.context.new_page()
    other.goto(f"{customer.url}/chat")
    expect(other.locator(".message--bot .cite").first).to_be_visible()
    customer.ask("Can I rate an answer?")
    expect(other.locator(".message--customer")).to_have_count(2)
