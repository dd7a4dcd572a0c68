"""What an admin sees of models, money and changes, and does about them."""

import re

import pytest
from playwright.sync_api import StorageState, expect

from tests.journeys.conftest import Meet

pytestmark = pytest.mark.browser


def test_a_model_is_tested_and_the_answer_streams_into_the_dialog(meet: Meet, signed_in: StorageState) -> None:
    page = meet(storage_state=signed_in).open("/console/models")
    page.get_by_role("button", name="Test extractive").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Question")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Answer")).to_contain_text("Paris")
    expect(dialog).to_contain_text("answered")
    page.keyboard.press("Escape")
    expect(page.get_by_role("row", name=re.compile("^extractive"))).to_contain_text("answers")


def test_a_route_is_changed_by_keyboard_and_set_back(meet: Meet, signed_in: StorageState) -> None:
    page = meet(storage_state=signed_in, width=375, height=740).open("/console/models")
    page.get_by_role("button", name="Edit the route Drafts").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("The route “draft” is empty.")
    dialog.get_by_label("Add to “In this order”").select_option("extractive")
    expect(dialog.get_by_role("list", name="In this order")).to_contain_text("extractive")
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("changed here")).to_be_visible()
    page.get_by_role("button", name="Set the route Drafts back").click()
    page.get_by_role("dialog").get_by_role("button", name="Set back").click()
    expect(page.get_by_text("changed here")).to_have_count(0)
    page.goto(page.url.replace("models", "audit?action=route"))
    expect(page.get_by_role("row", name=re.compile("route changed"))).to_contain_text(re.compile("strong:.*extractive"))


def test_usage_tells_of_a_turn_and_gives_a_sheet(meet: Meet, signed_in: StorageState) -> None:
    customer, admin = meet(), meet(storage_state=signed_in)
    customer.open("/chat")
    customer.ask("How do I stop an answer while it is being written?")
    page = admin.open("/console/usage")
    expect(page.get_by_role("table", name="By purpose")).to_contain_text("answer")
    expect(page.get_by_text("No budget is set")).to_be_visible()
    page.get_by_label("Period").select_option("7")
    expect(page).to_have_url(re.compile("days=7"))
    page.get_by_text("As a table").click()
    expect(page.get_by_role("table", name="Spent each day")).to_be_visible()
    with page.expect_download() as sheet:
        page.get_by_role("link", name="CSV").click()
    assert sheet.value.suggested_filename == "answerdesk-usage.csv"
    assert sheet.value.path().read_text().startswith("day,model,purpose,calls")


def test_the_audit_log_is_searched_and_the_search_is_in_the_address(meet: Meet, signed_in: StorageState) -> None:
    page = meet(storage_state=signed_in).open("/console/audit")
    expect(page.get_by_text("unbroken")).to_be_visible()
    page.get_by_label("What", exact=True).select_option("person")
    expect(page.get_by_role("row", name=re.compile("person added")).first).to_be_visible()
    expect(page).to_have_url(re.compile("action=person"))
    page.get_by_label("Who or which").fill("nobody of that name")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No change fits this search.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Who or which")).to_have_value("nobody of that name")
    with page.expect_download() as sheet:
        page.get_by_role("link", name="CSV").click()
    assert sheet.value.path().read_text().startswith("sequence,at,actor")
