"""How fast a model may be asked: as an admin set it, as its provider tells it, and in which order people wait."""

import asyncio
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.llm.errors import ModelError
from app.llm.resilience.boards import Change, MemoryBoard, RedisBoard, T
from app.llm.resilience.limiting import LONGEST_LINE, SPARED, Limit, Paced
from app.llm.resilience.rates import Bucket, Pace, Rate, rates
from app.llm.types import Options, Prompt, Turn
from tests.conftest import REDIS, needs_redis
from tests.llm.scripted import ANSWER, PROMPT, Clock, Scripted, busy, heard

NOW = 1_800_000_000.0
TIME = "2027-01-15T08:00:30Z"  # thirty seconds after NOW


@pytest.mark.parametrize(
    ("headers", "name", "rate"),
    [
        (
            {
                "x-ratelimit-limit-requests": "5000",
                "x-ratelimit-remaining-requests": "4999",
                "x-ratelimit-reset-requests": "12ms",
            },
            "requests",
            Rate(5000, 4999, 1 / 0.012),
        ),
        (
            {
                "x-ratelimit-limit-tokens": "160000",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "1m20s",
            },
            "tokens",
            Rate(160000, 0, 2000),
        ),
        (
            {
                "x-ratelimit-limit-requests": "14400",
                "x-ratelimit-remaining-requests": "14370",
                "x-ratelimit-reset-requests": "3m",
            },
            "requests",
            Rate(14400, 14370, 1 / 6),
        ),
        (
            {
                "anthropic-ratelimit-requests-limit": "50",
                "anthropic-ratelimit-requests-remaining": "20",
                "anthropic-ratelimit-requests-reset": TIME,
            },
            "requests",
            Rate(50, 20, 1),
        ),
        (
            {"x-ratelimit-limit-tokens-minute": "600", "x-ratelimit-remaining-tokens-minute": "30"},
            "tokens",
            Rate(600, 30, 10),
        ),
    ],
)
def test_headers_tell_the_limit_and_what_comes_back(headers: dict[str, str], name: str, rate: Rate) -> None:
    assert rates(headers, NOW)[name] == pytest.approx(rate)


NAMES = [
    f"{family}-{part}"
    for family in ("x-ratelimit", "anthropic-ratelimit")
    for part in (
        "limit-requests",
        "remaining-requests",
        "reset-requests",
        "tokens-limit",
        "tokens-remaining",
        "tokens-reset",
    )
]
VALUES = st.text(max_size=12) | st.integers().map(str) | st.datetimes().map(str) | st.just(TIME)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_odd_headers_are_passed_over(headers: dict[str, str]) -> None:
    pace = Pace().learnt(rates(headers), NOW)
    assert Pace.read(pace.note, Pace()) == pace
    assert pace.take(100, NOW)[1] >= 0


def paced(limit: Limit, clock: Clock) -> tuple[Scripted, Paced]:
    model = Scripted([ANSWER])
    return model, Paced(model, limit, clock.sleep, clock)


async def test_so_many_requests_a_minute_and_no_more() -> None:
    clock = Clock()
    model, kept = paced(Limit("luna", requests_per_minute=60, clock=clock), clock)
    for _ in range(60 + 100):
        await heard(kept)
    assert clock.now - NOW == pytest.approx(100, abs=1)
    assert model.calls == 160


async def test_a_long_prompt_takes_more_of_the_tokens() -> None:
    clock = Clock()
    limit = Limit("luna", tokens_per_minute=6000, clock=clock)
    long = Prompt("", (Turn("user", "x" * 4 * 5950),))
    _, kept = paced(limit, clock)
    assert [part async for part in kept.stream(long, Options(max_output_tokens=50))] == ANSWER
    assert await limit.take(600) == pytest.approx(0, abs=0.01)  # the answer took 5 tokens and not 6,000: settled
    assert await limit.take(6000) == pytest.approx(6, abs=0.1)


async def test_who_would_wait_too_long_is_sent_to_another_model_at_once() -> None:
    clock = Clock()
    model, kept = paced(Limit("luna", requests_per_minute=1, clock=clock), clock)
    await heard(kept)
    with pytest.raises(ModelError) as refusal:
        await heard(kept)
    assert (refusal.value.kind, refusal.value.remedy) == ("rate_limit", "another")
    assert (clock.now, model.calls) == (NOW, 1)


async def test_a_provider_that_is_busy_is_left_alone_for_as_long_as_it_says() -> None:
    clock = Clock()
    limit = Limit("luna", clock=clock)
    kept = Paced(Scripted([[busy(30)], ANSWER]), limit, clock.sleep, clock)
    with pytest.raises(ModelError):
        await heard(kept)
    assert await limit.take(1) == pytest.approx(30)
    clock.now += 30
    assert await heard(kept) == ANSWER


