"""Work that can wait: reserved first, handed in once, fetched when it is done, paid for once at half the price."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from app.database import Database
from app.llm.batching.batches import Batches
from app.llm.batching.bills import BatchPrices
from app.llm.batching.handing_in import HandedIn
from app.llm.batching.kept import BatchStore, NoRoom
from app.llm.batching.one_by_one import OneByOne
from app.llm.batching.wire import Door
from app.llm.connecting import ModelChoice
from app.llm.errors import ModelError
from app.llm.money.budget import Allowance, Limits, Terms
from app.llm.money.prices import Price
from app.llm.money.tables import BudgetRow, ModelCallRow, ReservationRow
from app.llm.types import Options, Part, Prompt, Stop, Text, Usage
from tests.llm.batch_child import HELD_FOR, LIMITS, PAYER, batches, jobs
from tests.llm.batch_house import House, served

DIALECTS = pytest.mark.parametrize("dialect", ["openai-chat", "anthropic"])
EACH = 1_500
"""Micro-dollars of one answer: half of a thousand tokens at 2 and a hundred at 10 US dollars for a million."""


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def address(house: House) -> Iterator[str]:
    with served(house) as opened:
        yield opened


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as opened:
        yield opened


@pytest.mark.parametrize("headers", [{"x-api-key": "sk-secret"}, {"authorization": "Bearer sk-secret"}])
async def test_a_provider_that_repeats_the_key_does_not_spread_it(headers: dict[str, str]) -> None:
    refusal = httpx.Response(401, json={"error": {"message": "No such key: sk-secret."}})
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: refusal)) as client:
        door = Door(client, "http://provider.test", headers)
        with pytest.raises(ModelError) as told:
            await door.ask("GET", "/v1/batches")
    assert told.value.message == "No such key: [key]."
    assert "sk-secret" not in str(told.value) + repr(door)


async def until_ended(one: Batches, batch_id: str) -> list[dict[str, Any]]:
    for _ in range(60):
        if await one.advance(batch_id) == "ended":
            return await one.results(batch_id)
        await asyncio.sleep(0.05)
    raise AssertionError("The batch did not end.")


async def money(database: Database) -> tuple[int, int, int, int]:
    """What was booked as calls, what the workspace's day says is settled and reserved, and how many promises stand."""
    calls = await database.read(lambda session: [one.cost_micro_usd for one in session.exec(select(ModelCallRow))])
    days = await database.read(lambda session: list(session.exec(select(BudgetRow))))
    promises = await database.read(lambda session: len(list(session.exec(select(ReservationRow)))))
    return sum(calls), sum(day.settled_micro_usd for day in days), sum(day.reserved_micro_usd for day in days), promises


async def forget(database: Database, table: str) -> None:
    def empty(session: Session) -> None:
        session.execute(text(f"DELETE FROM {table}"))

    await database.write(empty)


@DIALECTS
async def test_it_is_handed_in_once_and_fetched_after_a_restart(  # a provider and a database
    database: Database, client: httpx.AsyncClient, house: House, address: str, dialect: str
) -> None:
    asked = jobs("first", "second", "break")
    batch_id = await batches(database, client, address, dialect).submit(PAYER, asked)
    again = batches(database, client, address, dialect)
    assert await again.submit(PAYER, asked) == batch_id
    assert [await again.advance(batch_id) for _ in range(3)] == ["submitted"] * 3
    house.ended = True
    results = await until_ended(again, batch_id)
    assert [(one["id"], one["text"]) for one in results] == [
        ("first", "Answer to first"), ("second", "Answer to second"), ("break", ""),
    ]  # fmt: skip
    assert results[2]["error"]["kind"] == "context_length"
    assert [one["cost_usd"] for one in results] == [0.0015, 0.0015, None]
    assert len(house.batches) == 1


