"""Budgets under a crowd, on PostgreSQL: 200 calls at once on 1.00 USD. Overshoot, false refusals, time to reserve.

    python -m benchmarks.budgets [--calls 200] [--rounds 20] [--url postgresql://…]

`alone`: a call that asks for its budget while nobody else does. `in_flight`: one that comes while others are being
answered. `burst`: one that asks in the same instant as all others; most of that time is what they do in their event
loop before they ask. `raw_write`: one UPDATE of one row with its commit over the bare driver, the least that a
reservation can take.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

import asyncpg
import structlog
from sqlalchemy import select
from sqlmodel import SQLModel, col

from app.database import Database, new_id, open_database
from app.llm.gateway import asked
from app.llm.money.booking import Wish
from app.llm.money.budget import Allowance, BudgetSpent, Limits, Terms
from app.llm.money.budgeted import Budgeted, Tariff
from app.llm.money.calls import Called
from app.llm.money.ledger import Grant, Ledger
from app.llm.money.payer import Payer
from app.llm.money.prices import Cost
from app.llm.money.tables import BudgetRow
from app.llm.types import Options, Part, Prompt, Stop, Text, Turn, Usage

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
BUDGET = 1_000_000
PROMPT = Prompt("Answer.", (Turn("user", "How long may a question be?"),))
USED = Usage(2_000, 200)


@dataclass(frozen=True, slots=True)
class Steady:
    """Answers after a while, and took what it always takes."""

    name: str = "steady"
    seconds: float = 0.0

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """A few words."""
        del prompt, options
        await asyncio.sleep(self.seconds)
        yield Text("At most 4,000 characters.")
        yield USED
        yield Stop("stop")


@dataclass(slots=True)
class Watched(Ledger):
    """A ledger that notes how long each reservation took."""

    seconds: list[float] | None = None

    async def reserve(self, wish: Wish) -> Grant:
        """Reserve, and note the time. A refusal has waited for what was just being settled, so it says nothing."""
        began = time.perf_counter()
        grant = await Ledger.reserve(self, wish)
        if self.seconds is not None:
            self.seconds.append(time.perf_counter() - began)
        return grant


def price(usage: Usage) -> Cost:
    """Three dollars for a million tokens asked, fifteen for a million written."""
    return Cost((usage.input_tokens_total * Decimal(3) + usage.output_tokens_total * Decimal(15)) / 1_000_000, "bench")


def limited(micro_usd: int) -> Allowance:
    """So much a day."""
    return Allowance(Terms(Limits(workspace_day=micro_usd)))


def nobody(_: Called) -> None:
    """Tell nobody."""


@asynccontextmanager
async def fresh(server: str) -> AsyncIterator[tuple[Database, str]]:
    """A database of one's own."""
    name = "answerdesk_bench_" + new_id().replace("-", "")
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name}")
    url = server.rsplit("/", 1)[0] + f"/{name}"
    database = open_database(url)
    try:
        await database.write(lambda session: SQLModel.metadata.create_all(session.connection()))
        yield database, url
    finally:
        await database.close()
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()


async def call(model: Budgeted, payer: Payer, pause: float = 0) -> bool:
    """One call; whether it was let through."""
    await asyncio.sleep(pause)
    try:
        async with asked(model, PROMPT, Options(payer=payer)) as answer:
            async for _ in answer:
                pass
    except BudgetSpent:
        return False
    return True


async def crowd(ledger: Watched, workspace: str, calls: int, spread_s: float) -> int:
    """So many calls, at once or spread over a time; how many were let through."""
    answering = Steady(seconds=max(spread_s, 0.1))  # so that the first is not over before the last has come
    model = Budgeted(answering, Tariff("bench", 800, price), ledger, limited(BUDGET), nobody)
    pauses = [random.uniform(0, spread_s) for _ in range(calls)]  # noqa: S311  # spreads load, guards nothing
    payers = [Payer(workspace, conversation_id=f"c{number}") for number in range(calls)]
    return sum(await asyncio.gather(*(call(model, *one) for one in zip(payers, pauses, strict=True))))


