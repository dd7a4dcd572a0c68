"""Exports of help desks, in the shapes that their interfaces give articles."""

import json
from typing import Any

import pytest

from app.knowledge.readings import Reading
from ingest.loaders import Refused, Unreadable, load

ZENDESK = {
    "articles": [
        {"id": 1, "title": "Fees", "body": "<p>There are <b>none</b>.</p>", "html_url": "https://h.example/fees",
         "locale": "en-us", "source_locale": "en-us", "draft": False, "section_id": 7, "label_names": ["money"],
         "updated_at": "2026-10-01T08:00:00Z", "user_segment_id": None},
        {"id": 2, "title": "Draft", "body": "<p>Not yet.</p>", "draft": True, "section_id": 7},
        {"id": 3, "title": "Staff", "body": "<p>Only us.</p>", "draft": False, "section_id": 7, "user_segment_id": 9},
    ],
    "sections": [{"id": 7, "name": "Paying", "category_id": 8}],
    "categories": [{"id": 8, "name": "Money"}],
}  # fmt: skip
INTERCOM = {
    "type": "list",
    "data": [
        {"type": "article", "id": "5", "title": "Refunds", "body": "<p>Within two weeks.</p>", "state": "published",
         "url": "https://h.example/refunds", "default_locale": "en", "updated_at": 1790000000,
         "translated_content": {"type": "article_translated_content", "de": {
             "type": "article_content", "title": "Erstattung", "body": "<p>Bald.</p>", "state": "published"}}},
        {"type": "article", "id": "6", "title": "Later", "body": "<p>x</p>", "state": "draft"},
    ],
}  # fmt: skip
FRESHDESK = [
    {"name": "General", "folders": [{"name": "Start", "articles": [
        {"id": 11, "title": "Begin", "description": "<p>Plug it in.</p>", "status": 2, "folder_id": 4},
        {"id": 12, "title": "Hidden", "description": "<p>Later.</p>", "status": 1, "folder_id": 4}]}]}
]  # fmt: skip
HELPSCOUT = {"articles": {"items": [
    {"id": "a1", "collectionId": "c", "name": "Reset", "text": "<p>Hold the button.</p>", "status": "published",
     "publicUrl": "https://h.example/reset", "updatedAt": "2026-09-09T00:00:00Z"},
    {"id": "a2", "collectionId": "c", "name": "Old", "text": "<p>Gone.</p>", "status": "notpublished"}]}}  # fmt: skip


def readings(name: str, value: Any) -> list[Reading]:  # noqa: ANN401  # any JSON
    found = load(name, json.dumps(value).encode())
    assert not [one for one in found if isinstance(one, Refused)]
    return [one for one in found if isinstance(one, Reading)]


def test_zendesk_keeps_titles_addresses_categories_and_who_may_read() -> None:
    fees, staff = readings("export.json", ZENDESK)
    assert (fees.external_id, fees.title, fees.text, fees.url) == (
        "zendesk#1", "Fees", "There are none.", "https://h.example/fees",
    )  # fmt: skip
    assert (fees.locale, fees.audience) == ("en", "")
    assert fees.front_matter == {"category": "Money", "updated": "2026-10-01", "tags": "money"}
    assert (staff.external_id, staff.audience) == ("zendesk#3", "internal")


def test_intercom_has_a_document_for_each_language() -> None:
    english, german = readings("export.json", INTERCOM)
    assert (english.external_id, english.locale, english.text) == ("intercom#5", "en", "Within two weeks.")
    assert (german.external_id, german.locale, german.title) == ("intercom#5/de", "de", "Erstattung")
    assert english.front_matter == {"updated": "2026-09-21"}


def test_freshdesk_takes_the_category_from_above() -> None:
    (begin,) = readings("export.json", FRESHDESK)
    assert (begin.external_id, begin.text, begin.front_matter) == (
        "freshdesk#11", "Plug it in.", {"category": "General"},
    )  # fmt: skip


def test_help_scout_leaves_out_what_is_not_published() -> None:
    (reset,) = readings("export.json", HELPSCOUT)
    assert (reset.external_id, reset.title, reset.url) == ("helpscout#a1", "Reset", "https://h.example/reset")


@pytest.mark.parametrize("desk", [ZENDESK["articles"], INTERCOM["data"]], ids=["zendesk", "intercom"])
def test_the_same_articles_are_the_same_documents_line_by_line(desk: list[dict[str, Any]]) -> None:
    lines = "\n".join(json.dumps(one) for one in desk).encode()
    assert [one.external_id for one in load("export.jsonl", lines) if isinstance(one, Reading)] == [
        one.external_id for one in readings("export.json", desk)
    ]


def test_a_table_of_articles_is_recognised_as_well() -> None:
    table = b'id,title,body,section_id,draft\n1,Fees,"<p>There are none.</p>",7,false\n2,Later,<p>x</p>,7,true\n'
    (fees,) = load("export.csv", table)
    assert isinstance(fees, Reading)
    assert (fees.external_id, fees.text) == ("zendesk#1", "There are none.")


def test_other_json_is_a_list_of_rows() -> None:
    (one,) = readings("faq.json", [{"id": "a", "question": "When?", "answer": "Now."}])
    assert (one.external_id, one.title, one.text) == ("faq.json#a", "When?", "Now.")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"articles": [', "not valid JSON"),
        (b"[1, 2]", "neither a list of objects nor an export that we know"),
        (json.dumps({"articles": ZENDESK["articles"][1:2]}).encode(), "drafts, so none is read"),
        (b"[" * 100_000, "nested too deeply|not valid JSON"),
    ],
    ids=["torn", "numbers", "drafts", "deep"],
)
def test_a_file_that_is_no_export_is_told_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        load("export.json", content)