@DIALECTS
async def test_all_of_it_is_reserved_before_and_booked_after_at_half_the_price(
    database: Database, client: httpx.AsyncClient, house: House, address: str, dialect: str
) -> None:
    one = batches(database, client, address, dialect)
    batch_id = await one.submit(PAYER, jobs("first", "second", "break"))
    _, settled, reserved, promises = await money(database)
    assert (settled, promises) == (0, 1)
    assert reserved > 3 * EACH
    assert house.requests == [], "It is written down and reserved before anything is sent."
    house.ended = True
    await until_ended(one, batch_id)
    await one.advance(batch_id)
    assert await money(database) == (2 * EACH, 2 * EACH, 0, 0)
    calls = await database.read(lambda session: list(session.exec(select(ModelCallRow))))
    assert {(call.purpose, call.price_version) for call in calls if call.cost_micro_usd} == {
        ("summary", "settings, batch")
    }
    assert sorted(call.error or "" for call in calls) == ["", "", "context_length"]


@DIALECTS
@pytest.mark.parametrize("limits", [Limits(workspace_day=0), Limits(routes={"summary": 10}), Limits(workspace_month=9)])
async def test_a_budget_without_room_refuses_it_in_a_plain_sentence(
    database: Database, client: httpx.AsyncClient, house: House, address: str, dialect: str, limits: Limits
) -> None:
    one = batches(database, client, address, dialect, limits)
    with pytest.raises(NoRoom, match=r"has no room for this batch: its 2 prompts may cost up to 0\.0") as refused:
        await one.submit(PAYER, jobs("first", "second"))
    assert refused.value.detail.endswith("or hand in fewer prompts.")
    assert await one.store.unfinished() == []
    assert house.requests == []
    assert (await money(database))[2:] == (0, 0)


@DIALECTS
async def test_what_expired_is_handed_in_once_more(
    database: Database, client: httpx.AsyncClient, house: House, address: str, dialect: str
) -> None:
    one = batches(database, client, address, dialect)
    house.ended = True
    batch_id = await one.submit(PAYER, jobs("first", "expire", "always expire"))
    results = await until_ended(one, batch_id)
    assert [one["text"] for one in results] == ["Answer to first", "Answer to expire", ""]
    assert results[2]["error"]["native_code"] == "expired"
    assert [len(batch["rows"]) for batch in house.batches.values()] == [3, 2]
    assert await money(database) == (2 * EACH, 2 * EACH, 0, 0)


@DIALECTS
async def test_cancelling_keeps_and_pays_for_what_was_answered(
    database: Database, client: httpx.AsyncClient, house: House, address: str, dialect: str
) -> None:
    one = batches(database, client, address, dialect)
    batch_id = await one.submit(PAYER, jobs("first", "second", "expire"))
    await one.advance(batch_id)
    await one.cancel(batch_id)
    results = await until_ended(one, batch_id)
    assert [(one["text"], (one["error"] or {}).get("native_code")) for one in results] == [
        ("Answer to first", None), ("", "cancelled"), ("", "cancelled"),
    ]  # fmt: skip
    assert await money(database) == (EACH, EACH, 0, 0)
    assert len(house.batches) == 1


@DIALECTS
async def test_one_that_was_not_handed_in_is_cancelled_for_nothing(
    database: Database, client: httpx.AsyncClient, house: House, address: str, dialect: str
) -> None:
    one = batches(database, client, address, dialect)
    batch_id = await one.submit(PAYER, jobs("first"))
    await one.cancel(batch_id)
    await until_ended(one, batch_id)
    assert (house.requests, await money(database)) == ([], (0, 0, 0, 0))


@DIALECTS
async def test_a_refusal_of_the_provider_ends_it_and_gives_back_what_was_reserved(
    database: Database, client: httpx.AsyncClient, house: House, address: str, dialect: str
) -> None:
    house.refuses = [401]
    one = batches(database, client, address, dialect)
    batch_id = await one.submit(PAYER, jobs("first"))
    assert await one.advance(batch_id) == "ended"
    assert "refused the batch (auth)" in str((await one.store.read(batch_id)).trouble)
    assert await money(database) == (0, 0, 0, 0)
    house.ended = True
    anew = await one.submit(PAYER, jobs("first"))
    assert (await until_ended(one, anew))[0]["text"] == "Answer to first"


