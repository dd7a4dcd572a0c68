"""What is asked, what is booked, and what is told of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from app.database import Database, open_database
from app.llm.errors import Kind, ModelError
from app.llm.gateway import asked
from app.llm.money.budget import BudgetSpent, Limits
from app.llm.money.calls import likely_input_tokens
from app.llm.money.payer import Payer
from app.llm.resilience.retrying import Retried
from app.llm.types import Options, Reasoning, Stop, Text, Usage
from tests.llm.paying import COST, PROMPT, USED, WHOLE, Acting, Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    database: Database = open_database(f"sqlite:///{tmp_path}/money.db")
    await database.write(lambda session: SQLModel.metadata.create_all(session.connection()))
    opened = Shop(database)
    yield opened
    await opened.ledger.close()
    await database.close()


async def test_a_call_is_written_down_with_everything_that_it_took(shop: Shop) -> None:
    payer = Payer("w1", "draft", "c1", "t1", "anna")
    assert await shop.ask(shop.model(), payer) == list(WHOLE)
    (call,) = await shop.calls()
    assert {name: call[name] for name in ("workspace_id", "purpose", "conversation_id", "turn_id", "customer_id")} == {
        "workspace_id": "w1", "purpose": "draft", "conversation_id": "c1", "turn_id": "t1", "customer_id": "anna",
    }  # fmt: skip
    assert (call["model"], call["dialect"], call["price_version"], call["estimated"]) == (
        "acting",
        "test",
        "test 1",
        False,
    )
    assert (call["input_tokens"], call["output_tokens"], call["cache_read_tokens"], call["reasoning_tokens"]) == (
        1_000, 100, 10, 7,
    )  # fmt: skip
    assert (call["cost_micro_usd"], call["attempts"], call["stop"], call["error"]) == (COST, 1, "stop", None)
    assert call["total_ms"] >= call["first_text_ms"] >= 0
    assert [one.row() for one in shop.told] == [call]
    assert (payer.used.tokens, payer.used.cost_micro_usd) == (1_100, COST)


async def test_a_call_that_is_cut_off_is_estimated_from_what_had_come(shop: Shop) -> None:
    broken = Acting((Reasoning("Hm. "), Text("x" * 396)), ModelError("cut_off", "gone", at="mid-stream"))
    with pytest.raises(ModelError):
        await shop.ask(shop.model(broken))
    (call,) = await shop.calls()
    assert (call["output_tokens"], call["estimated"], call["error"]) == (100, True, "cut_off")
    assert call["cost_micro_usd"] == call["input_tokens"] + 1_000 > 1_000


async def test_an_early_count_of_a_call_that_is_cut_off_is_not_taken_for_the_whole(shop: Shop) -> None:
    broken = Acting((Usage(900, 1), Text("x" * 400)), ModelError("cut_off", "gone", at="mid-stream"))
    with pytest.raises(ModelError):
        await shop.ask(shop.model(broken))
    (call,) = await shop.calls()
    assert (call["input_tokens"], call["output_tokens"], call["estimated"]) == (900, 100, True)


async def test_a_listener_who_hangs_up_pays_for_what_was_written(shop: Shop) -> None:
    async with asked(shop.model(), PROMPT, Options(payer=Payer("w1"))) as answer:
        await anext(answer)
    (call,) = await shop.calls()
    assert (call["error"], call["stop"], call["estimated"]) == ("hung_up", None, True)
    assert call["cost_micro_usd"] > 0


async def test_a_call_that_is_cancelled_is_not_lost(shop: Shop) -> None:
    asking = asyncio.create_task(shop.ask(shop.model(Acting(seconds=0.05))))
    await asyncio.sleep(0.08)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert [one["error"] for one in await shop.calls()] == ["hung_up"]


@pytest.mark.parametrize(
    ("kind", "charged"), [("auth", False), ("rate_limit", False), ("server", False), ("timeout", True)]
)
async def test_a_refused_call_costs_nothing_but_a_silent_provider_may_charge(
    shop: Shop, kind: Kind, charged: bool
) -> None:
    with pytest.raises(ModelError):
        await shop.ask(shop.model(Acting((), ModelError(kind, "no"))))
    (call,) = await shop.calls()
    assert (call["error"], bool(call["cost_micro_usd"])) == (kind, charged)


async def test_a_model_that_was_never_asked_made_no_call(shop: Shop) -> None:
    with pytest.raises(ModelError):
        await shop.ask(shop.model(Acting((), ModelError("unavailable", "the breaker is open"))))
    assert await shop.calls() == []


async def test_tries_are_counted_by_whoever_asks_the_provider(shop: Shop) -> None:
    class Moody(Acting):
        async def stream(self, prompt, options):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            assert options.tally
            options.tally.attempts += 1
            if options.tally.attempts < 3:
                raise ModelError("overloaded", "busy")
            for part in WHOLE:
                yield part

    async def at_once(_: float) -> None:
        return

    await shop.ask(shop.model(Retried(Moody(), sleep=at_once)))
    assert [one["attempts"] for one in await shop.calls()] == [3]


async def test_a_model_without_a_price_is_written_down_without_one(shop: Shop) -> None:
    model = shop.model()
    unpriced = type(model)(
        model.model, type(model.tariff)("test", 100, lambda _: None), shop.ledger, shop.allowance, shop.told.append
    )
    await shop.ask(unpriced)
    (call,) = await shop.calls()
    assert (call["cost_micro_usd"], call["price_version"], call["input_tokens"]) == (0, None, 1_000)


async def test_a_turn_may_take_so_many_tokens_in_all(shop: Shop) -> None:
    shop.limits = Limits(turn_tokens=2_000)
    model, acting, payer = shop.model(most=800), Acting(), Payer("w1", turn_id="t1")
    model = type(model)(acting, model.tariff, model.ledger, model.allowance, model.tell)
    await shop.ask(model, payer)
    await shop.ask(model, payer)
    limits = [one.max_output_tokens for one in acting.asked]
    left = 2_000 - USED.input_tokens_total - USED.output_tokens_total
    assert limits == [800, left - likely_input_tokens(PROMPT)]
    with pytest.raises(BudgetSpent, match="turn_tokens"):
        await shop.ask(model, payer)


async def test_a_refused_call_is_not_made(shop: Shop) -> None:
    shop.limits = Limits(workspace_day=10)
    acting = Acting()
    with pytest.raises(BudgetSpent) as refusal:
        await shop.ask(shop.model(acting))
    assert (refusal.value.kind, refusal.value.retryable, acting.asked) == ("quota", False, [])
    assert await shop.calls() == []


async def test_the_end_without_a_count_is_estimated(shop: Shop) -> None:
    await shop.ask(shop.model(Acting((Text("x" * 40), Stop("stop")))))
    (call,) = await shop.calls()
    assert (call["output_tokens"], call["estimated"], call["error"]) == (10, True, None)
