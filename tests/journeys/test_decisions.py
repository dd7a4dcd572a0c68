"""Somebody who runs the bot looks into what it decided."""

import re
import subprocess

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.journeys.conftest import PASSWORD, Meet, owner_state
from tests.journeys.test_pages import NARROWEST, complaints, overflow, settled
from tests.serving import COMMAND, ROOT, Server

pytestmark = pytest.mark.browser
QUESTION = "How do I stop an answer while it is being written?"
STRANGE = "How heavy is the bronze statue in your garden?"


@pytest.fixture
def asked(meet: Meet) -> None:
    """A customer was here."""
    customer = meet()
    customer.open("/chat")
    customer.ask(STRANGE)
    customer.ask(QUESTION)


def found(page: Page, words: str) -> None:
    page.get_by_role("searchbox", name="Question").fill(words)
    page.keyboard.press("Enter")


@pytest.mark.usefixtures("asked")
def test_a_decision_is_found_opened_and_computed_again_by_keyboard(meet: Meet, signed_in: StorageState) -> None:
    page = meet(storage_state=signed_in).open("/console/decisions")
    expect(page.locator(".decided__question", has_text=STRANGE).first).to_be_visible()
    found(page, "stop an answer")
    expect(page.locator(".decided__question", has_text=STRANGE)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?words=stop"))
    expect(page.locator("#announcer")).to_contain_text("shown")
    page.get_by_role("link", name=QUESTION).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    expect(page.get_by_role("img", name=re.compile(r"^Probability \d+%, with 90% confidence between"))).to_be_visible()
    expect(page.locator(".checked__one").first).to_contain_text("Shown")
    page.get_by_role("link", name="Passage 1").first.press("Enter")
    expect(page.locator("#passage-1")).to_be_in_viewport()
    expect(page.locator("#passage-1 mark").first).to_be_visible()
    page.get_by_role("button", name="Compute it again").press("Enter")
    expect(page.locator(".again__said")).to_contain_text("The same result")
    expect(page.get_by_role("button", name="Compute it again")).to_be_focused()


@pytest.mark.usefixtures("asked")
def test_an_answer_in_the_inbox_leads_to_its_decision_and_back(meet: Meet, signed_in: StorageState) -> None:
    page = meet(storage_state=signed_in).open("/inbox?view=all")
    page.locator(".inbox-row", has_text=STRANGE).first.click()
    why = page.get_by_role("link", name="Why this answer?")
    expect(why).to_have_count(2)
    why.last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    page.get_by_role("link", name="Open the conversation").click()
    expect(why.first).to_be_visible()


@pytest.mark.usefixtures("asked")
def test_an_agent_is_not_led_where_agents_may_not_go(meet: Meet, server: Server) -> None:
    email = "sam@example.com"
    words = (*COMMAND, "people", "add", email, "--name", "Sam", "--role", "agent", "--password-stdin")
    subprocess.run(words, cwd=ROOT, env=server.env, input=PASSWORD, text=True, check=True, capture_output=True)
    page = meet(storage_state=owner_state(server.url, email)).open("/inbox?view=all")
    page.locator(".inbox-row", has_text=STRANGE).first.click()
    expect(page.get_by_role("button", name="This answer was right").first).to_be_visible()
    expect(page.get_by_role("link", name="Why this answer?")).to_have_count(0)


def test_a_search_for_nothing_says_so_and_one_with_a_mistake_says_what_is_wrong(
    meet: Meet, signed_in: StorageState
) -> None:
    page = meet(storage_state=signed_in).open("/console/decisions?words=xyzzyqwv")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text("No decision fits.")
    page.get_by_role("button", name="Search for everything").click()
    expect(page.get_by_role("searchbox", name="Question")).to_be_focused()
    page.get_by_label("Probability from, in percent").fill("90")
    page.get_by_label("Probability to, in percent").fill("10")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("is above the highest")
    page.goto(page.url.split("?")[0] + "/nothing")
    expect(page.locator(".banner--bad")).to_contain_text("does not exist")
    expect(page.get_by_role("link", name="All decisions")).to_be_visible()


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("question", [QUESTION, STRANGE])
def test_a_decision_is_accessible_and_fits_320_pixels(
    meet: Meet, signed_in: StorageState, theme: str, question: str
) -> None:
    for width in (1280, NARROWEST):
        page = meet(width, 700, color_scheme=theme, storage_state=signed_in).open("/console/decisions")
        settled(page)
        page.get_by_role("link", name=question).first.click()
        expect(page.locator(".decision")).to_be_visible()
        assert complaints(page) == []
        assert overflow(page) <= 0
