"""What an admin writes, changes and takes away, and what a customer is told then."""

import re
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.journeys.conftest import EMAIL, PASSWORD, Meet, Visitor
from tests.serving import Server

pytestmark = pytest.mark.browser

QUESTION = "How long may a submarine stay at the pier?"
ANSWER = "A submarine may stay at the pier for eleven nights."


def answer_to(customer: Visitor, question: str) -> str:
    customer.ask(question)
    return customer.page.locator(".message--bot").last.inner_text()


def write(page: Page, title: str, text: str) -> None:
    page.goto(page.url.split("/console")[0] + "/console/articles")
    page.get_by_role("button", name="New article").first.click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Text in Markdown").fill(text)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def publish(page: Page) -> None:
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".banner--good")).to_contain_text("It answers now.")


def test_an_article_is_written_published_asked_for_and_cited(meet: Meet, signed_in: StorageState) -> None:
    customer, admin = meet(), meet(storage_state=signed_in)
    customer.open("/chat")
    assert "eleven nights" not in answer_to(customer, QUESTION)
    page = admin.open("/console/articles")
    write(page, "Submarines at the pier", f"## How long\n\n{ANSWER}\n")
    expect(page.locator(".article-preview")).to_contain_text("eleven nights")
    publish(page)
    assert "eleven nights" in answer_to(customer, QUESTION)
    source = customer.page.locator(".message--bot").last.locator(".source").first
    expect(source).to_contain_text("Submarines at the pier")
    expect(admin.open("/help/submarines-at-the-pier").locator("main")).to_contain_text("eleven nights")
    page = admin.open("/console/articles")
    page.get_by_role("link", name="Submarines at the pier").click()
    page.get_by_role("button", name="Take back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(page.locator(".banner--good")).to_contain_text("It answers no longer.")
    forgotten(lambda: page.request.get(f"{admin.url}/api/search", params={"q": QUESTION}).text(), "eleven nights")
    assert "eleven nights" not in answer_to(customer, QUESTION)


def test_a_pushed_document_is_cited_until_it_is_deleted(meet: Meet, server: Server) -> None:
    customer = meet()
    customer.open("/chat")
    question = "What does the mooring of a gondola cost?"
    with httpx.Client(base_url=server.url, timeout=30, headers={"Sec-Fetch-Site": "same-origin"}) as shop:
        shop.post("/api/session", json={"email": EMAIL, "password": PASSWORD}).raise_for_status()
        text = "# Gondolas\n\nThe mooring of a gondola costs seventeen euros.\n"
        pushed = shop.put("/api/admin/documents/harbour/gondolas", json={"text": text})
        assert pushed.status_code == 201
        wait(shop, pushed.json()["run_id"])
        assert "seventeen euros" in answer_to(customer, question)
        deleted = shop.delete("/api/admin/documents/harbour/gondolas")
        assert deleted.status_code == 204
        wait(shop, deleted.headers["location"].rpartition("/")[2])
        forgotten(lambda: shop.get("/api/search", params={"q": question}).text, "seventeen euros")
        assert "seventeen euros" not in answer_to(customer, question)


def forgotten(found: Callable[[], str], words: str) -> None:
    """The server opens a new snapshot while the old one still answers, which takes long on a busy machine."""
    until = time.monotonic() + 30
    while words in found():
        assert time.monotonic() < until, f"“{words}” is still found"
        time.sleep(0.2)


def wait(shop: httpx.Client, run_id: str) -> None:
    with shop.stream("GET", f"/api/admin/ingest-runs/{run_id}/events") as stream:
        for _ in stream.iter_lines():
            pass
    assert shop.get(f"/api/admin/ingest-runs/{run_id}").json()["state"] == "done"


def test_a_draft_survives_a_reload_and_words_that_never_reached_the_server(meet: Meet, signed_in: StorageState) -> None:
    admin = meet(storage_state=signed_in)
    page = admin.open("/console/articles")
    write(page, "Kept words", "First words.")
    page.reload()
    expect(page.get_by_label("Text in Markdown")).to_have_value("First words.")
    page.route(
        "**/api/admin/articles/*", lambda route: route.abort() if route.request.method == "PUT" else route.continue_()
    )
    page.get_by_label("Text in Markdown").fill("Second words.")
    expect(page.get_by_text("Not saved: no connection.")).to_be_visible()
    page.unroute("**/api/admin/articles/*")
    page.reload()
    expect(page.get_by_label("Text in Markdown")).to_have_value("Second words.")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def test_two_who_write_choose_which_words_stay(meet: Meet, signed_in: StorageState) -> None:
    first, second = meet(storage_state=signed_in), meet(storage_state=signed_in)
    page = first.open("/console/articles")
    write(page, "Two authors", "Old words.")
    other = second.open(page.url.removeprefix(first.url))
    expect(other.get_by_label("Text in Markdown")).to_have_value("Old words.")
    page.get_by_label("Text in Markdown").fill("Words of the first.")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    other.get_by_label("Text in Markdown").fill("Words of the second.")
    dialog = other.get_by_role("dialog", name="Somebody else saved this article")
    expect(dialog.locator("del")).to_contain_text("first.")
    dialog.get_by_role("button", name="Keep mine").click()
    expect(other.get_by_text("Saved", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Text in Markdown")).to_have_value("Words of the second.")


def test_the_toolbar_is_worked_with_the_keyboard(meet: Meet, signed_in: StorageState) -> None:
    page = meet(storage_state=signed_in).open("/console/articles")
    write(page, "Marked words", "bold")
    text = page.get_by_label("Text in Markdown")
    text.press("Control+A")
    text.press("Control+B")
    expect(text).to_have_value("**bold**")
    page.get_by_role("button", name="Bold (Ctrl+B)").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Bold (Ctrl+B)")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(text).to_have_value(re.compile("^## "))


def test_a_passage_is_edited_and_its_change_in_the_source_is_settled(meet: Meet, signed_in: StorageState) -> None:
    customer, admin = meet(), meet(storage_state=signed_in)
    page = admin.open("/console/articles")
    write(page, "Kayaks in the canal", "A kayak in the canal costs two euros for each hour of the day.")
    publish(page)
    article = page.url
    documents = page.request.get(admin.url + "/api/admin/documents?limit=200").json()["data"]
    kayaks = next(one["id"] for one in documents if one["title"] == "Kayaks in the canal")
    page.goto(f"{admin.url}/console/documents/{kayaks}")
    page.get_by_role("button", name="Change").click()
    page.get_by_label("What it says").fill("A kayak in the canal costs three euros for each hour of the day.")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator(".banner--good")).to_be_visible()
    expect(page.locator(".passage")).to_contain_text("edited here")
    customer.open("/chat")
    assert "three euros" in answer_to(customer, "What does a kayak in the canal cost?")
    page.goto(article)
    page.get_by_label("Text in Markdown").fill("A kayak in the canal costs four euros for each hour of the day.")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    publish(page)
    page.goto(admin.url + "/console/conflicts")
    conflict = page.get_by_role("region", name="The source no longer says this.")
    expect(conflict).to_contain_text("four euros")
    conflict.get_by_role("button", name="Drop").click()
    page.get_by_role("dialog").get_by_role("button", name="Drop").click()
    expect(page.get_by_text("No conflicts")).to_be_visible()