@DIALECTS
@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_provider_that_is_busy_or_broken_gets_it_later_and_once(
    database: Database, client: httpx.AsyncClient, house: House, address: str, dialect: str, status: int
) -> None:
    house.refuses = [status]
    one = batches(database, client, address, dialect)
    batch_id = await one.submit(PAYER, jobs("first"))
    assert await one.advance(batch_id) in {"made", "sending"}
    house.ended = True
    assert (await until_ended(one, batch_id))[0]["text"] == "Answer to first"
    assert len(house.batches) == 1


async def test_an_anthropic_batch_that_may_be_ours_is_waited_for(
    database: Database, client: httpx.AsyncClient, house: House, address: str
) -> None:
    """Somebody else's batch of as many requests is at work there: only its results tell that it is not ours."""
    other = batches(database, client, address, "anthropic")
    await other.advance(await other.submit(PAYER, jobs("theirs")))
    forgotten = next(iter(house.batches.values()))
    await forget(database, "model_batch")
    one = batches(database, client, address, "anthropic")
    batch_id = await one.submit(PAYER, jobs("first"))
    made = (await one.store.read(batch_id)).created_at
    await one.store.change(batch_id, state="sending", sent_at=made, held_until=None)
    assert [await one.advance(batch_id) for _ in range(3)] == ["sending"] * 3
    assert list(house.batches.values()) == [forgotten]
    house.ended = True
    assert (await until_ended(one, batch_id))[0]["text"] == "Answer to first"
    assert len(house.batches) == 2


async def test_results_are_fetched_from_our_own_address(
    database: Database, client: httpx.AsyncClient, house: House, address: str
) -> None:
    house.ended = True
    one = batches(database, client, address, "anthropic")
    await until_ended(one, await one.submit(PAYER, jobs("first")))
    assert house.requests[-1][1].endswith("/results")
    assert {headers["x-api-key"] for _, _, headers in house.requests} == {"a-key"}
    assert {headers["anthropic-version"] for _, _, headers in house.requests} == {"2023-06-01"}


async def test_what_openai_is_sent(database: Database, client: httpx.AsyncClient, house: House, address: str) -> None:
    one = batches(database, client, address, "openai-chat")
    batch_id = await one.submit(PAYER, jobs("first"))
    await one.advance(batch_id)
    [batch] = house.batches.values()
    tag = batch_id.replace("-", "") + "-1-"
    assert batch["asked"] == {
        "input_file_id": "file-0", "endpoint": "/v1/chat/completions", "completion_window": "24h",
        "metadata": {"answerdesk_batch": tag},
    }  # fmt: skip
    [row] = batch["rows"]
    assert (row["custom_id"], row["method"], row["url"]) == (f"{tag}0", "POST", "/v1/chat/completions")
    assert "stream" not in row["body"]
    assert house.requests[0][2]["authorization"] == "Bearer a-key"


async def test_one_process_at_a_time_works_on_a_batch(
    database: Database, client: httpx.AsyncClient, house: House, address: str
) -> None:
    several = [batches(database, client, address, "openai-chat") for _ in range(4)]
    batch_id = await several[0].submit(PAYER, jobs("first", "second"))
    await asyncio.gather(*(one.advance(batch_id) for one in several))
    assert len(house.batches) == 1
    house.ended = True
    await asyncio.gather(*(until_ended(one, batch_id) for one in several))
    assert await money(database) == (2 * EACH, 2 * EACH, 0, 0)


