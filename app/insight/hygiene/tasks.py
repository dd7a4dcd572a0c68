"""The only place that reads or writes tasks: what a person should look at, who does, and how it ended."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from app.accounts.audit import record
from app.accounts.types import Actor
from app.database import Database, now
from app.errors import Conflict, NotFound
from app.insight.hygiene.findings import Finding
from app.insight.hygiene.settling import Settled, settle
from app.insight.hygiene.tables import TaskRow

NOBODY = "none"
COLUMNS = (
    "id", "kind", "title", "state", "owner_id", "reason", "closed_by", "detail", "created_at", "updated_at", "seen_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks: of a kind, in a state, of an owner (an id, or `none`); an empty text leaves it open."""

    kind: str = ""
    state: str = ""
    owner: str = ""

    def condition(self) -> list[ColumnElement[bool]]:
        """The rows that fit."""
        found = []
        if self.kind:
            found.append(col(TaskRow.kind) == self.kind)
        if self.state:
            found.append(col(TaskRow.state) == self.state)
        if self.owner:
            found.append(col(TaskRow.owner_id) == (None if self.owner == NOBODY else self.owner))
        return found


@dataclass(frozen=True, slots=True)
class TaskStore:
    """Tasks of a workspace. What a person changes is in the audit log, in the same transaction."""

    database: Database

    async def settle(
        self, workspace_id: str, found: Sequence[Finding], kinds: Collection[str], owners: Mapping[str, str]
    ) -> Settled:
        """Make the tasks of these kinds agree with what a scan found."""
        return await self.database.write(lambda session: settle(session, workspace_id, found, kinds, owners))

    async def wanted(self, workspace_id: str, wanted: Wanted, after: str = "", limit: int = 50) -> list[dict[str, Any]]:
        """Tasks, newest first; `after` is the last id that was seen."""
        return await self.database.read(lambda session: _wanted(session, workspace_id, wanted, after, limit))

    async def get(self, workspace_id: str, task_id: str) -> dict[str, Any]:
        """One task. Raises `NotFound`."""
        return await self.database.read(lambda session: _json(_own(session, workspace_id, task_id)))

    async def counts(self, workspace_id: str) -> dict[str, dict[str, int]]:
        """How many there are, by state and kind."""
        return await self.database.read(lambda session: _counts(session, workspace_id))

    async def assign(self, workspace_id: str, task_id: str, owner_id: str | None, actor: Actor) -> dict[str, Any]:
        """Give a task to somebody, or to nobody."""
        return await self._change(workspace_id, task_id, "task.assigned", {"owner_id": owner_id}, actor)

    async def finish(self, workspace_id: str, task_id: str, actor: Actor) -> dict[str, Any]:
        """It is mended; the next scan opens it again when it is not."""
        closed = {"state": "done", "reason": "", "closed_by": actor.id}
        return await self._change(workspace_id, task_id, "task.done", closed, actor)

    async def dismiss(self, workspace_id: str, task_id: str, reason: str, actor: Actor) -> dict[str, Any]:
        """It is fine as it is, and stays so until its text changes."""
        closed = {"state": "dismissed", "reason": reason, "closed_by": actor.id}
        return await self._change(workspace_id, task_id, "task.dismissed", closed, actor)

    async def reopen(self, workspace_id: str, task_id: str, actor: Actor) -> dict[str, Any]:
        """It wants to be looked at after all."""
        opened = {"state": "open", "reason": "", "closed_by": ""}
        return await self._change(workspace_id, task_id, "task.reopened", opened, actor)

    async def _change(
        self, workspace_id: str, task_id: str, action: str, values: Mapping[str, Any], actor: Actor
    ) -> dict[str, Any]:
        return await self.database.write(
            lambda session: _changed(session, workspace_id, task_id, action, values, actor)
        )


def _changed(  # what changes, of what, by whom
    session: Session, workspace_id: str, task_id: str, action: str, values: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    row = _own(session, workspace_id, task_id)
    before = {name: getattr(row, name) for name in values if name != "closed_by"}
    after = {name: value for name, value in values.items() if name != "closed_by"}
    if before == after:
        return _json(row)
    if action in ("task.done", "task.dismissed") and row.state not in ("open", values["state"]):
        raise Conflict(f"This task is {row.state} already. Open it again first.")
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = now()
    session.add(row)
    session.flush()
    record(session, workspace_id, actor, action, f"task:{task_id}", before=before, after=after)
    return _json(row)


def _own(session: Session, workspace_id: str, task_id: str) -> TaskRow:
    row = session.get(TaskRow, task_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("There is no such task.")
    return row


def _wanted(session: Session, workspace_id: str, wanted: Wanted, after: str, limit: int) -> list[dict[str, Any]]:
    query = select(TaskRow).where(col(TaskRow.workspace_id) == workspace_id, *wanted.condition())
    if after:
        query = query.where(col(TaskRow.id) < after)
    return [_json(row) for row in session.execute(query.order_by(col(TaskRow.id).desc()).limit(limit)).scalars()]


def _counts(session: Session, workspace_id: str) -> dict[str, dict[str, int]]:
    mine = col(TaskRow.workspace_id) == workspace_id
    columns = (col(TaskRow.state), col(TaskRow.kind))
    found: dict[str, dict[str, int]] = {"open": {}, "done": {}, "dismissed": {}}
    for state, kind, count in session.execute(select(*columns, func.count()).where(mine).group_by(*columns)):
        found[state][kind] = count
    return found


def _json(row: TaskRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}
