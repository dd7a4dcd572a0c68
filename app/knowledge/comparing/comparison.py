"""The only place that reads two snapshots against each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from app.database import Database
from app.errors import NotFound
from app.knowledge.comparing import differences
from app.knowledge.comparing.alignment import Row, Said, side_by_side
from app.knowledge.comparing.differences import Sides, Wanted
from app.knowledge.snapshots import SnapshotStore
from app.knowledge.store import document_version
from app.knowledge.tables import MemberRow, PassageRow, VersionRow
from app.knowledge.types import DocumentVersion, Snapshot

_TOLD = ("title", "url", "audience", "locale")


class OneDocument(NamedTuple):
    """A document in two snapshots: its versions, what is known about it that changed, and its passages beside."""

    before: DocumentVersion | None
    after: DocumentVersion | None
    rows: list[Row]

    @property
    def about(self) -> dict[str, tuple[str, str]]:
        """What changed besides the text: (before, after) by name."""
        if self.before is None or self.after is None:
            return {}
        pairs = {name: (str(getattr(self.before, name)), str(getattr(self.after, name))) for name in _TOLD}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences between two snapshots of a workspace."""

    snapshots: SnapshotStore

    @property
    def database(self) -> Database:
        """Where both are."""
        return self.snapshots.database

    async def sides(self, workspace_id: str, snapshot_id: str, against: str | None = None) -> Sides:
        """This snapshot, and the one to hold it against: by default the published one, for which it is the one before.

        Raises `NotFound` for a snapshot that is not there.
        """
        after = await self.snapshots.get(workspace_id, snapshot_id)
        published, previous = await self.snapshots.standing(workspace_id)
        chosen = against or (previous if published == snapshot_id else published)
        return Sides(await self.snapshots.get(workspace_id, chosen) if chosen else None, after)

    async def summary(self, sides: Sides) -> dict[str, Any]:
        """How many documents of each source, and how many passages, were added, changed and removed."""
        return await self.database.read(lambda session: _summary(session, sides))

    async def documents(self, sides: Sides, wanted: Wanted) -> list[dict[str, Any]]:
        """A page of the documents that differ in one way, in the order of their ids."""
        return await self.database.read(lambda session: differences.documents(session, sides, wanted))

    async def document(self, sides: Sides, document_id: str) -> OneDocument:
        """One document side by side; `NotFound` when it is in neither snapshot."""
        before, after = await self.database.read(lambda session: _texts(session, sides, document_id))
        if before is None and after is None:
            raise NotFound("This document is in neither of the two snapshots.")
        rows = side_by_side(before[1] if before else (), after[1] if after else ())
        return OneDocument(before[0] if before else None, after[0] if after else None, rows)


def _summary(session: Session, sides: Sides) -> dict[str, Any]:
    sources = differences.by_source(session, sides)
    documents = {change: sum(one[change] for one in sources) for change in differences.CHANGES}
    return {"documents": documents, "passages": differences.passages(session, sides), "sources": sources}


_Text = tuple[DocumentVersion, Sequence[Said]]


def _texts(session: Session, sides: Sides, document_id: str) -> tuple[_Text | None, _Text | None]:
    return _text(session, sides.before, document_id), _text(session, sides.after, document_id)


def _text(session: Session, snapshot: Snapshot | None, document_id: str) -> _Text | None:
    """The version of a document in a snapshot, and how it was cut there."""
    member = session.get(MemberRow, (snapshot.id, document_id)) if snapshot else None
    if snapshot is None or member is None or member.workspace_id != snapshot.workspace_id:
        return None
    row = session.get_one(VersionRow, (document_id, member.version))
    mine = (col(PassageRow.document_id) == document_id) & (col(PassageRow.version) == member.version)
    places = select(col(PassageRow.heading), col(PassageRow.start), col(PassageRow.end))
    found = session.execute(places.where(mine, col(PassageRow.cut) == member.cut).order_by(col(PassageRow.start)))
    return document_version(row), [Said(heading, row.text[start:end]) for heading, start, end in found]
