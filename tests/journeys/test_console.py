"""What an admin sees and does."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.journeys.conftest import Meet

pytestmark = pytest.mark.browser


def test_an_uploaded_document_is_published_and_the_next_answer_quotes_it(
    meet: Meet, signed_in: StorageState, article: Path
) -> None:
    customer, admin = meet(), meet(storage_state=signed_in)
    page = admin.open("/console/sources")
    page.set_input_files("#files", article)
    page.get_by_label("Source", exact=True).fill("harbour")
    page.get_by_label("Publish when it is done").uncheck()
    page.get_by_role("button", name="Upload and ingest").click()
    expect(page.get_by_role("heading", name="Run of “harbour”")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("zeppelin-parking.md"))).to_contain_text("added")
    expect(page.locator(".stage.is-done")).to_have_count(7)

    customer.open("/chat")
    question = "What does it cost to moor a zeppelin at the north mast?"
    customer.ask(question)
    expect(customer.page.locator(".message--bot .cite")).to_have_count(0)

    page.get_by_role("link", name="See the snapshots").click()
    page.get_by_role("button", name=re.compile("^Publish")).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.locator(".snapshot").first).to_contain_text("answers now")

    customer.ask(question)
    answer = customer.page.locator(".message--bot").last
    expect(answer.locator(".message__text")).to_contain_text("45 euros")
    expect(answer.locator(".source").first).to_contain_text("Zeppelin parking")
    roll_back(page)


def roll_back(page: Page) -> None:
    page.get_by_role("button", name="Roll back").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(page.locator(".snapshot.is-published")).to_have_count(1)
    expect(page.locator(".snapshot").first).not_to_contain_text("answers now")


def test_files_that_cannot_be_read_are_named_before_they_are_sent(
    meet: Meet, signed_in: StorageState, article: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "photo.png"
    picture.write_bytes(b"\x89PNG")
    page = meet(storage_state=signed_in).open("/console/sources")
    page.set_input_files("#files", [picture])
    expect(page.locator(".upload")).to_contain_text("We cannot read this kind of file.")
    expect(page.get_by_role("button", name="Upload and ingest")).to_be_disabled()
    page.set_input_files("#files", [article])
    expect(page.get_by_role("button", name="Upload and ingest")).to_be_enabled()


def test_the_playground_shows_how_each_search_judged_a_passage(meet: Meet, signed_in: StorageState) -> None:
    page = meet(storage_state=signed_in).open("/console/search")
    page.get_by_label("Question").fill("stop an answer")
    page.keyboard.press("Enter")
    first = page.locator(".hit").first
    for name in ("Blend", "Meaning", "Words"):
        expect(first).to_contain_text(re.compile(rf"{name}\s*[01]\.\d\d"))


def test_a_key_is_shown_once_and_can_be_revoked(meet: Meet, signed_in: StorageState) -> None:
    page = meet(storage_state=signed_in).open("/console/keys")
    page.get_by_role("button", name="Create a key").click()
    page.get_by_label("Name").fill("Shop backend")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    secret = page.locator(".secret code").inner_text()
    assert len(secret) > 30
    page.get_by_role("button", name="Done").click()
    page.reload()
    expect(page.get_by_text(secret)).to_have_count(0)
    page.get_by_role("button", name="Revoke Shop backend").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row", name=re.compile("Shop backend"))).to_contain_text("revoked")


def test_a_new_person_sets_a_password_by_a_link_that_works_once(meet: Meet, signed_in: StorageState) -> None:
    page, other = meet(storage_state=signed_in).open("/console/people"), meet()
    page.get_by_role("button", name="Add a person").click()
    page.get_by_label("Name").fill("Tom Becker")
    page.get_by_label("E-mail address").fill("tom@example.com")
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    path = "/" + page.locator(".secret code").inner_text().split("/", 3)[3]
    guest = other.open(path)
    guest.get_by_label("Password").fill("an unlikely sentence")
    guest.get_by_role("button", name="Set password").click()
    expect(guest.get_by_role("heading", name="Inbox")).to_be_visible()
    expect(guest.get_by_role("link", name="Sources")).to_have_count(0)
    guest.goto(other.url + "/console")
    expect(guest.get_by_role("heading")).to_have_text("This page is not for you")
    guest.goto(other.url + path)
    expect(guest.get_by_text("This link was used already")).to_be_visible()


def test_signing_out_closes_every_door(meet: Meet) -> None:
    visitor = meet()
    page = visitor.open("/console/snapshots")
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fconsole%2Fsnapshots"))
    page.get_by_label("E-mail address").fill("maya@example.com")
    page.get_by_label("Password").fill("correct horse battery staple")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Snapshots")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login$"))
    visitor.open("/inbox")
    expect(page).to_have_url(re.compile("/login"))
