"""From a question that nobody knows to a person's reply, on two screens at once."""

import pytest
from playwright.sync_api import StorageState, expect

from tests.journeys.conftest import EMAIL, PASSWORD, Meet, Visitor

pytestmark = pytest.mark.browser
UNKNOWN = "Which colour has the carpet in your Lisbon office?"


def hand_over(customer: Visitor, wish: str) -> None:
    customer.open("/chat")
    customer.ask(wish)
    expect(customer.page.get_by_text("A person will take it from here")).to_be_visible()


def open_newest(agent: Visitor, subject: str) -> None:
    agent.open("/inbox")
    agent.page.locator(".inbox-row", has_text=subject).last.click()
    expect(agent.page.locator(".thread .message--customer").first).to_contain_text(subject)


def test_an_unknown_question_becomes_a_drafted_reply_that_an_agent_edits_and_sends_live(meet: Meet) -> None:
    customer, agent = meet(), meet()
    customer.open("/chat")
    customer.ask(UNKNOWN)
    expect(customer.page.locator(".message--bot .cite")).to_have_count(0)
    customer.ask("Then I want to talk to a human, please.")
    expect(customer.page.get_by_text("A person will take it from here")).to_be_visible()

    agent.open("/inbox")
    agent.page.get_by_label("E-mail address").fill(EMAIL)
    agent.page.get_by_label("Password").fill(PASSWORD)
    agent.page.get_by_role("button", name="Sign in").click()
    row = agent.page.locator(".inbox-row", has_text=UNKNOWN)
    expect(row).to_contain_text("Draft")
    row.click()
    draft = agent.page.get_by_role("region", name="Drafted reply")
    draft.get_by_role("button", name="Edit").click()
    field = agent.page.get_by_role("textbox", name="Reply to the customer")
    field.press("Control+End")
    field.type(" It is green.")
    expect(agent.page.locator(".diff ins")).to_contain_text("green")
    field.press("Control+Enter")

    said = customer.page.locator(".message--person")
    expect(said).to_contain_text("It is green.")
    expect(said).to_contain_text("Maya Lindqvist")
    expect(customer.page.get_by_text("Maya Lindqvist joined", exact=True)).to_be_visible()
    expect(customer.page.locator(".chat__presence")).to_have_text("Maya Lindqvist is with you")


def test_talking_goes_both_ways_without_stealing_what_is_being_typed(meet: Meet, signed_in: StorageState) -> None:
    customer, agent = meet(), meet(storage_state=signed_in)
    hand_over(customer, "I need a human for the blue umbrella.")
    open_newest(agent, "blue umbrella")
    agent.page.get_by_role("button", name="Claim").click()
    field = agent.page.get_by_role("textbox", name="Reply to the customer")
    field.type("One mom")
    customer.page.get_by_role("textbox", name="Your question").fill("Are you there?")
    customer.page.keyboard.press("Enter")
    expect(agent.page.locator(".thread")).to_contain_text("Are you there?")
    expect(field).to_have_value("One mom")
    expect(field).to_be_focused()
    field.type("ent, please.")
    expect(customer.page.get_by_text("Maya Lindqvist is writing…")).to_be_visible()
    field.press("Control+Enter")
    expect(customer.page.locator(".message--person")).to_contain_text("One moment, please.")
    expect(customer.page.locator(".message--bot")).to_have_count(1)


def test_a_note_stays_among_colleagues(meet: Meet, signed_in: StorageState) -> None:
    customer, agent = meet(), meet(storage_state=signed_in)
    hand_over(customer, "I need a human for the red kettle.")
    open_newest(agent, "red kettle")
    agent.page.keyboard.press("n")
    agent.page.get_by_role("textbox", name="Note to colleagues").type("Handle with care")
    agent.page.keyboard.press("Control+Enter")
    expect(agent.page.locator(".message--note")).to_contain_text("Handle with care")
    customer.page.reload()
    expect(customer.page.locator(".message--customer")).to_have_count(1)
    expect(customer.page.get_by_text("Handle with care")).to_have_count(0)


def test_a_draft_can_be_accepted_as_it_is_and_another_discarded(meet: Meet, signed_in: StorageState) -> None:
    customer, other, agent = meet(), meet(), meet(storage_state=signed_in)
    hand_over(customer, "I want a human: how do I stop an answer?")
    open_newest(agent, "how do I stop an answer")
    expect(agent.page.get_by_role("region", name="Drafted reply").locator(".cite").first).to_be_visible()
    expect(
        agent.page.get_by_role("complementary", name="Evidence and context").locator(".source").first
    ).to_be_visible()
    agent.page.get_by_role("button", name="Accept & send").click()
    expect(customer.page.locator(".message--person .cite").first).to_be_visible()
    hand_over(other, "I want a human: how do I rate an answer?")
    open_newest(agent, "how do I rate an answer")
    agent.page.get_by_role("button", name="Discard").click()
    agent.page.get_by_role("button", name="Wrong", exact=True).click()
    expect(agent.page.get_by_role("region", name="Drafted reply")).to_have_count(0)


def test_resolving_tells_the_customer_and_empties_the_row(meet: Meet, signed_in: StorageState) -> None:
    customer, agent = meet(), meet(storage_state=signed_in)
    hand_over(customer, "I need a human for the tin whistle.")
    open_newest(agent, "tin whistle")
    agent.page.get_by_role("button", name="Resolve").click()
    expect(agent.page.locator(".inbox-row", has_text="tin whistle")).to_have_count(0)
    expect(customer.page.get_by_text("marked as solved")).to_be_visible()


def test_an_e_mail_address_can_be_left_while_waiting(meet: Meet, signed_in: StorageState) -> None:
    customer, agent = meet(), meet(storage_state=signed_in)
    hand_over(customer, "I need a human for the glass piano.")
    customer.page.get_by_label("E-mail, if you would rather not wait").fill("ada@example.org")
    customer.page.get_by_role("button", name="Save").click()
    expect(customer.page.get_by_text("We will write to ada@example.org")).to_be_visible()
    open_newest(agent, "glass piano")
    expect(agent.page.get_by_text("ada@example.org").first).to_be_visible()


def test_the_evidence_is_that_of_the_open_conversation(meet: Meet, signed_in: StorageState) -> None:
    for question in ("How do I stop an answer?", "How do I rate an answer?"):
        customer = meet()
        customer.open("/chat")
        customer.ask(question)
    agent = meet(storage_state=signed_in).open("/inbox?view=all")
    evidence = agent.get_by_role("complementary", name="Evidence and context")
    agent.locator(".inbox-row", has_text="How do I stop an answer?").first.click()
    expect(evidence.locator(".source").first).to_contain_text("Stop an answer")
    agent.locator(".inbox-row", has_text="How do I rate an answer?").first.click()
    expect(evidence.locator(".source").first).to_contain_text("Rate an answer")
