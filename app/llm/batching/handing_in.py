"""Batches at a provider that takes them: handed in once, found again after a crash, fetched and paid for once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from app.database import now
from app.llm.batching.bills import BatchPrices, missing, payer_of
from app.llm.batching.jobs import jobs_of, tag, waiting
from app.llm.batching.kept import BatchStore
from app.llm.batching.tables import BatchRow
from app.llm.batching.wire import BatchProvider, Done, Job, failed, undone
from app.llm.errors import ModelError
from app.llm.gateway import ignore
from app.llm.money.booking import Alert, Bill
from app.llm.money.calls import Called
from app.llm.money.ledger import report

ROUNDS = 2
"""Jobs that a provider let expire are handed in once more."""
MAY_HAVE_ARRIVED = (408, 409)
TOO_MANY = 429
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The way of a provider with a batch interface."""

    store: BatchStore
    prices: BatchPrices
    provider: BatchProvider
    tell: Callable[[Called], None] = ignore
    warn: Callable[[Alert], None] = report
    first_state: str = "made"
    reserves: bool = True

    async def step(self, row: BatchRow, within_s: float | None) -> bool:
        """Send it, look for it, or see whether it is over."""
        del within_s  # none of these takes long
        match row.state:
            case "made" if row.cancelled:
                await self._end(row, [undone(row.model, job.id, "cancelled") for job in waiting(row)])
            case "made":
                return await self._send(row)
            case "sending":
                return await self._look_for(row)
            case "submitted":
                await self._poll(row, str(row.remote_id))
        return False

    async def _send(self, row: BatchRow) -> bool:
        await self.store.change(row.id, state="sending", sent_at=now())
        row.state = "sending"
        try:
            remote_id = await self.provider.submit(tag(row), _labelled(row))
        except ModelError as error:
            return await self._not_sent(row, error)
        await self.store.change(row.id, state="submitted", remote_id=remote_id)
        return False

    async def _not_sent(self, row: BatchRow, error: ModelError) -> bool:
        """A plain refusal ends the batch; after anything else it may have arrived all the same."""
        log.warning("batch.not_sent", batch=row.id, model=row.model, kind=error.kind, status=error.status)
        if error.status == TOO_MANY:
            await self.store.change(row.id, state="made")
            return False
        if error.status is None or not 400 <= error.status < 500 or error.status in MAY_HAVE_ARRIVED:  # noqa: PLR2004  # HTTP
            return True
        await self._refused(row, error)
        return False

    async def _look_for(self, row: BatchRow) -> bool:
        """Nobody heard whether it arrived: it is looked for before it is sent again."""
        trace = await self.provider.find(await self.store.sent(row))
        if trace.unsure:
            return False
        if trace.remote_id is None:
            return await self._send(row)
        await self.store.change(row.id, state="submitted", remote_id=trace.remote_id)
        return False

    async def _poll(self, row: BatchRow, remote_id: str) -> None:
        match await self.provider.poll(remote_id):
            case "running":
                if row.cancelled:
                    await self.provider.cancel(remote_id)
                await self.store.still_runs(row)
            case "failed":
                await self._refused(row, ModelError("bad_request", "The provider could not use the batch."))
            case "ended":
                await self._collected(row, await self.provider.collect(remote_id))

    async def _collected(self, row: BatchRow, found: Sequence[Done]) -> None:
        """Keep what came; what had expired is handed in once more."""
        ours = {there.id: job.id for there, job in zip(_labelled(row), waiting(row), strict=True)}
        known = [replace(one, id=ours[one.id]) for one in found if one.id in ours]
        expired = {one.id for one in known if one.ending == "expired"}
        if not expired or row.cancelled or row.round >= ROUNDS:
            await self._end(row, known)
            return
        over = [one for one in known if one.id not in expired]
        lost = set(ours.values()) - {one.id for one in known}
        bills, results = self._bills(row, over), [*self._told(row, over), *map(missing, sorted(lost))]
        left = [job for job in jobs_of(row) if job.id in expired]
        wish = self.prices.wish(payer_of(row), left, row.created_at)
        settled, alerts = await self.store.again(row, bills, [*row.results, *results], wish)
        self._tell(bills if settled else (), alerts)

    async def _refused(self, row: BatchRow, error: ModelError) -> None:
        trouble = f"The provider of “{row.model}” refused the batch ({error.kind}). Mend that, and hand it in again."
        await self._end(row, [failed(row.model, job.id, error) for job in waiting(row)], trouble)

    async def _end(self, row: BatchRow, found: Sequence[Done], trouble: str | None = None) -> None:
        bills = self._bills(row, found)
        results = [*row.results, *self._told(row, found)]
        self._tell(bills if await self.store.end(row, bills, results, trouble) else (), ())

    def _bills(self, row: BatchRow, found: Sequence[Done]) -> list[Bill]:
        return self.prices.bills(row, found, {job.id: job.prompt for job in jobs_of(row)})

    def _told(self, row: BatchRow, found: Iterable[Done]) -> list[dict[str, Any]]:
        return [self.prices.told(row, one) for one in found]

    def _tell(self, bills: Sequence[Bill], alerts: Sequence[Alert]) -> None:
        for bill in bills:
            self.tell(bill.call)
        for alert in alerts:
            self.warn(alert)


def _labelled(row: BatchRow) -> list[Job]:
    """The jobs of this round under the names that the provider has for them."""
    return [replace(job, id=f"{tag(row)}{number}") for number, job in enumerate(waiting(row))]
