"""What differs between two snapshots."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import NotFound
from app.knowledge.comparing.alignment import Said, side_by_side, word_changes
from app.knowledge.comparing.comparison import Comparison
from app.knowledge.comparing.differences import Change, Sides, Wanted
from app.knowledge.library import Library
from tests.knowledge.conftest import ARTICLES
from tests.shelving import WORKSPACE, ingestion, order, write

CHANGED = ARTICLES["refunds.md"].replace("30 days", "14 days")


async def _sides(library: Library, tmp_path: Path) -> Sides:
    """The three articles are published; a candidate has one changed, one new, and one is gone."""
    (tmp_path / "kb" / "password.md").unlink()
    places = write(tmp_path / "kb", {"refunds.md": CHANGED, "new.md": "# Gift cards\n\nGift cards never expire.\n"})
    report = await ingestion(library).ingest(order(places, prune=True, publish=False))
    return await Comparison(library.snapshots).sides(WORKSPACE, str(report.snapshot_id))


async def test_documents_and_passages_are_counted_by_source(published: Library, tmp_path: Path) -> None:
    sides = await _sides(published, tmp_path)
    summary = await Comparison(published.snapshots).summary(sides)
    assert summary["documents"] == {"changed": 1, "added": 1, "removed": 1}
    assert summary["passages"] == {"added": 2, "removed": 2}
    assert summary["sources"] == [{"source": "help", "before": 3, "after": 3, "added": 1, "changed": 1, "removed": 1}]


async def test_the_first_snapshot_is_all_new_and_the_same_one_twice_is_no_change(published: Library) -> None:
    comparison = Comparison(published.snapshots)
    only = (await published.snapshots.latest(WORKSPACE))[0]
    assert (await comparison.summary(Sides(None, only)))["documents"] == {"changed": 0, "added": 3, "removed": 0}
    same = await comparison.summary(Sides(only, only))
    assert (same["documents"], same["passages"]) == (
        {"changed": 0, "added": 0, "removed": 0},
        {"added": 0, "removed": 0},
    )


@pytest.mark.parametrize(
    ("change", "name", "versions"),
    [("changed", "refunds.md", (1, 2)), ("added", "new.md", (None, 1)), ("removed", "password.md", (1, None))],
)
async def test_a_page_names_what_differs_and_how(
    published: Library, tmp_path: Path, change: Change, name: str, versions: tuple[int | None, int | None]
) -> None:
    sides = await _sides(published, tmp_path)
    comparison = Comparison(published.snapshots)
    [found] = await comparison.documents(sides, Wanted(change))
    assert (found["external_id"], (found["before"], found["after"])) == (name, versions)
    assert await comparison.documents(sides, Wanted(change, after=found["id"])) == []
    assert await comparison.documents(sides, Wanted(change, words="no such words")) == []
    assert await comparison.documents(sides, Wanted(change, words=name.upper()[:3])) == [found]


async def test_a_document_is_shown_word_by_word(published: Library, tmp_path: Path) -> None:
    sides = await _sides(published, tmp_path)
    comparison = Comparison(published.snapshots)
    [changed] = await comparison.documents(sides, Wanted("changed"))
    shown = await comparison.document(sides, changed["id"])
    [row] = [one for one in shown.rows if one.kind == "changed"]
    assert [one.text for one in row.before if one.kind == "removed"] == ["30"]
    assert [one.text for one in row.after if one.kind == "added"] == ["14"]
    [gone] = await comparison.documents(sides, Wanted("removed"))
    assert {one.kind for one in (await comparison.document(sides, gone["id"])).rows} == {"removed"}
    with pytest.raises(NotFound):
        await comparison.document(sides, "00000000-0000-7000-8000-000000000000")


async def test_a_new_title_is_told_beside_the_text(published: Library, tmp_path: Path) -> None:
    renamed = ARTICLES["team.md"].replace("Escalation list", "Whom to call")
    report = await ingestion(published).ingest(order(write(tmp_path / "kb", {"team.md": renamed}), publish=False))
    comparison = Comparison(published.snapshots)
    sides = await comparison.sides(WORKSPACE, str(report.snapshot_id))
    [changed] = await comparison.documents(sides, Wanted("changed"))
    shown = await comparison.document(sides, changed["id"])
    assert shown.about == {"title": ("Escalation list", "Whom to call")}
    assert [(row.kind, row.passages) for row in shown.rows] == [("same", 1)]


@given(st.text(max_size=200), st.text(max_size=200))
def test_each_side_of_word_changes_is_its_text_again(older: str, newer: str) -> None:
    left, right = word_changes(older, newer)
    assert ("".join(one.text for one in left), "".join(one.text for one in right)) == (older, newer)
    stayed = ["".join(one.text for one in side if one.kind == "same") for side in (left, right)]
    assert stayed[0] == stayed[1]


@given(st.lists(st.text(max_size=20), max_size=8), st.lists(st.text(max_size=20), max_size=8))
def test_every_passage_stands_in_the_rows_once(older: list[str], newer: list[str]) -> None:
    rows = side_by_side([Said("", text) for text in older], [Said("", text) for text in newer])
    same = sum(row.passages for row in rows if row.kind == "same")
    assert same + sum(row.kind in ("changed", "removed") for row in rows) == len(older)
    assert same + sum(row.kind in ("changed", "added") for row in rows) == len(newer)


def test_passages_that_say_something_else_are_not_called_changed() -> None:
    rows = side_by_side([Said("A", "Parcels travel by train.")], [Said("B", "We never store card numbers here.")])
    assert [row.kind for row in rows] == ["added", "removed"]


async def test_the_published_snapshot_is_held_against_the_one_before(published: Library, tmp_path: Path) -> None:
    sides = await _sides(published, tmp_path)
    comparison = Comparison(published.snapshots)
    assert sides.before
    assert (await comparison.sides(WORKSPACE, sides.before.id)).before is None
    await published.publish(WORKSPACE, sides.after.id)
    assert await comparison.sides(WORKSPACE, sides.after.id) == await comparison.sides(
        WORKSPACE, sides.after.id, sides.before.id
    )
    back = await comparison.sides(WORKSPACE, sides.before.id)
    assert (back.before and back.before.id, back.after.id) == (sides.after.id, sides.before.id)
