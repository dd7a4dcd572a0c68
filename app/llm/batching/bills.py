"""What a batch may cost and what it did cost: half the ordinary price where a provider takes batches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from functools import partial
from typing import Any

from app.llm.batching.tables import BatchRow
from app.llm.batching.wire import Done, Job, failed, undone
from app.llm.connecting import ModelChoice
from app.llm.errors import ModelError
from app.llm.money.booking import Bill, Wish
from app.llm.money.budget import Account, Allowance, Limits
from app.llm.money.budgeted import Tariff
from app.llm.money.calls import Called
from app.llm.money.payer import Payer
from app.llm.money.prices import Cost, estimated
from app.llm.outcome import Outcome
from app.llm.registry import cost_of
from app.llm.types import Prompt, Usage

SHARE = Decimal("0.5")
"""Of the ordinary price: https://platform.openai.com/docs/guides/batch, https://docs.anthropic.com/en/docs/build-with-claude/batch-processing."""


@dataclass(frozen=True, slots=True)
class BatchPrices:
    """What one model takes for batches, and whom it is booked on, by the budgets as they stand when it is asked.

    A batch costs what the prices are on the day on which it is handed in, however late its answers come.
    """

    choice: ModelChoice
    allowance: Allowance = field(default_factory=Allowance)

    @property
    def limits(self) -> Limits:
        """What may be spent now."""
        return self.allowance.terms.limits

    def wish(self, payer: Payer, jobs: Sequence[Job], moment: datetime) -> Wish | None:
        """What must be reserved for all of the jobs together; nothing where nothing is limited."""
        priced = partial(cost_of, self.choice, day=moment.date())
        tariff = Tariff(self.choice.dialect, self.choice.max_output_tokens, priced)
        most = sum(tariff.at_most(job.prompt, job.options) for job in jobs) if self.limits.any else 0
        if not most:
            return None
        amount = int((most * SHARE).to_integral_value(ROUND_CEILING))
        call = Called.begun(payer, self.choice.name, self.choice.dialect, moment)
        return Wish(call, amount, self.limits.asked(payer, moment))

    def bills(self, row: BatchRow, found: Iterable[Done], prompts: dict[str, Prompt]) -> list[Bill]:
        """A bill for each job that the provider had."""
        payer = payer_of(row)
        accounts = self.limits.accounts(payer, row.created_at)
        return [self._bill(payer, row, accounts, one, prompts[one.id]) for one in found if one.id in prompts]

    def cost(self, usage: Usage | None, day: date) -> Cost | None:
        """What these tokens cost in a batch that was handed in on this day."""
        cost = cost_of(self.choice, usage, day) if usage else None
        return Cost(cost.usd * SHARE, f"{cost.source}, batch", cost.estimated) if cost else None

    def told(self, row: BatchRow, one: Done) -> dict[str, Any]:
        """What came of a job, as it is kept and told."""
        return told(one.id, one.outcome, self.cost(one.outcome.usage, _day(row)))

    def _bill(  # who pays for what
        self, payer: Payer, row: BatchRow, accounts: tuple[Account, ...], one: Done, prompt: Prompt
    ) -> Bill:
        outcome = one.outcome
        used = outcome.usage or (estimated(prompt, outcome.text) if outcome.text else None)
        cost, spent = self.cost(used, _day(row)), used or Usage(0, 0)
        blank = Called.begun(payer, self.choice.name, self.choice.dialect, row.created_at)
        called = replace(
            blank,
            input_tokens=spent.input_tokens_total,
            output_tokens=spent.output_tokens_total,
            cache_read_tokens=spent.cache_read_tokens,
            cache_write_tokens=spent.cache_write_tokens,
            reasoning_tokens=spent.reasoning_tokens,
            cost_micro_usd=cost.micro_usd if cost else 0,
            price_version=cost.source if cost else None,
            estimated=spent.estimated,
            attempts=0 if one.ending in ("expired", "cancelled") else 1,
            stop=outcome.stop.reason if outcome.stop else None,
            error=outcome.error.kind if outcome.error else None,
        )
        return Bill(called, accounts if called.cost_micro_usd else ())


def _day(row: BatchRow) -> date:
    return (row.sent_at or row.created_at).date()


def payer_of(row: BatchRow) -> Payer:
    """On whom a batch is booked."""
    return Payer(row.workspace_id, row.purpose)  # type: ignore[arg-type]  # it was a purpose when it was kept


def told(job_id: str, outcome: Outcome, cost: Cost | None) -> dict[str, Any]:
    """What came of a job, as it is kept and told."""
    return {"id": job_id, **outcome.told(), "cost_usd": float(cost.usd) if cost else None}


def missing(job_id: str) -> dict[str, Any]:
    """A job of which the provider told nothing."""
    error = ModelError("unavailable", "The provider returned nothing for this job.")
    return told(job_id, failed("", job_id, error).outcome, None)


def cancelled(name: str, job_id: str) -> dict[str, Any]:
    """A job that was not begun because the batch was cancelled."""
    return told(job_id, undone(name, job_id, "cancelled").outcome, None)
