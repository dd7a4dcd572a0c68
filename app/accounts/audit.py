"""The audit log: append-only, one chain of hashes a workspace, so that a changed or missing line shows."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select, true
from sqlmodel import Session, col

from app.accounts.tables import AuditRow, WorkspaceRow
from app.accounts.types import Actor, Entry
from app.database import Database, now
from app.errors import NotFound


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain holds, how long it is, and where it breaks first."""

    holds: bool
    entries: int
    broken_at: int | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """Which lines are wanted: of one kind of action, with this text in who or what, from one day until another."""

    action: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None

    def condition(self) -> ColumnElement[bool]:
        """The lines that fit."""
        wanted: ColumnElement[bool] = true()
        if self.action:
            wanted &= col(AuditRow.action).startswith(self.action, autoescape=True)
        if self.text:
            places = (AuditRow.actor_name, AuditRow.actor, AuditRow.subject)
            wanted &= or_(*(col(place).icontains(self.text, autoescape=True) for place in places))
        if self.since:
            wanted &= col(AuditRow.at) >= _midnight(self.since)
        if self.until:
            wanted &= col(AuditRow.at) < _midnight(self.until) + timedelta(days=1)
        return wanted


@dataclass(frozen=True, slots=True)
class Audit:
    """Writes and reads the audit log."""

    database: Database

    async def record(  # who, what, on what, from what to what
        self,
        workspace_id: str,
        actor: Actor,
        action: str,
        subject: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Add a line about a change that another room made."""
        await self.database.write(
            lambda session: record(session, workspace_id, actor, action, subject, before=before, after=after)
        )

    async def entries(
        self, workspace_id: str, before: int | None = None, limit: int = 50, sought: Sought | None = None
    ) -> list[Entry]:
        """Lines, newest first; `before` is the last line's number that was seen."""
        return await self.database.read(
            lambda session: _newest(session, workspace_id, before, limit, sought or Sought())
        )

    async def export(self, workspace_id: str) -> list[Entry]:
        """Every line, oldest first."""
        return await self.database.read(lambda session: _all(session, workspace_id))

    async def verify(self, workspace_id: str) -> Verdict:
        """Compute the chain anew and compare it with what is stored, and its end with what the workspace remembers."""
        lines = await self.export(workspace_id)
        head = await self.database.read(lambda session: _head(session, workspace_id))
        broken = _first_break(workspace_id, lines)
        if broken is None and head != (len(lines), lines[-1].hash if lines else ""):
            broken = len(lines) + 1
        return Verdict(broken is None, len(lines), broken)


def record(  # noqa: PLR0913  # who, what, on what, from what to what
    session: Session,
    workspace_id: str,
    actor: Actor,
    action: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Add a line in the transaction of the change that it tells of."""
    workspace = session.execute(
        select(WorkspaceRow).where(col(WorkspaceRow.workspace_id) == workspace_id).with_for_update()
    ).scalar_one_or_none()
    if workspace is None:
        raise NotFound("There is no such workspace.")
    number, moment = workspace.audit_sequence + 1, now()
    said = (actor.id, actor.name, action, subject, before, after)
    fields = dict(zip(("actor", "actor_name", "action", "subject", "before", "after"), said, strict=True))
    link = _link(workspace_id, number, moment, said, workspace.audit_hash)
    place = {"workspace_id": workspace_id, "sequence": number, "at": moment, "previous_hash": workspace.audit_hash}
    session.execute(insert(AuditRow).values({**place, **fields, "hash": link}))
    workspace.audit_sequence, workspace.audit_hash = number, link
    session.add(workspace)
    session.flush()


def _link(workspace_id: str, number: int, moment: datetime, said: tuple[Any, ...], previous: str) -> str:
    whole = json.dumps(
        [workspace_id, number, moment.isoformat(), *said, previous], sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(whole.encode()).hexdigest()


def _first_break(workspace_id: str, lines: Iterable[Entry]) -> int | None:
    previous = ""
    for number, line in enumerate(lines, 1):
        said = (line.actor, line.actor_name, line.action, line.subject, line.before, line.after)
        expected = _link(workspace_id, number, line.at, said, previous)
        if (line.sequence, line.previous_hash, line.hash) != (number, previous, expected):
            return number
        previous = line.hash
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _newest(session: Session, workspace_id: str, before: int | None, limit: int, sought: Sought) -> list[Entry]:
    mine = (col(AuditRow.workspace_id) == workspace_id) & sought.condition()
    if before is not None:
        mine &= col(AuditRow.sequence) < before
    rows = session.execute(select(AuditRow).where(mine).order_by(col(AuditRow.sequence).desc()).limit(limit))
    return [_entry(row) for row in rows.scalars()]


def _all(session: Session, workspace_id: str) -> list[Entry]:
    mine = select(AuditRow).where(col(AuditRow.workspace_id) == workspace_id).order_by(col(AuditRow.sequence))
    return [_entry(row) for row in session.execute(mine).scalars()]


def _head(session: Session, workspace_id: str) -> tuple[int, str]:
    columns = (col(WorkspaceRow.audit_sequence), col(WorkspaceRow.audit_hash))
    row = session.execute(select(*columns).where(col(WorkspaceRow.workspace_id) == workspace_id)).one_or_none()
    return (row[0], row[1]) if row else (0, "")


def _entry(row: AuditRow) -> Entry:
    return Entry(**{name: getattr(row, name) for name in Entry.__slots__})
