"""Batches of a model whose provider takes none: it is asked for one job after the other, behind everybody else."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.llm.batching.bills import BatchPrices, cancelled, payer_of, told
from app.llm.batching.jobs import waiting
from app.llm.batching.kept import BatchStore
from app.llm.batching.tables import BatchRow
from app.llm.batching.wire import Job
from app.llm.errors import REMEDIES, ModelError
from app.llm.gateway import asked
from app.llm.outcome import Outcome
from app.llm.registry import cost_of
from app.llm.types import Model

TRIES = 3
"""Steps in which a job is asked again whose model could not answer at the moment."""


@dataclass(frozen=True, slots=True)
class OneByOne:
    """The ordinary way, at the ordinary price. Each answer is kept as soon as it is there."""

    store: BatchStore
    prices: BatchPrices
    model: Model
    clock: Callable[[], float] = time.monotonic
    first_state: str = "asking"
    reserves: bool = False

    async def step(self, row: BatchRow, within_s: float | None) -> bool:
        """Ask for one job at least, until the time is up, the batch is cancelled, or nothing is left."""
        ends, left = None if within_s is None else self.clock() + within_s, waiting(row)
        results, delayed = list(row.results), False
        for at, job in enumerate(left):
            if (await self.store.read(row.id)).cancelled:
                results += [cancelled(row.model, one.id) for one in left[at:]]
                break
            if at and ends is not None and self.clock() > ends:
                return False
            outcome = await self._asked(row, job)
            if outcome.error and REMEDIES[outcome.error.kind] == "retry" and row.round < TRIES:
                delayed = True
                continue
            cost = cost_of(self.prices.choice, outcome.usage) if outcome.usage else None
            results.append(told(job.id, outcome, cost))
            await self.store.change(row.id, results=list(results))
        if delayed:
            await self.store.change(row.id, round=row.round + 1)
        else:
            await self.store.end(row, (), results, None)
        return False

    async def _asked(self, row: BatchRow, job: Job) -> Outcome:
        outcome = Outcome(self.model.name)
        options = replace(job.options, payer=payer_of(row), waits=True)
        try:
            async with asked(self.model, job.prompt, options) as parts:
                async for part in parts:
                    outcome.add(part)
        except ModelError as error:
            outcome.fail(error)
        return outcome
