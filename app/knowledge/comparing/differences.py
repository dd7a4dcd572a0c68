"""Which documents and passages differ between two snapshots: operations on a session, decided by keys and hashes.

Nothing here reads a text or holds a snapshot in memory: members are compared by their primary keys, and passages, only
of documents that differ, by the hash of what is embedded for them.
"""

from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.knowledge.tables import DocumentRow, MemberRow, PassageRow, SourceRow, VersionRow
from app.knowledge.types import Snapshot

Change = Literal["added", "changed", "removed"]
CHANGES: tuple[Change, ...] = ("changed", "added", "removed")
_mine = aliased(MemberRow, name="mine")
_other = aliased(MemberRow, name="other")
_twin = aliased(PassageRow, name="twin")


class Sides(NamedTuple):
    """Two snapshots of one workspace: the one that is left, none at first, and the one that would come."""

    before: Snapshot | None
    after: Snapshot


class Wanted(NamedTuple):
    """One page of documents that differ: how they differ, words in their names, after which id, at most how many."""

    change: Change
    words: str = ""
    after: str = ""
    limit: int = 50


def by_source(session: Session, sides: Sides) -> list[dict[str, Any]]:
    """For each source by name: documents before and after, and how many were added, changed and removed."""
    counted: dict[str, dict[str, Any]] = {}
    whole = [("before", _only(sides.before)), ("after", _only(sides.after))]
    for column, which in [*((change, _differing(sides, change)) for change in CHANGES), *whole]:
        for name, count in session.execute(_per_source(which)):
            counted.setdefault(name, _nothing(name))[column] = count
    return [counted[name] for name in sorted(counted)]


def passages(session: Session, sides: Sides) -> dict[str, int]:
    """How many passages are new and how many are gone, in documents that differ."""
    return {
        "added": session.execute(_fresh(sides.after, sides.before)).scalar_one(),
        "removed": session.execute(_fresh(sides.before, sides.after)).scalar_one(),
    }


def documents(session: Session, sides: Sides, wanted: Wanted) -> list[dict[str, Any]]:
    """A page of the documents that differ in one way, in the order of their ids."""
    said = (col(VersionRow.document_id) == col(_mine.document_id)) & (col(VersionRow.number) == col(_mine.version))
    names: tuple[Any, ...] = (col(SourceRow.name).label("source"), col(DocumentRow.external_id), col(VersionRow.title))
    other: Any = col(_other.version).label("other")
    place: tuple[Any, ...] = (col(VersionRow.url), col(VersionRow.audience), col(_mine.version), other)
    query = (
        _with_source(select(col(_mine.document_id).label("id"), *names, *place), _differing(sides, wanted.change))
        .join(VersionRow, said)
        .where(col(_mine.document_id) > wanted.after, _named(wanted.words))
        .order_by(col(_mine.document_id))
        .limit(wanted.limit)
    )
    return [_document(row._mapping, wanted.change) for row in session.execute(query)]  # noqa: SLF001  # public in SQLAlchemy


def _document(row: Any, change: Change) -> dict[str, Any]:  # noqa: ANN401  # a mapping of SQLAlchemy
    shown = {name: value for name, value in row.items() if name not in ("version", "other")}
    older, newer = (row["version"], None) if change == "removed" else (row["other"], row["version"])
    return {**shown, "change": change, "before": older, "after": newer}


def _named(words: str) -> ColumnElement[bool]:
    """Each of the words stands in the title, or in the name that the source gives."""
    names = (col(VersionRow.title), col(DocumentRow.external_id))
    return and_(true(), *(or_(*(one.icontains(word, autoescape=True) for one in names)) for word in words.split()))


class _Which(NamedTuple):
    """Members of one snapshot, beside whatever another snapshot has of the same document."""

    mine: Snapshot | None
    other: Snapshot | None
    condition: ColumnElement[bool]


def _differing(sides: Sides, change: Change) -> _Which:
    if change == "removed":
        return _Which(sides.before, sides.after, col(_other.document_id).is_(None))
    if change == "added":
        return _Which(sides.after, sides.before, col(_other.document_id).is_(None))
    return _Which(sides.after, sides.before, _in_another_form())


def _in_another_form() -> ColumnElement[bool]:
    """Another version is shown, or the same one is cut in another way."""
    return or_(col(_other.version) != col(_mine.version), col(_other.cut) != col(_mine.cut))


def _only(snapshot: Snapshot | None) -> _Which:
    return _Which(snapshot, None, col(_other.document_id).is_(None))


def _members(query: Any, which: _Which) -> Any:  # noqa: ANN401  # a query of SQLAlchemy, with any columns
    same = (col(_other.snapshot_id) == _id(which.other)) & (col(_other.document_id) == col(_mine.document_id))
    own = (col(_mine.snapshot_id) == _id(which.mine)) & (col(_mine.workspace_id) == _workspace(which))
    return query.select_from(_mine).outerjoin(_other, same).where(own, which.condition)


def _with_source(query: Any, which: _Which) -> Any:  # noqa: ANN401  # the same
    documents = _members(query, which).join(DocumentRow, col(DocumentRow.id) == col(_mine.document_id))
    return documents.join(SourceRow, col(SourceRow.id) == col(DocumentRow.source_id))


def _per_source(which: _Which) -> Any:  # noqa: ANN401  # the same
    return _with_source(select(col(SourceRow.name), func.count()), which).group_by(col(SourceRow.name))


def _fresh(mine: Snapshot | None, other: Snapshot | None) -> Any:  # noqa: ANN401  # the same
    """Counts the passages of one snapshot that another has not, in documents that it has not in this form."""
    differs = or_(col(_other.document_id).is_(None), _in_another_form())
    twin = select(col(_twin.id)).where(_of(_twin, _other), col(_twin.hash) == col(PassageRow.hash)).exists()
    return (
        _members(select(func.count()), _Which(mine, other, differs))
        .join(PassageRow, _of(PassageRow, _mine))
        .where(~twin)
    )


def _of(passage: Any, member: Any) -> ColumnElement[bool]:  # noqa: ANN401  # tables, or aliases of them
    """Passages of a document in the form that it has in a snapshot."""
    same = (col(passage.document_id) == col(member.document_id)) & (col(passage.version) == col(member.version))
    return same & (col(passage.cut) == col(member.cut))


def _id(snapshot: Snapshot | None) -> str:
    return snapshot.id if snapshot else ""


def _workspace(which: _Which) -> str:
    known = which.mine or which.other
    return known.workspace_id if known else ""


def _nothing(name: str) -> dict[str, Any]:
    return {"source": name, "before": 0, "after": 0, "added": 0, "changed": 0, "removed": 0}
