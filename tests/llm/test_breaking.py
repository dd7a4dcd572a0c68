"""The circuit breaker: it opens, it spares everybody the wait, and it closes by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.database import Database
from app.llm.errors import REMEDIES, Kind, ModelError
from app.llm.money.budget import Limits
from app.llm.money.payer import Payer
from app.llm.resilience.boards import Board, MemoryBoard, RedisBoard
from app.llm.resilience.breaking import PROBE, Prober, Watched
from app.llm.resilience.circuit import Circuit, Rules, Verdict
from app.llm.types import Options, Part, Prompt
from tests.conftest import REDIS, needs_redis
from tests.llm.paying import COST, Acting, Shop
from tests.llm.scripted import ANSWER, PROMPT, Clock, Scripted, heard

RULES = Rules()
DOWN = ModelError("unavailable", "no")


@dataclass
class Provider:
    """Answers or fails as its error says, and remembers what it was asked and when."""

    clock: Clock
    error: ModelError | None = None
    takes: float = 0.0
    name: str = "luna"

    def __post_init__(self) -> None:
        self.asked: list[tuple[float, Prompt]] = []

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        self.asked.append((self.clock.now, prompt))
        self.clock.now += self.takes
        if self.error:
            raise self.error
        for part in ANSWER:
            assert not isinstance(part, ModelError)
            yield part


@dataclass
class Sleepy:
    """Sleeps until somebody moves the clock on."""

    clock: Clock

    async def __call__(self, seconds: float) -> None:
        until = self.clock.now + seconds
        while self.clock.now < until:  # noqa: ASYNC110  # the clock is set by hand
            await asyncio.sleep(0)


Watch = Callable[[Provider], Watched]


def watched(provider: Provider, board: Board | None = None) -> tuple[Watched, list[str]]:
    alerts: list[str] = []
    alert = lambda name, error: alerts.append(f"{name}: {error.kind}")  # noqa: E731  # one line says it
    board = board or MemoryBoard()
    return Watched(provider, board, RULES, alert, provider.clock, Sleepy(provider.clock)), alerts


async def fails(model: Watched, times: int = 1) -> list[Kind]:
    kinds = []
    for _ in range(times):
        with pytest.raises(ModelError) as failure:
            await heard(model)
        kinds.append(failure.value.kind)
    return kinds


async def idle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_model_that_fails_too_often_is_not_asked_any_more() -> None:
    provider = Provider(Clock(), DOWN)
    model, alerts = watched(provider)
    await fails(model, 4)
    assert alerts == ["luna: unavailable"]
    with pytest.raises(ModelError) as refusal:
        await heard(model)
    assert (refusal.value.kind, refusal.value.remedy, len(provider.asked)) == ("unavailable", "another", 4)
    await model.close()


async def test_during_an_outage_there_is_one_small_call_each_interval_and_no_customer_makes_it() -> None:
    provider = Provider(Clock(), DOWN)
    model, alerts = watched(provider)
    await fails(model, 4)
    began = provider.clock.now
    for _ in range(600):
        provider.clock.now += 0.5
        await fails(model)
        await idle()
    probes = provider.asked[4:]
    assert len(probes) == 300 / RULES.probe_every
    assert {prompt for _, prompt in probes} == {PROBE}
    assert [at - began for at, _ in probes][:2] == [RULES.probe_every, 2 * RULES.probe_every]
    assert len(alerts) == 1
    await model.close()


async def test_a_probe_that_is_answered_closes_the_circuit_with_nobody_asking() -> None:
    provider = Provider(Clock(), DOWN)
    model, _ = watched(provider)
    await fails(model, 4)
    provider.error = None
    provider.clock.now += RULES.probe_every
    await idle()
    assert await heard(model) == ANSWER
    assert not model.probing


async def test_a_wrong_key_stops_the_model_at_once_and_alerts_once() -> None:
    provider = Provider(Clock(), ModelError("auth", "no such key", 401))
    model, alerts = watched(provider)
    assert await fails(model) == ["auth"]
    for _ in range(60):
        provider.clock.now += 1
        await fails(model)
        await idle()
    assert (len(provider.asked), alerts) == (1, ["luna: auth"])
    await model.close()


@pytest.mark.parametrize("kind", ["rate_limit", "bad_request", "context_length", "content_filter", "length_limit"])
async def test_errors_that_say_nothing_about_health_open_nothing(kind: Kind) -> None:
    model, alerts = watched(Provider(Clock(), ModelError(kind, "no")))
    assert await fails(model, 20) == [kind] * 20
    assert alerts == []


async def test_a_model_that_is_slow_nearly_always_is_spared_too() -> None:
    provider = Provider(Clock(), takes=RULES.slow_after + 1)
    model, _ = watched(provider)
    for _ in range(4):
        await heard(model)
    assert await fails(model) == ["unavailable"]
    await model.close()


async def test_one_failure_in_three_is_borne() -> None:
    provider = Provider(Clock())
    model, alerts = watched(provider)
    for number in range(60):
        provider.error = DOWN if number % 3 == 2 else None
        provider.clock.now += 1
        if provider.error:
            await fails(model)
        else:
            await heard(model)
    assert alerts == []


async def test_hanging_up_after_a_word_counts_as_an_answer_and_before_it_as_nothing() -> None:
    board = MemoryBoard()
    model, _ = watched(Provider(Clock()), board)
    async for _ in model.stream(PROMPT, Options()):
        break
    await asyncio.sleep(0)
    assert len(Circuit.read(board.notes.get("circuit:luna", b"")).calls) <= 1


@pytest.fixture(params=["memory", pytest.param("redis", marks=[pytest.mark.redis, needs_redis])])
async def boards(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Board, Board]]:
    """As two processes see it."""
    one = MemoryBoard()
    pair = (RedisBoard(REDIS), RedisBoard(REDIS)) if request.param == "redis" else (one, one)
    yield pair
    for board in pair:
        await board.close()


async def test_two_processes_on_one_board_make_one_probe(boards: tuple[Board, Board]) -> None:
    clock = Clock()
    provider = Provider(clock, DOWN, name=f"luna-{uuid4()}")
    (first, alerts), (second, others) = (watched(provider, board) for board in boards)
    await fails(first, 4)
    for _ in range(100):
        clock.now += 1
        await fails(first)
        await fails(second)
        await asyncio.sleep(0.005)
    assert 4 < len(provider.asked) <= 4 + 100 / RULES.probe_every
    assert len(alerts + others) == 1
    await first.close()
    await second.close()


async def test_a_model_that_breaks_off_half_way_is_ill_too() -> None:
    model = Watched(Scripted([[ANSWER[0], ModelError("cut_off", "gone", at="mid-stream")]]), rules=RULES)
    assert await fails(model, 5) == [*["cut_off"] * 4, "unavailable"]
    await model.close()


VERDICTS = st.sampled_from(["good", "slow", "bad", "dead"])


@given(st.lists(st.tuples(VERDICTS, st.floats(0, 60)), max_size=60))
def test_a_circuit_survives_its_note_and_never_opens_on_good_calls(story: list[tuple[Verdict, float]]) -> None:
    circuit, now = Circuit(), 1_800_000_000.0
    for verdict, later in story:
        now += later
        circuit, opened = circuit.told(verdict, now, RULES)
        assert Circuit.read(circuit.note) == circuit
        assert not (opened and verdict == "good" and all(one == "good" for one, _ in story))
        assert len(circuit.calls) <= RULES.latest
    leave = circuit.asked(now + 3600)[1]
    assert leave.answer == ("probe" if circuit.probe_at else "go")


def test_every_kind_has_a_remedy() -> None:
    assert {replace(ModelError(kind, "")).remedy for kind in REMEDIES} == {"retry", "another", "tell"}
    assert ModelError("server", "", retryable=False).remedy == "another"
    assert ModelError("bad_request", "", retryable=True).remedy == "retry"


async def test_a_probe_is_booked_on_whom_the_prober_says_and_needs_room_in_the_budget(database: Database) -> None:
    shop = Shop(database, Limits(workspace_day=5_000))
    assert await Prober(shop.model(), Payer("w1", "probe"))() == "good"
    [call] = await shop.calls()
    assert (call["purpose"], call["workspace_id"], call["cost_micro_usd"]) == ("probe", "w1", COST)
    poor = Acting()
    assert await Prober(Shop(database, Limits(workspace_day=0)).model(poor), Payer("w2", "probe"))() == "bad"
    assert poor.asked == []
