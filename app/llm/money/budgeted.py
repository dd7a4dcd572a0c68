"""A model that asks its budgets first, and books afterwards what the call came to."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from sqlalchemy.exc import SQLAlchemyError

from app.database import now
from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.money.booking import Bill, Wish
from app.llm.money.budget import Allowance, BudgetSpent, Limits
from app.llm.money.calls import Called, Meter, likely_input_tokens, most_input_tokens
from app.llm.money.ledger import Grant, Ledger
from app.llm.money.payer import Payer
from app.llm.money.prices import Cost
from app.llm.types import Model, Options, Part, Prompt, Usage

FEWEST_TOKENS = 32
"""An answer that may not even be this long is not worth asking for."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a model is called in the books and what it costs."""

    dialect: str
    max_output_tokens: int
    cost: Callable[[Usage], Cost | None]

    def at_most(self, prompt: Prompt, options: Options) -> int:
        """More micro-dollars than the call can cost, whatever is cached and however it is cut into tokens."""
        asked, written = most_input_tokens(prompt, options), options.max_output_tokens or self.max_output_tokens
        cases = (Usage(asked, written), Usage(asked, written, cache_write_tokens=asked))
        costs = [cost.usd for usage in cases if (cost := self.cost(usage))]
        return int((max(costs, default=Decimal(0)) * 1_000_000).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Budgeted:
    """Lets a call through when all its budgets have room for the most that it can cost, and books what it did cost."""

    model: Model
    tariff: Tariff
    ledger: Ledger
    allowance: Allowance
    tell: Callable[[Called], None]
    clock: Callable[[], float] = time.perf_counter
    today: Callable[[], datetime] = now

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self.model.name

    @property
    def limits(self) -> Limits:
        """What may be spent now."""
        return self.allowance.terms.limits

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the model's parts unchanged. Raises `BudgetSpent` before anything is asked."""
        payer = options.payer or Payer()
        options = self._within_turn(prompt, options, payer)
        call = Called.begun(payer, self.name, self.tariff.dialect, self.today())
        grant = await self._reserve(call, payer, prompt, options)
        start = self.clock()
        meter = Meter(lambda: self.clock() - start)
        try:
            async with asked(self.model, prompt, replace(options, tally=meter.tally)) as answer:
                async for part in answer:
                    meter.see(part)
                    yield part
        except ModelError as error:
            meter.error = error
            raise
        finally:
            self._book(call, payer, grant, meter, prompt)

    def _within_turn(self, prompt: Prompt, options: Options, payer: Payer) -> Options:
        """A turn may take so many tokens in all: what is left limits the answer."""
        if self.limits.turn_tokens is None:
            return options
        left = self.limits.turn_tokens - payer.used.tokens - likely_input_tokens(prompt)
        if left < FEWEST_TOKENS:
            raise BudgetSpent("turn_tokens")
        return replace(options, max_output_tokens=min(options.max_output_tokens or self.tariff.max_output_tokens, left))

    async def _reserve(self, call: Called, payer: Payer, prompt: Prompt, options: Options) -> Grant | None:
        amount = self.tariff.at_most(prompt, options) if self.limits.any else 0
        accounts = self.limits.asked(payer, call.started_at)
        if not amount:
            return None
        try:
            return await self.ledger.reserve(Wish(call, amount, accounts))
        except (SQLAlchemyError, OSError) as error:
            raise ModelError("unavailable", "The budgets could not be asked.") from error

    def _book(self, call: Called, payer: Payer, grant: Grant | None, meter: Meter, prompt: Prompt) -> None:
        usage = meter.used(prompt)
        over = replace(call, **meter.facts(usage, self.tariff.cost(usage) if usage else None))
        if not over.attempts and grant is None:
            return
        payer.used.input_tokens += over.input_tokens
        payer.used.output_tokens += over.output_tokens
        payer.used.cost_micro_usd += over.cost_micro_usd
        accounts = self.limits.accounts(payer, call.started_at) if over.cost_micro_usd else ()
        self.ledger.settle(Bill.of(over, grant.wish, accounts) if grant else Bill(over, accounts), grant)
        self.tell(over)