async def test_whatever_a_provider_says_it_is_asked_again_after_five_minutes() -> None:
    clock = Clock()
    patient, poor = Limit("a", clock=clock), Limit("b", clock=clock)
    await patient.shut(10**9)
    await poor.learn(
        {
            "x-ratelimit-limit-requests": "50",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": "9999999",
        }
    )
    assert min(await patient.take(1), await poor.take(1)) > 299
    clock.now += 301
    assert (await patient.take(1), await poor.take(1)) == (0, 0)
    assert await poor.take(1) > 299


async def test_the_limit_is_learnt_from_headers_and_a_stricter_setting_stays() -> None:
    clock = Clock()
    headers = {"x-ratelimit-limit-requests": "600", "x-ratelimit-remaining-requests": "0"}
    learning, strict = Limit("a", clock=clock), Limit("b", requests_per_minute=6, clock=clock)
    for limit in (learning, strict):
        await limit.learn(headers)
    assert await learning.take(1) == pytest.approx(0.1)
    assert await strict.take(1) == pytest.approx(10)


@pytest.mark.redis
@needs_redis
async def test_processes_share_one_allowance_over_redis() -> None:
    boards = RedisBoard(REDIS), RedisBoard(REDIS)
    limits = [Limit(name, board, requests_per_minute=6) for name in [f"luna-{uuid4()}"] for board in boards]
    assert [await limits[number % 2].take(1) == 0 for number in range(8)] == [True] * 6 + [False] * 2
    for board in boards:
        await board.close()


async def test_a_limit_that_was_raised_is_believed() -> None:
    clock = Clock()
    limit = Limit("a", clock=clock)
    await limit.learn({"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0"})
    await limit.learn({"x-ratelimit-limit-requests": "6000", "x-ratelimit-remaining-requests": "5999"})
    assert await limit.take(1) == pytest.approx(0.01)


async def test_people_wait_in_line_first_come_first_served_and_the_line_is_short() -> None:
    limit, served = Limit("luna", MemoryBoard(), requests_per_minute=6000), list[int]()
    await limit.shut(0.05)
    kept = Paced(Scripted([ANSWER]), limit)

    async def one(number: int) -> None:
        async for _ in kept.stream(PROMPT, Options()):
            pass
        served.append(number)

    outcomes = await asyncio.gather(*(one(number) for number in range(LONGEST_LINE + 3)), return_exceptions=True)
    assert served == list(range(LONGEST_LINE))
    assert [getattr(outcome, "kind", None) for outcome in outcomes[LONGEST_LINE:]] == ["rate_limit"] * 3


class Slow(MemoryBoard):
    """A board that is far away."""

    async def change(self, key: str, change: Change[T]) -> T:
        await asyncio.sleep(0.01)
        return await super().change(key, change)


async def test_a_rush_that_the_provider_takes_waits_in_no_line() -> None:
    kept = Paced(Scripted([ANSWER]), Limit("luna", Slow()))
    assert await asyncio.gather(*(heard(kept) for _ in range(5 * LONGEST_LINE))) == [ANSWER] * 5 * LONGEST_LINE


async def test_who_gives_up_waiting_holds_up_nobody() -> None:
    limit = Limit("luna", MemoryBoard())
    await limit.shut(0.2)
    kept = Paced(Scripted([ANSWER]), limit)
    first = asyncio.create_task(heard(kept))
    second = asyncio.create_task(heard(kept))
    await asyncio.sleep(0.02)
    first.cancel()
    assert await second == ANSWER
    assert not kept.waiting


def test_what_can_wait_leaves_half_of_the_room_to_those_who_cannot() -> None:
    pace, taken = Pace(Bucket.a_minute(10, NOW)), 0
    while True:
        pace, wait = pace.take(1, NOW, SPARED)
        if wait:
            break
        taken += 1
    assert (taken, pace.take(1, NOW)[1]) == (5, 0.0)


async def test_a_call_that_can_wait_is_made_once_there_is_room_or_is_not_sent() -> None:
    clock = Clock(NOW)

    async def sleep(seconds: float) -> None:
        clock.now += seconds

    def paced() -> Paced:
        limit = Limit(uuid4().hex, MemoryBoard(), requests_per_minute=2, clock=clock)
        return Paced(Scripted([ANSWER, ANSWER, ANSWER]), limit, sleep, clock)

    model, waits = paced(), Options(waits=True)
    for _ in range(2):
        assert [part async for part in model.stream(PROMPT, waits)] == list(ANSWER)
    assert clock.now - NOW >= 29, "Two calls a minute, one of them spared."
    busy_model = paced()
    busy_model.waiting.add(object())
    with pytest.raises(ModelError) as refused:
        [part async for part in busy_model.stream(PROMPT, waits)]
    assert refused.value.native_code == "not_sent"
