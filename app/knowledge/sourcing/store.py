"""The only place that reads or writes sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from app.database import Database, new_id, now
from app.errors import Conflict, NotFound
from app.knowledge.run_queue import Queued, join_run, lock_source
from app.knowledge.sourcing.listing import shown
from app.knowledge.sourcing.types import AGAIN, FILES, WEB, Source, minutes_of
from app.knowledge.tables import RunRow, SourceRow

FIELDS = tuple(Source.__dataclass_fields__)
RUN_AGAIN: dict[str, Any] = {"paths": [], "prune": True, "publish": True, "reads": "files"}
RETIRE: dict[str, Any] = {"paths": [], "prune": True, "publish": True, "reads": "nothing"}


@dataclass(frozen=True, slots=True)
class SourceStore:
    """Sources, and when each is read next."""

    database: Database

    async def find(self, workspace_id: str, name: str) -> Source | None:
        """The source of this name."""
        return await self.database.read(lambda session: _named(session, workspace_id, name))

    async def get(self, workspace_id: str, source_id: str) -> Source:
        """One source; another workspace's looks like none at all."""
        return await self.database.read(lambda session: _source(_own(session, workspace_id, source_id)))

    async def listed(self, workspace_id: str) -> list[dict[str, Any]]:
        """All of them by name, with what an admin wants to know."""
        return await self.database.read(lambda session: shown(session, workspace_id, _listed(session, workspace_id)))

    async def view(self, workspace_id: str, source_id: str) -> dict[str, Any]:
        """One of them in the same way."""
        return await self.database.read(lambda session: _view(session, workspace_id, source_id))

    async def add(self, workspace_id: str, name: str, values: Mapping[str, Any]) -> Source:
        """A new one. One that was deleted comes back with these values; one that stands is a `Conflict`."""
        return await self.database.write(lambda session: _add(session, workspace_id, name, values))

    async def ensure(self, workspace_id: str, name: str, kind: str, settings: Mapping[str, Any]) -> Source:
        """The source that documents of this kind go into: made when it is new or was deleted.

        `Conflict` for one that is filled in another way.
        """
        return await self.database.write(lambda session: _ensure(session, workspace_id, name, (kind, settings)))

    async def change(self, workspace_id: str, source_id: str, values: Mapping[str, Any]) -> Source:
        """Change these fields."""
        return await self.database.write(lambda session: _change(session, workspace_id, source_id, values))

    async def run(self, workspace_id: str, source_id: str) -> Queued:
        """Have it read again; the run that waits for that, if there is one. `Conflict` for one that cannot be."""
        return await self.database.write(lambda session: _run(session, _own(session, workspace_id, source_id)))

    async def remove(self, workspace_id: str, source_id: str) -> Queued:
        """Take it away; the run takes its documents out of the knowledge base."""
        return await self.database.write(lambda session: _remove(session, _own(session, workspace_id, source_id)))

    async def due(self) -> list[Queued]:
        """Queue a run for each source of every workspace whose time has come, once, whoever else asks as well."""
        return await self.database.write(_due)

    async def watched(self) -> list[tuple[Source, str]]:
        """The folders that are watched, with what each looked like when its last run was queued."""
        return await self.database.read(_watched)

    async def noticed(self, source: Source, before: str, seen: str) -> Queued | None:
        """Queue a run for a folder that looks different now; none when another process was first."""
        return await self.database.write(lambda session: _noticed(session, source, before, seen))


def _own(session: Session, workspace_id: str, source_id: str) -> SourceRow:
    row = session.get(SourceRow, source_id)
    if row is None or row.workspace_id != workspace_id or row.deleted_at:
        raise NotFound("There is no such source.")
    return row


def _source(row: SourceRow) -> Source:
    return Source(**{name: getattr(row, name) for name in FIELDS})


def _named(session: Session, workspace_id: str, name: str) -> Source | None:
    mine = (col(SourceRow.workspace_id) == workspace_id) & (col(SourceRow.name) == name)
    row = session.execute(select(SourceRow).where(mine)).scalar_one_or_none()
    return _source(row) if row else None


def _listed(session: Session, workspace_id: str) -> list[Source]:
    mine = select(SourceRow).where(col(SourceRow.workspace_id) == workspace_id, col(SourceRow.deleted_at).is_(None))
    return [_source(row) for row in session.execute(mine.order_by(func.lower(col(SourceRow.name)))).scalars()]


def _view(session: Session, workspace_id: str, source_id: str) -> dict[str, Any]:
    return shown(session, workspace_id, [_source(_own(session, workspace_id, source_id))])[0]


