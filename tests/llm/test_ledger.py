"""Reserving and settling on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session

from app.database import Database, now
from app.llm.money.booking import Wish
from app.llm.money.budget import BudgetSpent, Limits
from app.llm.money.calls import Called
from app.llm.money.payer import Payer
from app.llm.money.tables import ReservationRow
from app.llm.types import Options
from tests.llm.paying import COST, PROMPT, Acting, Counting, Shop

DOLLAR = 1_000_000


@pytest.fixture
def counting(database: Database) -> Counting:
    return Counting(database)


async def test_two_hundred_calls_at_once_never_overshoot_and_afterwards_nobody_is_refused_in_vain(
    database: Database,
) -> None:
    shop = Shop(database, Limits(workspace_day=DOLLAR))
    model = shop.model(Acting(seconds=0.01), most=1_000)
    payers = [Payer("w1", conversation_id=f"c{number}") for number in range(200)]
    outcomes = await asyncio.gather(*(shop.ask(model, payer) for payer in payers), return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, BaseException)]
    assert refused
    assert all(isinstance(one, BudgetSpent) for one in refused)
    passed = 200 - len(refused)
    assert await shop.accounts() == {"workspace_day": (passed * COST, 0)}
    worst = model.tariff.at_most(PROMPT, Options())
    while (await shop.accounts())["workspace_day"][0] + worst <= DOLLAR:
        await asyncio.gather(*(shop.ask(model, Payer("w1")) for _ in range(8)), return_exceptions=True)
    spent, reserved = (await shop.accounts())["workspace_day"]
    assert DOLLAR - worst < spent <= DOLLAR
    assert reserved == 0
    assert sum(one["cost_micro_usd"] for one in await shop.calls()) == spent


async def test_two_processes_share_one_budget(database: Database) -> None:
    shops = [Shop(database, Limits(workspace_day=100 * COST)) for _ in range(2)]
    jobs = [shop.ask(shop.model(Acting(seconds=0.002)), Payer("w1")) for _ in range(100) for shop in shops]
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    passed = sum(not isinstance(one, BaseException) for one in outcomes)
    await shops[1].ledger.close()
    assert (await shops[0].accounts())["workspace_day"] == (passed * COST, 0)
    assert passed * COST <= 100 * COST


async def test_a_call_needs_room_in_all_its_budgets(database: Database) -> None:
    shop = Shop(database, Limits(workspace_day=DOLLAR, conversation=2 * COST, routes={"draft": 0}))
    model = shop.model()
    await shop.ask(model, Payer("w1", conversation_id="c1"))
    await shop.ledger.close()
    with pytest.raises(BudgetSpent, match="conversation"):
        await shop.ask(model, Payer("w1", conversation_id="c1"))
    with pytest.raises(BudgetSpent, match="route_day"):
        await shop.ask(model, Payer("w1", "draft", "c2"))
    await shop.ask(model, Payer("w1", conversation_id="c2"))
    accounts = await shop.accounts()
    assert accounts["conversation:c2"] == (COST, 0)
    assert accounts["workspace_day"][1] == accounts["route_day:draft"][0] == 0


async def test_a_call_that_is_over_makes_room_at_once(database: Database) -> None:
    worst = Shop(database).model().tariff.at_most(PROMPT, Options())
    assert worst > COST
    shop = Shop(database, Limits(workspace_day=COST + worst))
    model = shop.model()
    for _ in range(2):
        await shop.ask(model)
    assert (await shop.accounts())["workspace_day"] == (2 * COST, 0)


async def test_a_new_limit_counts_what_was_spent_before(database: Database) -> None:
    free = Shop(database)
    for _ in range(3):
        await free.ask(free.model(), Payer("w1", conversation_id="c1", customer_id="anna"))
    await free.ledger.close()
    assert await free.accounts() == {}
    shop = Shop(database, Limits(DOLLAR, DOLLAR, DOLLAR, DOLLAR, {"answer": DOLLAR}))
    await shop.ask(shop.model(), Payer("w1", conversation_id="c1", customer_id="anna"))
    assert set((await shop.accounts()).values()) == {(4 * COST, 0)}


async def test_a_limit_that_is_taken_away_for_a_while_has_missed_nothing(database: Database) -> None:
    for limits in (Limits(workspace_day=DOLLAR), Limits(), Limits(workspace_day=DOLLAR)):
        shop = Shop(database, limits)
        await shop.ask(shop.model())
        await shop.ledger.close()
    assert await Shop(database).accounts() == {"workspace_day": (3 * COST, 0)}


async def test_the_steps_of_a_budget_are_told_and_kept_once_a_period(database: Database) -> None:
    shop = Shop(database, Limits(workspace_day=10 * COST, conversation=2 * COST))
    model = shop.model(most=100)
    for number in range(12):
        try:
            await shop.ask(model, Payer("w1", conversation_id=f"c{number}"))
        except BudgetSpent:
            break
        await shop.ledger.close()
    assert await shop.alerts() == [("workspace_day", 50), ("workspace_day", 80), ("workspace_day", 100)]


async def test_a_call_whose_process_died_is_charged_in_full_once_its_time_is_over(database: Database) -> None:
    dead, shop = Shop(database, Limits(workspace_day=DOLLAR)), Shop(database, Limits(workspace_day=DOLLAR))
    call = Called.begun(Payer("w1", conversation_id="c1"), "acting", "test", now())
    await dead.ledger.reserve(Wish(call, 700_000, dead.limits.asked(Payer("w1"), now())))
    await shop.ask(shop.model())
    assert (await shop.accounts())["workspace_day"] == (COST, 700_000)
    await database.write(_expire)
    late = Shop(database, Limits(workspace_day=DOLLAR))
    await late.ask(late.model())
    assert (await late.accounts())["workspace_day"] == (700_000 + 2 * COST, 0)
    lost = next(one for one in await late.calls() if one["id"] == call.id)
    assert (lost["cost_micro_usd"], lost["error"], lost["estimated"]) == (700_000, "lost", True)
    await database.write(_expire)
    again = Shop(database, Limits(workspace_day=DOLLAR))
    await again.ask(again.model())
    assert (await again.accounts())["workspace_day"] == (700_000 + 3 * COST, 0)


def _expire(session: Session) -> None:
    session.execute(update(ReservationRow).values(expires_at=now() - timedelta(seconds=1)))


async def test_whoever_stops_waiting_for_a_reservation_leaves_nothing_reserved(database: Database) -> None:
    shop = Shop(database, Limits(workspace_day=DOLLAR))
    await shop.ask(shop.model())
    asking = asyncio.create_task(shop.ask(shop.model()))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await asyncio.sleep(0.1)
    assert await shop.accounts() == {"workspace_day": (COST, 0)}
    assert [one["attempts"] for one in await shop.calls()] == [1, 0]


async def test_calls_are_written_in_gathered_transactions(counting: Counting) -> None:
    shop = Shop(counting)
    await _have_swept(shop, counting)
    await asyncio.gather(*(shop.ask(shop.model()) for _ in range(50)))
    assert len(await shop.calls()) == 51
    assert counting.writes == 1


async def test_a_database_that_is_away_for_a_moment_loses_no_call(counting: Counting) -> None:
    shop = Shop(counting)
    await _have_swept(shop, counting)
    counting.failing = 1
    await shop.ask(shop.model())
    assert len(await shop.calls()) == 2
    assert counting.writes == 2


async def _have_swept(shop: Shop, counting: Counting) -> None:
    """The first call of a process looks for lost ones as well."""
    await shop.ask(shop.model())
    await shop.ledger.rest()
    counting.writes = 0
