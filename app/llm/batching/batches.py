"""Hands jobs in, asks how they stand, and fetches and books what came of them, across restarts."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import Conflict, NotFound
from app.llm.batching.tables import BatchRow
from app.llm.batching.wire import BatchProvider, Done, Job, State
from app.llm.connecting import ModelChoice
from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.money.booking import Bill, book
from app.llm.money.budget import Limits
from app.llm.money.calls import Called
from app.llm.money.payer import Payer
from app.llm.money.prices import Cost
from app.llm.outcome import Outcome
from app.llm.registry import cost_of
from app.llm.types import Model

SHARE = Decimal("0.5")
"""Of the ordinary price: https://platform.openai.com/docs/guides/batch, https://docs.anthropic.com/en/docs/build-with-claude/batch-processing."""


@dataclass(frozen=True, slots=True)
class Batches:
    """Batches of one model. Where the provider takes none, the model is asked one job after the other."""

    database: Database
    choice: ModelChoice
    model: Model
    provider: BatchProvider | None = None
    limits: Limits = field(default_factory=Limits)

    async def submit(self, payer: Payer, jobs: Sequence[Job]) -> str:
        """Our id of the batch. The same jobs once more are the same batch, whatever was interrupted in between."""
        named = _fingerprint(self.choice, payer, jobs)
        row = BatchRow(
            workspace_id=payer.workspace_id, model=self.choice.name, purpose=payer.purpose, fingerprint=named
        )
        kept = await self.database.write(lambda session: _keep(session, row))
        if self.provider and not kept.remote_id:
            remote_id = await self.provider.submit(jobs)
            await self.database.write(lambda session: _change(session, kept.id, remote_id=remote_id, state="submitted"))
        return kept.id

    async def poll(self, batch_id: str) -> State:
        """How it stands."""
        row = await self._row(batch_id)
        return (
            await self.provider.poll(row.remote_id) if self.provider and row.remote_id and not row.ended_at else "ended"
        )

    async def collect(self, batch_id: str, jobs: Sequence[Job]) -> list[dict[str, Any]]:
        """What came of the jobs, in their order: booked once, however often it is fetched.

        Raises `Conflict` while it is running.
        """
        row = await self._row(batch_id)
        if row.ended_at is None:
            if await self.poll(batch_id) == "running":
                raise Conflict("This batch is still running. Ask again later.")
            found = await self._fetched(row, jobs)
            bills = self._bills(row, found) if self.provider else []
            results = [_told(one, self._cost(one.outcome)) for one in found]
            await self.database.write(partial(_end, batch_id=batch_id, bills=bills, results=results))
            row = await self._row(batch_id)
        by_id = {one["id"]: one for one in row.results}
        return [by_id.get(job.id, _missing(job)) for job in jobs]

    async def _fetched(self, row: BatchRow, jobs: Sequence[Job]) -> list[Done]:
        if self.provider and row.remote_id:
            return await self.provider.collect(row.remote_id)
        payer = Payer(row.workspace_id, row.purpose)  # type: ignore[arg-type]  # it was a purpose when it was kept
        return [await self._asked(replace(job, options=replace(job.options, payer=payer))) for job in jobs]

    async def _asked(self, job: Job) -> Done:
        outcome = Outcome(self.choice.name)
        try:
            async with asked(self.model, job.prompt, job.options) as parts:
                async for part in parts:
                    outcome.add(part)
        except ModelError as error:
            outcome.fail(error)
        return Done(job.id, outcome)

    def _cost(self, outcome: Outcome) -> Cost | None:
        cost = cost_of(self.choice, outcome.usage) if outcome.usage else None
        if cost is None or self.provider is None:
            return cost
        return Cost(cost.usd * SHARE, f"{cost.source}, batch", cost.estimated)

    def _bills(self, row: BatchRow, found: Sequence[Done]) -> list[Bill]:
        payer = Payer(row.workspace_id, row.purpose)  # type: ignore[arg-type]  # the same
        accounts = self.limits.accounts(payer, row.created_at)
        blank = Called.begun(payer, self.choice.name, self.choice.dialect, row.created_at)
        return [Bill(self._called(blank, one.outcome), accounts) for one in found if one.outcome.usage]

    def _called(self, blank: Called, outcome: Outcome) -> Called:
        used, cost = outcome.usage, self._cost(outcome)
        if used is None:
            return blank
        return replace(
            Called.begun(Payer(blank.workspace_id), blank.model, blank.dialect, blank.started_at),
            purpose=blank.purpose,
            input_tokens=used.input_tokens_total,
            output_tokens=used.output_tokens_total,
            cache_read_tokens=used.cache_read_tokens,
            cache_write_tokens=used.cache_write_tokens,
            reasoning_tokens=used.reasoning_tokens,
            cost_micro_usd=cost.micro_usd if cost else 0,
            price_version=cost.source if cost else None,
            attempts=1,
            stop=outcome.stop.reason if outcome.stop else None,
            error=outcome.error.kind if outcome.error else None,
        )

    async def _row(self, batch_id: str) -> BatchRow:
        row = await self.database.read(lambda session: session.get(BatchRow, batch_id))
        if row is None:
            raise NotFound(f"There is no batch {batch_id}.")
        return row


def _fingerprint(choice: ModelChoice, payer: Payer, jobs: Sequence[Job]) -> str:
    said = [[job.id, job.prompt.system, *((turn.role, turn.text) for turn in job.prompt.turns)] for job in jobs]
    whole = [choice.name, choice.id, payer.workspace_id, payer.purpose, said]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def _keep(session: Session, row: BatchRow) -> BatchRow:
    """The row of these jobs, new or as it was."""
    known = select(BatchRow).where(col(BatchRow.fingerprint) == row.fingerprint)
    there = session.execute(known).scalar_one_or_none()
    if there is None:
        session.execute(insert(BatchRow).values(row.model_dump()))
    return there or row


def _change(session: Session, batch_id: str, **values: object) -> None:
    session.execute(update(BatchRow).where(col(BatchRow.id) == batch_id).values(**values))


def _end(session: Session, batch_id: str, bills: Sequence[Bill], results: Sequence[dict[str, Any]]) -> None:
    """Book and keep the results in one transaction, unless another process has done so."""
    mine = select(col(BatchRow.ended_at)).where(col(BatchRow.id) == batch_id).with_for_update()
    if session.execute(mine).scalar_one() is None:
        book(session, [], bills)
        _change(session, batch_id, state="ended", results=list(results), ended_at=now())


def _told(one: Done, cost: Cost | None) -> dict[str, Any]:
    return {"id": one.id, **one.outcome.told(), "cost_usd": float(cost.usd) if cost else None}


def _missing(job: Job) -> dict[str, Any]:
    error = ModelError("unavailable", "The provider returned nothing for this job.")
    outcome = Outcome("")
    outcome.fail(error)
    return {"id": job.id, **outcome.told(), "cost_usd": None}