def _add(session: Session, workspace_id: str, name: str, values: Mapping[str, Any]) -> Source:
    row = lock_source(session, workspace_id, name)
    if row is None:
        row = SourceRow(id=new_id(), workspace_id=workspace_id, name=name)
    elif row.deleted_at is None:
        raise Conflict(f"There is a source called “{name}” already. Choose another name.")
    fresh = SourceRow(workspace_id=workspace_id, name=name).model_dump(exclude={"id", "workspace_id", "name"})
    for field, value in (fresh | dict(values)).items():
        setattr(row, field, value)
    row.next_run_at = _next(row, now())
    session.add(row)
    session.flush()
    return _source(row)


def _ensure(session: Session, workspace_id: str, name: str, wanted: tuple[str, Mapping[str, Any]]) -> Source:
    kind, settings = wanted
    row = lock_source(session, workspace_id, name)
    if row is None or row.deleted_at:
        return _add(session, workspace_id, name, {"kind": kind, "settings": dict(settings)})
    if row.kind != kind and not any(row.kind in alike and kind in alike for alike in (FILES, WEB)):
        raise Conflict(f"The source “{name}” is filled in another way. Choose another name.")
    if not row.settings and row.kind == kind:
        row.settings = dict(settings)
    session.add(row)
    session.flush()
    return _source(row)


def _change(session: Session, workspace_id: str, source_id: str, values: Mapping[str, Any]) -> Source:
    row = _own(session, workspace_id, source_id)
    if "name" in values and values["name"] != row.name:
        raise Conflict("A source keeps its name, because its runs and documents are known by it.")
    for field, value in values.items():
        setattr(row, field, value)
    if {"schedule", "enabled"} & values.keys():
        row.next_run_at = _next(row, now())
    session.add(row)
    session.flush()
    return _source(row)


def _next(row: SourceRow, since: datetime) -> datetime | None:
    minutes = minutes_of(row.schedule)
    return since + timedelta(minutes=minutes) if minutes and row.enabled and row.kind in AGAIN else None


def _run(session: Session, row: SourceRow) -> Queued:
    if not row.enabled:
        raise Conflict(f"The source “{row.name}” is switched off. Switch it on first.")
    if row.kind not in AGAIN or not row.settings:
        raise Conflict(f"The source “{row.name}” has no place to be read from again. Upload or send its documents.")
    return _queued(session, row)


def _queued(session: Session, row: SourceRow) -> Queued:
    values = {"last_run_at": now(), "next_run_at": _next(row, now())}
    session.execute(update(SourceRow).where(col(SourceRow.id) == row.id).values(values))
    return join_run(session, row.workspace_id, row.name, RUN_AGAIN)


def _remove(session: Session, row: SourceRow) -> Queued:
    if row.kind == "articles":
        raise Conflict("The articles written in the console are taken back one by one, on the page Articles.")
    values = {"deleted_at": now(), "enabled": False, "next_run_at": None}
    session.execute(update(SourceRow).where(col(SourceRow.id) == row.id).values(values))
    return join_run(session, row.workspace_id, row.name, RETIRE)


def _due(session: Session) -> list[Queued]:
    live = col(SourceRow.enabled).is_(True) & col(SourceRow.deleted_at).is_(None)
    late = select(SourceRow).where(live, col(SourceRow.next_run_at) <= now()).order_by(col(SourceRow.next_run_at))
    rows = session.execute(late.with_for_update(skip_locked=True)).scalars().all()
    return [_queued(session, row) for row in rows if row.kind in AGAIN and not _under_way(session, row)]


def _under_way(session: Session, row: SourceRow) -> bool:
    """A source that is being read has its turn when that is over."""
    same = (col(RunRow.workspace_id) == row.workspace_id) & (col(RunRow.source) == row.name)
    running = select(col(RunRow.id)).where(same, col(RunRow.state).in_(("queued", "running"))).limit(1)
    return session.execute(running).first() is not None


def _watched(session: Session) -> list[tuple[Source, str]]:
    live = col(SourceRow.enabled).is_(True) & col(SourceRow.deleted_at).is_(None)
    rows = session.execute(select(SourceRow).where(live, col(SourceRow.kind) == "folder")).scalars()
    return [(_source(row), row.seen) for row in rows if row.settings.get("watch") and row.settings.get("path")]


def _noticed(session: Session, source: Source, before: str, seen: str) -> Queued | None:
    row = lock_source(session, source.workspace_id, source.name)
    if row is None or row.seen != before or row.deleted_at or not row.enabled:
        return None
    session.execute(update(SourceRow).where(col(SourceRow.id) == row.id).values(seen=seen))
    return _queued(session, row)
