"""A model with a price, and a ledger over a real database, for tests about money."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from app.database import Database, Statements
from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.money.budget import Allowance, Limits, Terms
from app.llm.money.budgeted import Budgeted, Tariff
from app.llm.money.calls import Called
from app.llm.money.ledger import Ledger
from app.llm.money.payer import Payer
from app.llm.money.prices import Cost
from app.llm.money.tables import BudgetAlertRow, BudgetRow, ModelCallRow
from app.llm.types import Model, Options, Part, Prompt, Stop, Text, Turn, Usage

T = TypeVar("T")
PROMPT = Prompt("Answer. " * 200, (Turn("user", "How long may a question be?"),))
USED = Usage(1_000, 100, cache_read_tokens=10, reasoning_tokens=7)
COST = 2_000
"""Micro-dollars of that usage."""
WHOLE: tuple[Part, ...] = (Text("At most 4,000 characters."), USED, Stop("stop"))


def price(usage: Usage) -> Cost:
    """A dollar for a million tokens asked, ten for a million written."""
    dollars = (usage.input_tokens_total + 10 * usage.output_tokens_total) * Decimal("0.000001")
    return Cost(dollars, "test 1", usage.estimated)


@dataclass
class Acting:
    """Yields given parts and may raise after them."""

    parts: tuple[Part, ...] = WHOLE
    error: ModelError | None = None
    seconds: float = 0.0
    name: str = "acting"
    asked: list[Options] = field(default_factory=list)

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        self.asked.append(options)
        for part in self.parts:
            await asyncio.sleep(self.seconds)
            yield part
        if self.error:
            raise self.error


@dataclass
class Shop:
    """A ledger, the limits, and everything that was told."""

    database: Database
    limits: Limits = field(default_factory=Limits)
    told: list[Called] = field(default_factory=list)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.database)

    @property
    def allowance(self) -> Allowance:
        """What may be spent now."""
        return Allowance(Terms(self.limits))

    def model(self, model: Model | None = None, most: int = 100) -> Budgeted:
        return Budgeted(model or Acting(), Tariff("test", most, price), self.ledger, self.allowance, self.told.append)

    async def ask(self, model: Budgeted, payer: Payer | None = None) -> list[Part]:
        async with asked(model, PROMPT, Options(payer=payer or Payer("w1"))) as answer:
            return [part async for part in answer]

    async def calls(self) -> list[dict[str, Any]]:
        await self.ledger.close()
        rows = select(ModelCallRow).order_by(col(ModelCallRow.id))
        return await self.database.read(lambda session: [one.model_dump() for one in session.execute(rows).scalars()])

    async def accounts(self) -> dict[str, tuple[int, int]]:
        await self.ledger.close()
        columns = (col(BudgetRow.scope), col(BudgetRow.settled_micro_usd), col(BudgetRow.reserved_micro_usd))
        return await self.database.read(
            lambda session: {one[0]: (one[1], one[2]) for one in session.execute(select(*columns))}
        )

    async def alerts(self) -> list[tuple[str, int]]:
        columns = (col(BudgetAlertRow.scope), col(BudgetAlertRow.percent))
        order = select(*columns).order_by(col(BudgetAlertRow.percent))
        return await self.database.read(lambda session: [(one[0], one[1]) for one in session.execute(order)])


@dataclass
class Counting:
    """A database that counts its writes, and fails the first few."""

    inner: Database
    failing: int = 0
    writes: int = 0

    @property
    def statements(self) -> Statements | None:
        """The inner one's, counted as well."""
        return _Counted(self) if self.inner.statements else None

    async def read(self, operation: Callable[[Session], T]) -> T:
        return await self.inner.read(operation)

    async def look(self, operation: Callable[[Session], T]) -> T:
        return await self.inner.look(operation)

    async def write(self, operation: Callable[[Session], T]) -> T:
        self.count()
        return await self.inner.write(operation)

    def count(self) -> None:
        self.writes += 1
        if self.writes <= self.failing:
            raise OperationalError("away", {}, Exception("away"))

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class _Counted:
    counting: Counting

    async def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        self.counting.count()
        assert self.counting.inner.statements
        return await self.counting.inner.statements.run(statement, *values)
