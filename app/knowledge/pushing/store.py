"""The only place that reads or writes pushed documents. What is acknowledged is durable, and a run is sure to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import NotFound, Outdated
from app.knowledge.derived import in_parts
from app.knowledge.pushing.tables import PushedRow
from app.knowledge.pushing.types import Condition, Push, Pushed, Taken
from app.knowledge.run_queue import Queued, join_run, lock_own_source
from app.knowledge.tables import RunRow

READ_PUSHED: dict[str, Any] = {"paths": [], "reads": "pushed", "prune": True, "publish": True}
"""What the run of a source that is pushed to is asked for."""
LOST = ("failed", "cancelled")
ANY = Condition()


@dataclass(frozen=True, slots=True)
class PushedStore:
    """What each source that is pushed to holds; a run makes the next snapshot equal to it."""

    database: Database

    async def put(
        self, workspace_id: str, source: str, pushes: Sequence[Push], condition: Condition = ANY, kind: str = "push"
    ) -> tuple[list[Taken], Queued | None]:
        """Keep these documents. A run comes with them unless all are as they were."""
        return await self.database.write(lambda session: put(session, workspace_id, source, pushes, condition, kind))

    async def get(self, workspace_id: str, source: str, external_id: str) -> Pushed:
        """One document as it was sent."""
        return await self.database.read(lambda session: _pushed(_row(session, workspace_id, source, external_id)))

    async def remove(self, workspace_id: str, source: str, external_id: str, condition: Condition = ANY) -> Queued:
        """Forget a document; the next snapshot of the source is without it."""
        return await self.database.write(lambda session: remove(session, workspace_id, source, external_id, condition))

    async def names(self, workspace_id: str, source: str) -> list[str]:
        """What the source holds, by the names that the sender gave, in their order."""
        mine = (col(PushedRow.workspace_id) == workspace_id) & (col(PushedRow.source) == source)
        names = select(col(PushedRow.external_id)).where(mine).order_by(col(PushedRow.external_id))
        return await self.database.read(lambda session: list(session.execute(names).scalars()))


def put(
    session: Session, workspace_id: str, source: str, pushes: Sequence[Push], condition: Condition, kind: str
) -> tuple[list[Taken], Queued | None]:
    """Keep these documents, in the transaction of whoever sends them."""
    if lock_own_source(session, workspace_id, source, kind):
        held = (col(PushedRow.workspace_id) == workspace_id) & (col(PushedRow.source) == source)
        session.execute(delete(PushedRow).where(held))
    there = _rows(session, workspace_id, source, [push.external_id for push in pushes])
    for push in pushes:
        _refuse_outdated(there.get(push.external_id), condition)
    new = [push for push in pushes if _is_new(session, there.get(push.external_id), push)]
    queued = join_run(session, workspace_id, source, READ_PUSHED) if new else None
    taken = []
    for push in pushes:
        row = there.get(push.external_id)
        outcome = "unchanged" if push not in new else "changed" if row else "added"
        if queued and push in new:
            row = there[push.external_id] = _kept(session, row or _blank(workspace_id, source), push, queued.run_id)
        taken.append(Taken(push.external_id, outcome, push.etag, row.run_id if row else ""))
    return taken, queued


def remove(session: Session, workspace_id: str, source: str, external_id: str, condition: Condition) -> Queued:
    """Forget a document, in the transaction of whoever takes it away."""
    row = _row(session, workspace_id, source, external_id)
    _refuse_outdated(row, condition)
    session.execute(delete(PushedRow).where(col(PushedRow.id) == row.id))
    return join_run(session, workspace_id, source, READ_PUSHED)


def _is_new(session: Session, row: PushedRow | None, push: Push) -> bool:
    """Whether a run is needed: it says something else, or the run that should have taken it in was lost."""
    if row is None or row.etag != push.etag:
        return True
    run = session.get(RunRow, row.run_id)
    return run is not None and run.state in LOST


def _kept(session: Session, row: PushedRow, push: Push, run_id: str) -> PushedRow:
    row.external_id, row.media, row.content, row.known = push.external_id, push.media, push.content, push.known
    row.etag, row.run_id, row.pushed_at = push.etag, run_id, now()
    session.add(row)
    return row


def _blank(workspace_id: str, source: str) -> PushedRow:
    return PushedRow(workspace_id=workspace_id, source=source, external_id="", media="", content="", etag="", run_id="")


def _refuse_outdated(row: PushedRow | None, condition: Condition) -> None:
    if condition.none_match == "*" and row is not None:
        raise Outdated("There is a document of this name already. Leave If-None-Match out to replace it.")
    if condition.match == "*" and row is None:
        raise Outdated("There is no document of this name yet. Leave If-Match out to make it.")
    if condition.match not in (None, "*") and (row is None or row.etag != condition.match):
        raise Outdated("This document changed since you read it. Read it again, then send your change with its ETag.")


def _row(session: Session, workspace_id: str, source: str, external_id: str) -> PushedRow:
    row = _rows(session, workspace_id, source, [external_id]).get(external_id)
    if row is None:
        raise NotFound(f"The source “{source}” holds no document “{external_id}”.")
    return row


def _rows(session: Session, workspace_id: str, source: str, names: Sequence[str]) -> dict[str, PushedRow]:
    mine = (col(PushedRow.workspace_id) == workspace_id) & (col(PushedRow.source) == source)
    found: dict[str, PushedRow] = {}
    for part in in_parts(names):
        rows = session.execute(select(PushedRow).where(mine, col(PushedRow.external_id).in_(part))).scalars()
        found.update((row.external_id, row) for row in rows)
    return found


def _pushed(row: PushedRow) -> Pushed:
    push = Push(row.external_id, row.media, row.content, row.known)
    return Pushed(push, row.source, row.etag, row.run_id, row.pushed_at)
