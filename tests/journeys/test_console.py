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


def listed(page: Page) -> list[str]:
    """The paths of the files that are about to be uploaded."""
    return sorted(page.locator(".upload .clip").all_inner_texts())


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    """A folder with folders in it, a picture, and what an editor keeps for itself."""
    folder = tmp_path / "handbook"
    for name in ("start.md", "rigging/masts.md", "rigging/deep/ropes.txt", ".git/config", "rigging/.hidden.md"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {path.stem}\n\nHow the airship yard handles {path.stem} is told here.\n")
    (folder / "photo.png").write_bytes(b"\x89PNG")
    return folder


IN_HANDBOOK = [
    "handbook/photo.png",
    "handbook/rigging/deep/ropes.txt",
    "handbook/rigging/masts.md",
    "handbook/start.md",
]


def test_a_folder_is_chosen_with_all_that_lies_in_it(meet: Meet, signed_in: StorageState, handbook: Path) -> None:
    page = meet(storage_state=signed_in).open("/console/sources")
    page.set_input_files("#folder", handbook)
    expect(page.locator(".upload")).to_have_count(4)
    assert listed(page) == IN_HANDBOOK
    expect(page.locator(".upload", has_text="photo.png")).to_contain_text("not accepted")
    page.get_by_label("Source", exact=True).fill("airship yard")
    page.get_by_role("button", name="Upload and ingest").click()
    for name in ("start.md", "masts.md", "ropes.txt"):
        expect(page.get_by_role("row", name=re.compile(name))).to_contain_text("added")


def test_a_folder_is_dropped_with_all_that_lies_in_it(meet: Meet, signed_in: StorageState, handbook: Path) -> None:
    """Dragged by the browser itself, because a page can make no folder of its own."""
    visitor = meet(storage_state=signed_in)
    page = visitor.open("/console/sources")
    box = page.locator(".drop").bounding_box()
    assert box
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 10}
    dragged = {"items": [], "files": [str(handbook)], "dragOperationsMask": 1}
    devtools = visitor.context.new_cdp_session(page)
    for step in ("dragEnter", "dragOver"):
        devtools.send("Input.dispatchDragEvent", {"type": step, **place, "data": dragged})
    expect(page.locator(".drop")).to_have_class(re.compile("is-over"))
    devtools.send("Input.dispatchDragEvent", {"type": "drop", **place, "data": dragged})
    expect(page.locator(".upload")).to_have_count(4)
    assert listed(page) == IN_HANDBOOK
    expect(page.locator(".drop")).not_to_have_class(re.compile("is-over"))


def test_files_are_dropped(meet: Meet, signed_in: StorageState) -> None:
    page = meet(storage_state=signed_in).open("/console/sources")
    page.locator(".drop").evaluate(
        """(place) => {
            const dataTransfer = new DataTransfer();
            for (const name of ["one.md", "two.md"]) dataTransfer.items.add(new File(["# A page"], name));
            place.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
        }"""
    )
    expect(page.locator(".upload")).to_have_count(2)
    assert listed(page) == ["one.md", "two.md"]


def test_how_a_source_is_cut_is_changed_and_told_in_words(meet: Meet, signed_in: StorageState, article: Path) -> None:
    page = meet(storage_state=signed_in).open("/console/sources")
    page.set_input_files("#files", article)
    page.get_by_label("Source", exact=True).fill("quay")
    page.get_by_label("Publish when it is done").uncheck()
    page.get_by_role("button", name="Upload and ingest").click()
    expect(page.locator(".stage.is-done")).to_have_count(7)
    page.goto(page.url.split("/console")[0] + "/console/sources")
    page.get_by_role("button", name="How quay is cut").click()
    dialog = page.get_by_role("dialog", name="How it is cut")
    expect(dialog.locator("output")).to_contain_text("as much as the embedding model reads at once")
    tokens, overlap = dialog.get_by_label("Longest passage in tokens"), dialog.get_by_label("Overlap in tokens")
    tokens.fill("20")
    dialog.get_by_role("button", name="Cut anew").click()
    expect(dialog.get_by_role("alert")).to_contain_text("a whole number from 32 to 4,096 tokens")
    tokens.fill("40")
    overlap.fill("40")
    expect(dialog.locator("output")).to_have_text("The overlap must be smaller than the longest passage.")
    overlap.fill("16")
    dialog.get_by_label("Read along what stands before and behind").check()
    expect(dialog.locator("output")).to_contain_text("at most 40 tokens, about 30 words")
    expect(dialog.locator("output")).to_contain_text("the last 16 tokens of the passage before and its neighbours")
    overlap.press("Enter")
    expect(page.get_by_role("heading", name="Run of “quay”")).to_be_visible()
    expect(page.locator(".stage.is-done")).to_have_count(7)
    page.goto(page.url.split("/console")[0] + "/console/sources")
    expect(page.get_by_role("row", name=re.compile("quay"))).to_contain_text("cut at 40 tokens, 16 read along")


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