async def settled(database: Database, workspace: str) -> int:
    """What the day came to once nothing is under way."""
    columns = (col(BudgetRow.settled_micro_usd), col(BudgetRow.reserved_micro_usd))
    mine = (col(BudgetRow.workspace_id) == workspace) & (col(BudgetRow.scope) == "workspace_day")
    while True:
        spent, reserved = await database.read(lambda session: session.execute(select(*columns).where(mine)).one())
        if not reserved:
            return int(spent)
        await asyncio.sleep(0.02)


async def one_round(database: Database, ledger: Watched, calls: int, spread_s: float) -> dict[str, int]:
    """A fresh workspace: the crowd, then one by one for as long as there is room."""
    workspace = new_id()
    passed = await crowd(ledger, workspace, calls, spread_s)
    seconds, ledger.seconds = ledger.seconds, None
    model = Budgeted(Steady(), Tariff("bench", 800, price), ledger, limited(BUDGET), nobody)
    worst, refused = model.tariff.at_most(PROMPT, Options()), 0
    while (spent := await settled(database, workspace)) + worst <= BUDGET:
        refused += not await call(model, Payer(workspace))
    ledger.seconds = seconds
    return {"passed": passed, "refused": refused, "settled": spent}


async def alone(ledger: Watched, url: str, times: int = 300) -> tuple[list[float], list[float]]:
    """Calls one after the other, with room for all of them, and between them one row changed over the driver alone."""
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE bare (id int PRIMARY KEY, n bigint); INSERT INTO bare VALUES (1, 0)")
    seconds: list[float] = []
    raw: list[float] = []
    ledger.seconds = seconds
    model = Budgeted(Steady(), Tariff("bench", 800, price), ledger, limited(BUDGET * 1_000_000), nobody)
    for _ in range(times):
        await call(model, Payer("alone"))
        began = time.perf_counter()
        await connection.execute("UPDATE bare SET n = n + 1 WHERE id = 1")
        raw.append(time.perf_counter() - began)
    ledger.seconds = None
    await connection.close()
    return seconds, raw


def told(seconds: list[float]) -> dict[str, float]:
    """Milliseconds at the middle and near the end."""
    ordered = sorted(seconds)
    return {
        f"p{part}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * part // 100)] * 1000, 2) for part in (50, 95)
    }


async def measure(server: str, calls: int, rounds: int) -> None:
    """Print one JSON row a way of coming, and one about the raw write."""
    async with fresh(server) as (database, url):
        ledger = Watched(database)
        await one_round(database, ledger, calls, 0)
        for way, spread_s in (("burst", 0.0), ("in_flight", 1.0)):
            seconds: list[float] = []
            ledger.seconds = seconds
            results = [await one_round(database, ledger, calls, spread_s) for _ in range(rounds)]
            row = {
                "measure": way,
                "calls": calls,
                "rounds": rounds,
                "budget_usd": BUDGET / 1e6,
                "let_through_at_first": results[0]["passed"],
                "most_settled_usd": max(one["settled"] for one in results) / 1e6,
                "overshot": sum(one["settled"] > BUDGET for one in results),
                "false_refusals_after_settling": sum(one["refused"] for one in results),
            }
            print(json.dumps(row | told(seconds)), flush=True)
        seconds, raw = await alone(ledger, url)
        await ledger.close()
        print(json.dumps({"measure": "alone", **told(seconds)}), flush=True)
        load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        print(json.dumps({"measure": "raw_write", **told(raw), "load": load}), flush=True)


def main() -> None:
    """Measure on a server of one's own choice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--url", default=SERVER)
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        asyncio.run(measure(chosen.url, chosen.calls, chosen.rounds))
    except OSError:
        print(f"NOT MEASURED: no PostgreSQL at {chosen.url}")


if __name__ == "__main__":
    main()
