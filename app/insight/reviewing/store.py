"""The only place that reads or writes reviews of snapshots."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import Conflict, NotFound
from app.insight.reviewing.foreseeing import CHANGES, Change
from app.insight.reviewing.questions import Asked, last_questions
from app.insight.reviewing.tables import ImpactRow, ReviewRow
from app.knowledge.tables import SourceRow

UNFINISHED = ("queued", "running")
Alive = Callable[[str | None, datetime | None], bool]


class SourceRule(NamedTuple):
    """What a source says about publishing."""

    id: str
    name: str
    stored: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReviewStore:
    """One review for each snapshot; its row tells how far it is and what it found."""

    database: Database

    async def queue(self, workspace_id: str, snapshot_id: str) -> None:
        """Note that a review is wanted; `Conflict` while one is under way."""
        await self.database.write(lambda session: _queue(session, workspace_id, snapshot_id))

    async def begin(self, workspace_id: str, snapshot_id: str, against_id: str | None, worker: str) -> None:
        """This process reviews now, from the beginning."""
        found = {"against_id": against_id, "worker": worker}
        await self.database.write(lambda session: _begin(session, workspace_id, snapshot_id, found))

    async def advance(self, snapshot_id: str, done: int, total: int) -> bool:
        """Note how far it is; false when it shall stop."""
        return await self.database.write(lambda session: _advance(session, snapshot_id, done, total))

    async def finish(self, snapshot_id: str, outcome: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """Note what was found, and the questions that change."""
        await self.database.write(lambda session: _finish(session, snapshot_id, outcome, rows))

    async def cancel(self, workspace_id: str, snapshot_id: str) -> None:
        """Ask a review to stop."""
        await self.database.write(lambda session: _cancel(session, workspace_id, snapshot_id))

    async def view(self, workspace_id: str, snapshot_id: str) -> dict[str, Any] | None:
        """What is known of a snapshot's review; none when there was none."""
        return await self.database.read(lambda session: _view(session, workspace_id, snapshot_id))

    async def affected(
        self, workspace_id: str, snapshot_id: str, change: Change | None, after: int, limit: int
    ) -> list[dict[str, Any]]:
        """A page of the questions whose answer changes, the gravest and most often asked first."""
        return await self.database.read(
            lambda session: _affected(session, workspace_id, snapshot_id, change, after, limit)
        )

    async def unfinished(self, alive: Alive) -> list[tuple[str, str]]:
        """(workspace, snapshot) of reviews that nobody works on."""
        return await self.database.read(lambda session: _unfinished(session, alive))

    async def questions(self, workspace_id: str) -> list[Asked]:
        """What customers asked last."""
        return await self.database.read(lambda session: last_questions(session, workspace_id))

    async def set_publish_rule(self, workspace_id: str, source_id: str, rule: Mapping[str, Any]) -> dict[str, Any]:
        """When runs of a source may publish by themselves, from now on; what held before."""
        return await self.database.write(lambda session: _set_publish_rule(session, workspace_id, source_id, rule))

    async def publish_rules(self, workspace_id: str) -> list[SourceRule]:
        """What each source says about publishing, by name."""
        return await self.database.read(lambda session: _publish_rules(session, workspace_id))


def _queue(session: Session, workspace_id: str, snapshot_id: str) -> None:
    row = session.get(ReviewRow, snapshot_id)
    if row and row.state in UNFINISHED:
        raise Conflict("This snapshot is being reviewed already. Wait until that ends, or stop it first.")
    _replace(session, ReviewRow(snapshot_id=snapshot_id, workspace_id=workspace_id))


def _begin(session: Session, workspace_id: str, snapshot_id: str, found: Mapping[str, Any]) -> None:
    running = {"state": "running", "heartbeat_at": now(), **found}
    asked = session.execute(select(col(ReviewRow.cancel_requested)).where(col(ReviewRow.snapshot_id) == snapshot_id))
    row = ReviewRow(snapshot_id=snapshot_id, workspace_id=workspace_id, **running)
    row.cancel_requested = bool(asked.scalar_one_or_none())
    _replace(session, row)


def _replace(session: Session, row: ReviewRow) -> None:
    for table in (ImpactRow, ReviewRow):
        session.execute(delete(table).where(col(table.snapshot_id) == row.snapshot_id))
    session.execute(insert(ReviewRow).values(row.model_dump()))


def _advance(session: Session, snapshot_id: str, done: int, total: int) -> bool:
    mine = (col(ReviewRow.snapshot_id) == snapshot_id) & (col(ReviewRow.state) == "running")
    reached = update(ReviewRow).where(mine).values(done=done, total=total, heartbeat_at=now())
    return session.execute(reached.returning(col(ReviewRow.cancel_requested))).scalar_one_or_none() is False


def _finish(session: Session, snapshot_id: str, outcome: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    ended = update(ReviewRow).where(col(ReviewRow.snapshot_id) == snapshot_id)
    session.execute(ended.values({**outcome, "ended_at": now()}))
    if rows:
        session.execute(insert(ImpactRow), list(rows))


def _cancel(session: Session, workspace_id: str, snapshot_id: str) -> None:
    row = session.get(ReviewRow, snapshot_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("This snapshot was never reviewed.")
    if row.state not in UNFINISHED:
        raise Conflict("This review is already over.")
    session.execute(update(ReviewRow).where(col(ReviewRow.snapshot_id) == snapshot_id).values(cancel_requested=True))


def _view(session: Session, workspace_id: str, snapshot_id: str) -> dict[str, Any] | None:
    row = session.get(ReviewRow, snapshot_id)
    if row is None or row.workspace_id != workspace_id:
        return None
    return row.model_dump(mode="json", exclude={"workspace_id", "worker", "heartbeat_at", "cancel_requested"})


def _affected(
    session: Session, workspace_id: str, snapshot_id: str, change: Change | None, after: int, limit: int
) -> list[dict[str, Any]]:
    mine = (col(ImpactRow.snapshot_id) == snapshot_id) & (col(ImpactRow.workspace_id) == workspace_id)
    mine &= col(ImpactRow.position) > after
    if change:
        mine &= col(ImpactRow.change) == change
    rows = session.execute(select(ImpactRow).where(mine).order_by(col(ImpactRow.position)).limit(limit)).scalars()
    return [row.model_dump(exclude={"workspace_id", "snapshot_id"}) for row in rows]


def _unfinished(session: Session, alive: Alive) -> list[tuple[str, str]]:
    rows = session.execute(select(ReviewRow).where(col(ReviewRow.state).in_(UNFINISHED))).scalars()
    return [
        (row.workspace_id, row.snapshot_id)
        for row in rows
        if row.state == "queued" or not alive(row.worker, row.heartbeat_at)
    ]


def _publish_rules(session: Session, workspace_id: str) -> list[SourceRule]:
    columns = select(col(SourceRow.id), col(SourceRow.name), col(SourceRow.publish_rule))
    mine = columns.where(col(SourceRow.workspace_id) == workspace_id).order_by(col(SourceRow.name))
    return [SourceRule(*row) for row in session.execute(mine)]


def _set_publish_rule(session: Session, workspace_id: str, source_id: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    row = session.get(SourceRow, source_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("There is no such source.")
    before = row.publish_rule
    session.execute(update(SourceRow).where(col(SourceRow.id) == source_id).values(publish_rule=dict(rule)))
    return before


def in_order(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of questions by how grave their change is and how often they were asked, numbered from 1."""
    ordered = sorted(rows, key=lambda row: (CHANGES.index(row["change"]), -row["asked"]))
    return [{**row, "position": number} for number, row in enumerate(ordered, 1)]