async def test_one_that_was_charged_as_lost_is_not_charged_again(
    database: Database, client: httpx.AsyncClient, house: House, address: str
) -> None:
    one = batches(database, client, address, "openai-chat")
    batch_id = await one.submit(PAYER, jobs("first"))
    await one.advance(batch_id)
    await forget(database, "budget_reservation")
    house.ended = True
    assert (await until_ended(one, batch_id))[0]["text"] == "Answer to first"
    assert (await money(database))[0] == 0


@dataclass
class Ordinary:
    """Answers one question after the other, unless it has an error left to give."""

    errors: list[ModelError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    name: str = "plain"

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        assert (options.payer, options.waits) == (PAYER, True)
        self.asked.append(prompt.question)
        if self.errors:
            raise self.errors.pop()
        yield Text(f"Answer to {prompt.question}")
        yield Usage(1000, 100)
        yield Stop("stop")


def elsewhere(database: Database, model: Ordinary) -> Batches:
    store = BatchStore(database, HELD_FOR)
    prices = BatchPrices(ModelChoice("plain", "gemini", "m", price=Price(2.0, 10.0)), Allowance(Terms(LIMITS)))
    return Batches(store, OneByOne(store, prices, model))


async def test_elsewhere_the_model_is_asked_one_after_the_other(database: Database) -> None:
    model = Ordinary([ModelError("overloaded", "busy")])
    one = elsewhere(database, model)
    batch_id = await one.submit(PAYER, jobs("first", "second"))
    assert await one.advance(batch_id) == "asking"
    results = await until_ended(one, batch_id)
    assert [one["text"] for one in results] == ["Answer to first", "Answer to second"]
    assert results[0]["cost_usd"] == 0.003
    assert model.asked == ["first", "second", "first"]


async def test_elsewhere_what_was_answered_is_not_asked_again_after_a_while(database: Database) -> None:
    model = Ordinary()
    one = elsewhere(database, model)
    batch_id = await one.submit(PAYER, jobs("first", "second", "third"))
    while await one.advance(batch_id, within_s=0) != "ended":
        pass
    assert model.asked == ["first", "second", "third"]


async def test_elsewhere_it_is_cancelled_too(database: Database) -> None:
    model = Ordinary()
    one = elsewhere(database, model)
    batch_id = await one.submit(PAYER, jobs("first", "second"))
    await one.cancel(batch_id)
    assert [one["error"]["native_code"] for one in await until_ended(one, batch_id)] == ["cancelled"] * 2
    assert model.asked == []


def test_a_batch_costs_what_the_price_was_when_it_was_handed_in() -> None:
    dearer = (Price(2.0, 10.0), Price(4.0, 20.0, since=date(2026, 12, 1)))
    prices = BatchPrices(ModelChoice("large", "openai-chat", "m", price=dearer))
    costs = [prices.cost(Usage(1000, 100), day) for day in (date(2026, 11, 30), date(2026, 12, 1))]
    assert [cost.micro_usd for cost in costs if cost] == [EACH, 2 * EACH]
    limited = replace(prices, allowance=Allowance(Terms(LIMITS)))
    wishes = [limited.wish(PAYER, jobs("first"), datetime(2026, month, 1, tzinfo=UTC)) for month in (11, 12)]
    amount = wishes[0].amount if wishes[0] else 0
    assert [wish.amount for wish in wishes if wish] == [amount, 2 * amount]


async def test_limits_are_those_of_the_moment(
    database: Database, client: httpx.AsyncClient, house: House, address: str
) -> None:
    allowance = Allowance()
    one = batches(database, client, address, "openai-chat")
    prices = BatchPrices(ModelChoice("large", "openai-chat", "m", price=Price(2.0, 10.0)), allowance)
    assert isinstance(one.way, HandedIn)
    same = Batches(one.store, replace(one.way, prices=prices))
    allowance.terms = Terms(Limits(workspace_day=1))
    with pytest.raises(NoRoom):
        await same.submit(PAYER, jobs("first"))
    assert house.requests == []
