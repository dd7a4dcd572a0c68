"""What one statement does on PostgreSQL, and what stays right when it meets the long way or is not heard of."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel, select

from app.database import Database, new_id, now, open_database
from app.llm.money.at_once import AtOnce
from app.llm.money.booking import Bill, Wish
from app.llm.money.budget import Account
from app.llm.money.calls import Called
from app.llm.money.desks import Desk, Locking
from app.llm.money.payer import Payer
from app.llm.money.tables import BudgetAlertRow, BudgetRow, ModelCallRow, ReservationRow
from app.migrations.run import migrate
from tests.conftest import POSTGRES

DAY = Account("w1", "workspace_day", "2026-11-21", 1_000)
CONVERSATION = Account("w1", "conversation:c1", "", 300)


@dataclass
class Telling:
    """Statements that run, and of which the first few are not heard of."""

    inner: Any
    deaf: int = 0
    ran: list[str] = field(default_factory=list)

    async def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = await self.inner.run(statement, *values)
        self.ran.append(statement)
        if len(self.ran) <= self.deaf:
            raise OperationalError("lost", None, Exception("the connection broke"))
        return rows


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    opened = open_database(postgres_url)
    await opened.write(lambda session: SQLModel.metadata.create_all(session.connection()))
    yield opened
    await opened.close()


def desk(database: Database, deaf: int = 0) -> AtOnce:
    return AtOnce(Telling(database.statements, deaf), Locking(database))


def wish(amount: int = 100, *accounts: Account) -> Wish:
    return Wish(Called.begun(Payer("w1", conversation_id="c1"), "m", "test", now()), amount, accounts or (DAY,))


def bill(one: Wish, cost: int = 60) -> Bill:
    over = Called(one.call.id, "w1", "answer", "m", "test", one.call.started_at, "c1", cost_micro_usd=cost, attempts=1)
    return Bill.of(over, one)


async def standing(database: Database) -> dict[str, tuple[int, int, int]]:
    def found(session: Session) -> dict[str, tuple[int, int, int]]:
        rows = session.exec(select(BudgetRow))
        return {one.scope: (one.settled_micro_usd, one.reserved_micro_usd, one.warned_percent) for one in rows}

    return await database.read(found)


async def count(database: Database, table: type[Any]) -> int:
    return await database.read(lambda session: len(list(session.exec(select(table)))))


async def test_once_the_accounts_are_there_one_statement_does(database: Database) -> None:
    one = desk(database)
    await one.reserve([wish()])
    before = await standing(database)
    assert (await one.reserve([wish(), wish()])).refused == [None, None]
    assert (before["workspace_day"], await standing(database)) == ((0, 100, 0), {"workspace_day": (0, 300, 0)})
    assert await count(database, ReservationRow) == 2


async def test_when_not_all_have_room_those_that_have_are_let_through(database: Database) -> None:
    one = desk(database)
    await one.reserve([wish()])
    refused = (await one.reserve([wish(500), wish(500), wish(300), wish(100)])).refused
    assert refused == [None, DAY, None, None]
    assert (await standing(database))["workspace_day"] == (0, 1_000, 0)


async def test_a_call_needs_room_on_all_its_accounts_and_otherwise_takes_none(database: Database) -> None:
    one = desk(database)
    assert (await one.reserve([wish(200, DAY, CONVERSATION)])).refused == [None]
    assert (await one.reserve([wish(200, DAY, CONVERSATION)])).refused == [CONVERSATION]
    assert await standing(database) == {"workspace_day": (0, 200, 0), "conversation:c1": (0, 200, 0)}


async def test_a_whole_call_is_written_down_where_migrations_made_the_tables(
    database: Database, postgres_url: str
) -> None:
    """Rows are written as a whole, so that the order of their columns must not matter."""
    await database.write(lambda session: SQLModel.metadata.drop_all(session.connection()))
    await asyncio.to_thread(migrate, postgres_url)
    one, asked = desk(database), wish(200, DAY, CONVERSATION)
    await one.reserve([asked])
    settled = bill(asked)
    await one.settle([settled])
    assert await standing(database) == {"workspace_day": (60, 0, 0), "conversation:c1": (60, 0, 0)}
    [row] = await database.read(lambda session: list(session.exec(select(ModelCallRow))))
    assert row.model_dump() == settled.call.row()


async def test_a_settlement_of_which_nobody_heard_may_be_done_again(database: Database) -> None:
    one, asked = desk(database), wish()
    await one.reserve([asked])
    deaf = desk(database, deaf=1)
    with pytest.raises(OperationalError):
        await deaf.settle([bill(asked)])
    await deaf.settle([bill(asked), bill(wish(), 5)])
    assert (await standing(database))["workspace_day"] == (65, 0, 0)
    assert await count(database, ModelCallRow) == 2


async def test_a_step_is_told_once_by_whoever_settles(database: Database) -> None:
    one, asked = desk(database), [wish(400), wish(400)]
    await one.reserve(asked)
    alerts = [(await one.settle([bill(each, 400)])).alerts for each in asked]
    assert [[alert.percent for alert in told] for told in alerts] == [[], [80]]
    await one.settle([bill(wish(0), 10)])
    assert await count(database, BudgetAlertRow) == 1
    assert (await standing(database))["workspace_day"][2] == 80


async def test_both_ways_at_once_never_overshoot(database: Database) -> None:
    """Other processes may go the long way at the same moment: each sees what the other has just reserved."""
    desks: list[Desk] = [desk(database), desk(database), Locking(database), Locking(database)]
    results = await asyncio.gather(*(one.reserve([wish(30)]) for one in desks for _ in range(15)))
    passed = sum(booked.refused == [None] for booked in results)
    assert passed == 33
    assert (await standing(database))["workspace_day"] == (0, 990, 0)


async def test_many_that_name_their_accounts_in_any_order_do_not_wait_for_each_other_for_ever(
    database: Database,
) -> None:
    accounts = [Account("w1", f"conversation:{number}", "", 10_000) for number in range(6)]
    await desk(database).reserve([wish(1, *accounts)])
    desks = [desk(database) for _ in range(6)]
    orders = [accounts[number:] + accounts[:number] for number in range(6)]
    async with asyncio.timeout(30):
        for _ in range(20):
            await asyncio.gather(*(one.reserve([wish(1, *order)]) for one, order in zip(desks, orders, strict=True)))
    assert {reserved for _, reserved, _ in (await standing(database)).values()} == {121}


async def test_a_connection_that_the_server_closed_is_replaced(database: Database, postgres_url: str) -> None:
    one = desk(database)
    await one.reserve([wish()])
    await one.reserve([wish()])
    server = await asyncpg.connect(POSTGRES)
    name = postgres_url.rpartition("/")[2]
    await server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    await server.close()
    await asyncio.sleep(0.3)
    assert (await one.reserve([wish()])).refused == [None]
    assert (await standing(database))["workspace_day"] == (0, 300, 0)


async def test_what_is_not_limited_has_room(database: Database) -> None:
    free = Account("w1", f"conversation:{new_id()}", "", None)
    one = desk(database)
    for _ in range(2):
        assert (await one.reserve([wish(900, free)])).refused == [None]
