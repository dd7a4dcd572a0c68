"""Articles that contradict each other: named, with both spans, and never averaged."""

import pytest

from app.answering.deciding.conflict import conflict_in, differs
from app.answering.evidence import Evidence
from app.answering.grounding import check
from app.answering.sentencing import Sentence
from app.answering.statements import read
from app.knowledge.types import Passage
from app.safety.links import Hosts

OLD = "You may return goods within 30 days of delivery. Keep the receipt."
SAID = Sentence("You may return goods within 30 days of delivery. [1]", "paragraph")
NEW = "You may return goods within 14 days of delivery. Shoes are excluded."


def passage(document: str, text: str, title: str = "Returns", start: int = 50) -> Passage:
    return Passage(document, document, 1, title, f"/{document}", "", text, start, start + len(text))


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("Goods may be returned within 30 days.", "Goods may be returned within 14 days.", "number"),
        ("Admins can delete a snapshot.", "Admins cannot delete a snapshot.", "negation"),
        ("Orders above 50 euros ship free.", "Orders above $50 ship free.", None),
        ("The starter plan includes 3 users.", "The business plan includes 10 users.", None),
        ("A file may have 25 MB.", "A file may have 2 pages.", None),
        ("Open on Monday.", "Open on Tuesday.", None),
        ("Goods may be returned within 30 days.", "Goods may be returned within thirty days.", None),
        ("Keep the receipt.", "Throw away the box.", None),
    ],
)
def test_only_the_same_thing_said_differently_is_a_conflict(one: str, other: str, kind: str | None) -> None:
    assert differs(read(one), read(other)) == kind
    assert differs(read(other), read(one)) == kind


def test_a_conflict_has_both_spans_byte_for_byte() -> None:
    old, new = passage("old", OLD), passage("new", NEW, start=7)
    evidence = Evidence.of([old, new])
    verdict = check(
        Sentence("You may return goods within 30 days of delivery. [1]", "paragraph"), evidence, Hosts.of([])
    )
    conflict = conflict_in(verdict.citations, evidence, read("Until when can I return goods?").stems)
    assert conflict is not None
    assert (conflict.kind, conflict.first.document_id, conflict.second.document_id) == ("number", "old", "new")
    for found, one in ((conflict.first, old), (conflict.second, new)):
        assert one.text[found.start - one.start : found.end - one.start] == found.quote


def test_articles_on_different_things_of_the_question_do_not_conflict() -> None:
    evidence = Evidence.of([passage("a", OLD, "Returns of books"), passage("b", NEW, "Returns of shoes")])
    verdict = check(
        Sentence("You may return goods within 30 days of delivery. [1]", "paragraph"), evidence, Hosts.of([])
    )
    assert conflict_in(verdict.citations, evidence, read("Until when can I return shoes?").stems) is None
    assert conflict_in(verdict.citations, evidence, read("Until when can I return goods?").stems) is not None
