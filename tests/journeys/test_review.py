"""An admin sees what a change does before it is live, and whom it makes us correct."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import StorageState, expect

from tests.journeys.conftest import Meet
from tests.serving import Server, answerdesk
from tests.shelving import write

pytestmark = pytest.mark.browser
PIER = "---\ntitle: Balloon landing fees\n---\n\nLanding a hot air balloon on the east pier costs {fee} crowns a day.\n"
LOCK = "---\ntitle: Canal lock tolls\n---\n\nPassing the upper canal lock with a rowing boat costs {fee} thalers.\n"
LOCKS = "What does passing the upper canal lock with a rowing boat cost?"
QUESTION = "What does landing a hot air balloon on the east pier cost?"


def test_a_changed_price_is_seen_before_it_is_live_and_corrected_where_it_was_told(
    meet: Meet, signed_in: StorageState, server: Server, tmp_path: Path
) -> None:
    customer, admin = meet(), meet(storage_state=signed_in)
    answerdesk("ingest", *write(tmp_path / "pier", {"fees.md": PIER.format(fee=70)}), env=server.env)
    customer.open("/chat")
    customer.ask(QUESTION)
    expect(customer.page.locator(".message--bot").last).to_contain_text("70 crowns")
    answerdesk("ingest", *write(tmp_path / "pier", {"fees.md": PIER.format(fee=95)}), "--no-publish", env=server.env)

    page = admin.open("/console/snapshots")
    page.get_by_role("link", name=re.compile("Look at the snapshot")).first.click()
    expect(page.get_by_role("heading", name="Before publishing")).to_be_visible()
    expect(page.locator(".tally").first).to_contain_text("~1 changed")
    page.locator(".turned", has_text="Balloon landing fees").locator("summary").click()
    expect(page.locator(".beside del")).to_have_text("70")
    expect(page.locator(".beside ins")).to_have_text("95")
    page.get_by_role("tab", name=re.compile("Answers")).press("Enter")
    affected = page.locator(".turned", has_text=QUESTION)
    expect(affected).to_contain_text("Other evidence")
    affected.locator("summary").click()
    expect(affected.locator(".beside").first).to_contain_text("95 crowns")
    expect(affected.locator(".beside del").first).to_have_text("70")
    expect(affected.locator(".beside ins").first).to_have_text("95")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.locator(".verdict")).to_contain_text("answers now")

    told = page.locator(".told", has_text=QUESTION)
    for _ in range(20):
        admin.open("/console/corrections")
        page.locator(".told, .empty").first.wait_for()
        if told.count():
            break
        page.wait_for_timeout(500)
    expect(told).to_contain_text("costs 95 crowns")
    told.get_by_role("link", name="Open the conversation").click()
    draft = page.locator(".draft")
    expect(draft).to_contain_text("an answer needs correcting")
    draft.get_by_role("button", name="Accept & send").click()
    expect(customer.page.locator(".message--person").last).to_contain_text("95 crowns")
    admin.open("/console/corrections")
    page.get_by_role("button", name=re.compile("^Told")).click()
    expect(page.locator(".told", has_text=QUESTION)).to_contain_text("told")


def test_a_drafted_correction_appears_to_an_agent_who_has_the_inbox_open(
    meet: Meet, signed_in: StorageState, server: Server, tmp_path: Path
) -> None:
    customer, agent = meet(), meet(storage_state=signed_in)
    answerdesk("ingest", *write(tmp_path / "canal", {"locks.md": LOCK.format(fee=3)}), env=server.env)
    customer.open("/chat")
    customer.ask(LOCKS)
    expect(customer.page.locator(".message--bot").last).to_contain_text("3 thalers")
    page = agent.open("/inbox?view=all")
    page.locator(".inbox-row", has_text=LOCKS).click()
    expect(page.locator(".thread .message--bot").last).to_contain_text("3 thalers")
    expect(page.locator(".draft")).to_have_count(0)
    waiting = meet(storage_state=signed_in).open("/inbox")
    expect(waiting.locator(".inbox-row", has_text=LOCKS)).to_have_count(0)

    answerdesk("ingest", *write(tmp_path / "canal", {"locks.md": LOCK.format(fee=4)}), env=server.env)
    expect(page.locator(".draft")).to_contain_text("4 thalers")
    expect(page.locator(".draft")).to_contain_text("an answer needs correcting")
    expect(waiting.locator(".inbox-row", has_text=LOCKS)).to_contain_text("Draft")


def test_a_probe_question_is_kept_changed_and_removed(meet: Meet, signed_in: StorageState) -> None:
    page = meet(storage_state=signed_in).open("/console/probes")
    page.get_by_role("button", name="Add a question").first.click()
    page.get_by_role("textbox", name="Question").fill("What is the weather on Mars?")
    page.get_by_label("It must").select_option("no_answer")
    page.get_by_role("button", name="Keep").click()
    row = page.get_by_role("row", name=re.compile("weather on Mars"))
    expect(row).to_contain_text("must not be answered")
    row.get_by_role("button", name=re.compile("Edit")).click()
    page.get_by_role("textbox", name="Question").fill("How do I stop an answer?")
    page.get_by_label("It must").select_option("document")
    page.get_by_role("button", name="Keep").click()
    row = page.get_by_role("row", name=re.compile("stop an answer"))
    row.get_by_role("button", name=re.compile("Remove")).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("row", name=re.compile("stop an answer"))).to_have_count(0)
    page.get_by_role("button", name=re.compile("Change when runs of “kb”")).click()
    page.get_by_label("Runs publish", exact=True).select_option("never")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("row", name=re.compile("^kb"))).to_contain_text("after a look")
    page.get_by_role("button", name=re.compile("Change when runs of “kb”")).click()
    page.get_by_label("Runs publish", exact=True).select_option("checks")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("row", name=re.compile("^kb"))).to_contain_text("when checks pass")
