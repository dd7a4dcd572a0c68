"""The only place that reads or writes how passages are made otherwise: by overrides, and by the rules of a source.

Each change comes with a run that builds a snapshot.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import Conflict, Invalid, NotFound, Outdated
from app.knowledge import splitting
from app.knowledge.overriding import listing
from app.knowledge.overriding.tables import OverrideRow
from app.knowledge.overriding.types import Anchor, Outcome, Override, Wish
from app.knowledge.run_queue import Queued, join_run
from app.knowledge.splitting import Splitting
from app.knowledge.tables import DocumentRow, SourceRow, VersionRow

CUT_ANEW: dict[str, Any] = {"paths": [], "reads": "nothing", "prune": False, "publish": True}
"""What a run is asked for that only gives documents another form."""
EDITED_FROM = "edited_from"
"""In the front matter of a version that was edited here: the number of the version that its source gave."""


class Shown(NamedTuple):
    """A passage as somebody saw it: a stretch of a version, under these headings."""

    document_id: str
    version: int
    heading: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OverrideStore:
    """Wishes about passages, which hold until somebody drops them."""

    database: Database

    async def all(self, workspace_id: str) -> list[Override]:
        """Every override, the oldest first."""
        mine = col(OverrideRow.workspace_id) == workspace_id
        query = select(OverrideRow).where(mine).order_by(col(OverrideRow.id))
        return await self.database.read(
            lambda session: [listing.override(row) for row in session.execute(query).scalars()]
        )

    async def outcomes(self, workspace_id: str, snapshot_id: str) -> list[Outcome]:
        """What became of overrides in a snapshot, by their ids."""
        return await self.database.read(lambda session: listing.outcomes(session, workspace_id, snapshot_id))

    async def listed(self, workspace_id: str, document_id: str | None = None) -> list[dict[str, Any]]:
        """Overrides with what became of them in the published snapshot, conflicts first."""
        return await self.database.read(lambda session: listing.listed(session, workspace_id, document_id))

    async def passages(self, workspace_id: str, document_id: str) -> dict[str, Any]:
        """A published document with its passages and its overrides."""
        return await self.database.read(lambda session: listing.document(session, workspace_id, document_id))

    async def create(self, workspace_id: str, shown: Shown, wish: Wish, who: str) -> tuple[Override, Queued]:
        """Wish something about a passage that has no override."""
        return await self.database.write(lambda session: _create(session, workspace_id, shown, wish, who))

    async def change(
        self, workspace_id: str, override_id: str, wish: Wish, who: str, expected: int | None = None
    ) -> tuple[Override, Queued]:
        """Wish something else; `Outdated` when somebody else did since the revision that was expected."""

        def change(_session: Session, row: OverrideRow) -> None:
            if expected not in (None, row.revision):
                raise Outdated(f"{row.changed_by} changed this in the meantime. Reload, then decide again.")
            _grant(row, wish)

        return await self.database.write(lambda session: _changed(session, workspace_id, override_id, who, change))

    async def move(self, workspace_id: str, override_id: str, shown: Shown, who: str) -> tuple[Override, Queued]:
        """The same wish about another passage."""

        def move(session: Session, row: OverrideRow) -> None:
            anchor = _anchor(session, workspace_id, shown, row.id)
            row.document_id, row.heading, row.quote, row.start = anchor

        return await self.database.write(lambda session: _changed(session, workspace_id, override_id, who, move))

    async def splittings(self, workspace_id: str) -> dict[str, Splitting]:
        """How documents are cut whose source has rules for that."""
        return await self.database.read(lambda session: splitting.splittings(session, workspace_id))

    async def split(self, workspace_id: str, source_id: str, wanted: Splitting) -> Queued:
        """Have the documents of a source cut in this way."""
        return await self.database.write(
            lambda session: splitting.change(session, workspace_id, source_id, wanted, CUT_ANEW)
        )

    async def drop(self, workspace_id: str, override_id: str) -> Queued:
        """Let the passage be as its source has it."""
        return await self.database.write(lambda session: _drop(session, workspace_id, override_id))


def _create(session: Session, workspace_id: str, shown: Shown, wish: Wish, who: str) -> tuple[Override, Queued]:
    anchor = _anchor(session, workspace_id, shown, "")
    row = OverrideRow(workspace_id=workspace_id, changed_by=who, **anchor._asdict())
    _grant(row, wish)
    session.add(row)
    session.flush()
    return listing.override(row), _rebuilt(session, workspace_id, row.document_id)


def _changed(
    session: Session, workspace_id: str, override_id: str, who: str, change: Callable[[Session, OverrideRow], None]
) -> tuple[Override, Queued]:
    row = _own(session, workspace_id, override_id)
    session.refresh(row, with_for_update=True)
    change(session, row)
    row.revision, row.changed_by, row.changed_at = row.revision + 1, who, now()
    session.flush()
    return listing.override(row), _rebuilt(session, workspace_id, row.document_id)


def _drop(session: Session, workspace_id: str, override_id: str) -> Queued:
    row = _own(session, workspace_id, override_id)
    queued = _rebuilt(session, workspace_id, row.document_id)
    session.execute(delete(OverrideRow).where(col(OverrideRow.id) == override_id))
    return queued


def _own(session: Session, workspace_id: str, override_id: str) -> OverrideRow:
    row = session.get(OverrideRow, override_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("There is no such override. It may have been dropped.")
    return row


def _grant(row: OverrideRow, wish: Wish) -> None:
    row.disabled, row.text = wish.disabled, wish.text
    row.questions, row.keywords, row.pins = list(wish.questions), list(wish.keywords), list(wish.pins)


def _anchor(session: Session, workspace_id: str, shown: Shown, own_id: str) -> Anchor:
    """The passage by what it says, which must be what the source says."""
    version = session.get(VersionRow, (shown.document_id, shown.version))
    if version is None or version.workspace_id != workspace_id:
        raise NotFound("There is no such version of this document.")
    quote = version.text[shown.start : shown.end]
    if not quote.strip():
        raise Invalid("This passage is empty. Choose a stretch of the document that says something.")
    origin = session.get(VersionRow, (shown.document_id, version.front_matter.get(EDITED_FROM, shown.version)))
    if origin is None or quote not in origin.text:
        raise Invalid("This passage was edited here. Change its override instead of making another one.")
    start = shown.start if origin.text.startswith(quote, shown.start) else origin.text.find(quote)
    _refuse_second(session, shown.document_id, quote, start, own_id)
    return Anchor(shown.document_id, shown.heading, quote, start)


def _refuse_second(session: Session, document_id: str, quote: str, start: int, own_id: str) -> None:
    there = (col(OverrideRow.document_id) == document_id) & (col(OverrideRow.start) == start)
    same = select(col(OverrideRow.id)).where(there, col(OverrideRow.quote) == quote, col(OverrideRow.id) != own_id)
    if session.execute(same).first():
        raise Conflict("This passage has an override already. Change that one.")


def _rebuilt(session: Session, workspace_id: str, document_id: str) -> Queued:
    source = select(col(SourceRow.name)).join(DocumentRow, col(DocumentRow.source_id) == col(SourceRow.id))
    name = session.execute(source.where(col(DocumentRow.id) == document_id)).scalar_one()
    return join_run(session, workspace_id, name, CUT_ANEW)
