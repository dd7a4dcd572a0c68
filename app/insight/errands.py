"""Looks after work that waits: batches under way step by step, what they brought, and what begins at night."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from redis.exceptions import RedisError
from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import AppError, NotFound
from app.insight.gaps.tables import ErrandRow
from app.insight.works import Work
from app.jobs import Jobs
from app.llm.batching.batches import Batches
from app.llm.batching.jobs import unanswered
from app.llm.batching.kept import BatchStore
from app.llm.batching.tables import BatchRow
from app.llm.batching.wire import Job
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
    """One look at everything that waits. Any number of processes may look at once.

    A route's models whose providers take batches come first, each in the route's order; what one of them refuses, lets
    expire or cannot answer goes to the next.
    """

    database: Database
    workspace_id: str
    batches: Callable[[str], Batches]
    lineups: Mapping[Purpose, Lineup]
    works: tuple[Work, ...]

    async def look(self, *, at_once: bool = False) -> None:
        """Take each batch a step on, hand on results, begin what is due; `at_once` begins it at any hour."""
        store = BatchStore(self.database)
        for batch_id, model in await store.unfinished():
            await self._advance(store, model, batch_id)
        for work in self.works:
            for row in await store.ended(work.name):
                await self._deliver(store, work, row)
            if at_once or await self._due(work.name):
                await self._begin(store, work)

    async def _advance(self, store: BatchStore, model: str, batch_id: str) -> None:
        try:
            await self.batches(model).advance(batch_id, AT_MOST_S)
        except NotFound as gone:
            log.warning("batch.given_up", batch=batch_id, model=model, why=gone.detail)
            await store.give_up(batch_id, gone.detail)
        except AppError as trouble:
            log.warning("batch.left", batch=batch_id, model=model, why=trouble.detail)

    async def _deliver(self, store: BatchStore, work: Work, row: BatchRow) -> None:
        """Hand on what came; what did not goes to the next model, or waits for another night."""
        await work.deliver(row.workspace_id, row.model, [one for one in row.results if one["error"] is None])
        left = unanswered(row)
        if left and not row.cancelled:
            await self._hand_in(Payer(row.workspace_id, work.purpose), work, left, row.others)
        await store.delivered(row)

    async def _hand_in(self, payer: Payer, work: Work, jobs: Sequence[Job], names: Sequence[str]) -> None:
        """To the first of these models for which the budgets have room."""
        for at, name in enumerate(names, 1):
            try:
                await self.batches(name).submit(payer, jobs, work.name, names[at:])
            except AppError as refusal:
                log.warning("work.refused", work=work.name, model=name, why=refusal.detail)
            else:
                return

    async def _begin(self, store: BatchStore, work: Work) -> None:
        """Whatever is still under way is waited for; a budget without room is tried again the next night."""
        if await store.waits(self.workspace_id, work.name):
            return
        models = tuple(self.lineups[work.purpose])
        try:
            jobs = await work.jobs(self.workspace_id, modelled=bool(models))
            if jobs:
                names = [model.name for model in models]
                names.sort(key=lambda name: not self.batches(name).are_handed_in)
                await self._hand_in(Payer(self.workspace_id, work.purpose), work, jobs, names)
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
