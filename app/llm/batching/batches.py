"""Batches of one model: written down, looked after step by step, and told when they are over.

Each step begins from what is written down, so that any process can take the next one after any crash.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from app.llm.batching.bills import BatchPrices, missing
from app.llm.batching.jobs import fingerprint, jobs_of
from app.llm.batching.kept import BatchStore
from app.llm.batching.tables import BatchRow
from app.llm.batching.wire import Job, job_told
from app.llm.errors import ModelError
from app.llm.money.booking import Alert
from app.llm.money.ledger import report
from app.llm.money.payer import Payer

log = structlog.get_logger()


class Way(Protocol):
    """How the jobs of a batch are brought to a model: handed in together, or asked one after the other."""

    @property
    def first_state(self) -> str:
        """How a batch stands that was only written down."""
        ...

    @property
    def prices(self) -> BatchPrices:
        """What it costs this way."""
        ...

    @property
    def reserves(self) -> bool:
        """Whether all of it is reserved before the first job, because nothing stops it afterwards."""
        ...

    async def step(self, row: BatchRow, within_s: float | None) -> bool:
        """Take the next step; whether the batch must be left alone for a while after it. Raises `ModelError`."""
        ...


@dataclass(frozen=True, slots=True)
class Batches:
    """The batches of one model."""

    store: BatchStore
    way: Way
    warn: Callable[[Alert], None] = field(default=report)

    @property
    def are_handed_in(self) -> bool:
        """Whether the model's provider takes batches."""
        return self.way.reserves

    async def submit(self, payer: Payer, jobs: Sequence[Job], work: str = "", others: Sequence[str] = ()) -> str:
        """Our id of the batch. The same jobs once more are the same batch, whatever was interrupted in between.

        `others` are noted for whoever wants to ask them next for what comes back without an answer. Raises `NoRoom`
        when a budget has none, and then nothing is handed in.
        """
        prices = self.way.prices
        row = BatchRow(
            workspace_id=payer.workspace_id,
            fingerprint=fingerprint(prices.choice.name, payer, work, jobs),
            model=prices.choice.name,
            purpose=payer.purpose,
            work=work,
            others=list(others),
            jobs=[job_told(job) for job in jobs],
            state=self.way.first_state,
        )
        wish = prices.wish(payer, jobs, row.created_at) if self.way.reserves else None
        batch_id, alerts = await self.store.keep(row, wish)
        for alert in alerts:
            self.warn(alert)
        return batch_id

    async def advance(self, batch_id: str, within_s: float | None = None) -> str:
        """Take the next step, unless another process takes it; how the batch stands then.

        Models that take no batches are asked for no longer than `within_s` seconds. What goes wrong with a provider is
        tried again at the next step.
        """
        row = await self.store.hold(batch_id)
        if row:
            keeps_hold = False
            try:
                keeps_hold = await self.way.step(row, within_s)
            except ModelError as error:
                log.warning("batch.delayed", batch=row.id, model=row.model, kind=error.kind, status=error.status)
            if not keeps_hold:
                await self.store.change(batch_id, held_until=None)
        return (await self.store.read(batch_id)).state

    async def cancel(self, batch_id: str) -> None:
        """Ask for no more. What was answered until then is kept and paid for; `advance` brings it to its end."""
        await self.store.change(batch_id, cancelled=True, held_until=None)

    async def results(self, batch_id: str) -> list[dict[str, Any]]:
        """What came of the jobs, in their order; those of which nothing came have an error."""
        row = await self.store.read(batch_id)
        by_id = {one["id"]: one for one in row.results}
        return [by_id.get(job.id) or missing(job.id) for job in jobs_of(row)]
