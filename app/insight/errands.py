"""Looks after work that waits: batches under way step by step, what they brought, and what begins at night."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from redis.exceptions import RedisError
from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import AppError
from app.insight.gaps.tables import ErrandRow
from app.insight.works import Work
from app.jobs import Jobs
from app.llm.batching.batches import Batches
from app.llm.batching.kept import BatchStore
from app.llm.lineup import Lineup
from app.llm.money.payer import Payer, Purpose

EVERY_S = 60.0
NIGHT_UTC = 2
"""The hour from which the work of the night is begun."""
AT_MOST_S = 20.0
"""How long one look asks models that take no batches: ingest runs wait behind it."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Errands:
    """One look at everything that waits. Any number of processes may look at once."""

    database: Database
    workspace_id: str
    batches: Callable[[str], Batches]
    lineups: Mapping[Purpose, Lineup]
    works: tuple[Work, ...]

    async def look(self, *, at_once: bool = False) -> None:
        """Take each batch a step on, hand on results, begin what is due; `at_once` begins it at any hour."""
        store = BatchStore(self.database)
        for batch_id, model in await store.unfinished():
            await self._guarded(self.batches, model, batch_id)
        for work in self.works:
            for row in await store.ended(work.name):
                results = [one for one in row.results if one["error"] is None]
                await work.deliver(row.workspace_id, row.model, results)
                await store.delivered(row.id)
            if at_once or await self._due(work.name):
                await self._begin(store, work)

    async def _guarded(self, batches: Callable[[str], Batches], model: str, batch_id: str) -> None:
        try:
            await batches(model).advance(batch_id, AT_MOST_S)
        except AppError as trouble:
            log.warning("batch.left", batch=batch_id, model=model, why=trouble.detail)

    async def _begin(self, store: BatchStore, work: Work) -> None:
        """Whatever is still under way is waited for; a budget without room is tried again the next night."""
        if await store.waits(self.workspace_id, work.name):
            return
        models = tuple(self.lineups[work.purpose])
        try:
            jobs = await work.jobs(self.workspace_id, modelled=bool(models))
            if jobs and models:
                await self.batches(models[0].name).submit(Payer(self.workspace_id, work.purpose), jobs, work.name)
        except AppError as refusal:
            log.warning("work.refused", work=work.name, why=refusal.detail)

    async def _due(self, name: str) -> bool:
        """Whether it was not begun since the last night began; whoever is told so begins it."""
        moment = now()
        night = moment.replace(hour=NIGHT_UTC, minute=0, second=0, microsecond=0)
        since = night if moment >= night else night - timedelta(days=1)
        return await self.database.write(lambda session: _taken(session, self.workspace_id, name, since))


async def keep_looking(jobs: Jobs, pause_s: float = EVERY_S) -> None:
    """Have a worker look again and again."""
    while True:
        await asyncio.sleep(pause_s)
        try:
            await asyncio.to_thread(jobs.enqueue, "errands", {})
        except (RedisError, sqlite3.Error, OSError) as error:
            log.warning("errands.not_queued", why=type(error).__name__)


def _taken(session: Session, workspace_id: str, name: str, since: datetime) -> bool:
    mine = (col(ErrandRow.workspace_id) == workspace_id) & (col(ErrandRow.name) == name)
    add = postgresql.insert if session.connection().dialect.name == "postgresql" else sqlite.insert
    first = add(ErrandRow).values(workspace_id=workspace_id, name=name, begun_at=now())
    if session.execute(first.on_conflict_do_nothing().returning(col(ErrandRow.name))).scalar_one_or_none():
        return True
    again = update(ErrandRow).where(mine & (col(ErrandRow.begun_at) < since)).values(begun_at=now())
    return session.execute(again.returning(col(ErrandRow.name))).scalar_one_or_none() is not None
