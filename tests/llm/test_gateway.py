from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from app.llm.errors import Kind, ModelError
from app.llm.gateway import LONGEST_WAIT_S, Call, FirstAvailable, Retried, Timed, asked, backoff
from app.llm.types import Model, Options, Part, Prompt, Reasoning, Stop, Text, Usage

PROMPT = Prompt("", ())
ANSWER: list[Part | ModelError] = [Text("Yes."), Usage(3, 2), Stop("stop")]


@dataclass
class Scripted:
    """A model that follows a script: each call takes the next act, an error among its parts is raised."""

    acts: list[list[Part | ModelError]]
    name: str = "scripted"
    calls: int = 0
    hung_up: bool = False

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        act = self.acts[min(self.calls, len(self.acts) - 1)]
        self.calls += 1
        try:
            for part in act:
                if isinstance(part, ModelError):
                    raise part
                yield part
        except GeneratorExit:
            self.hung_up = True
            raise


@dataclass
class Sleeper:
    """Sleeps in no time, and remembers how long."""

    naps: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.naps.append(seconds)


def busy(retry_after: float | None = None) -> ModelError:
    return ModelError("rate_limit", "slow down", 429, retry_after_s=retry_after)


async def heard(model: Model) -> list[Part]:
    return [part async for part in model.stream(PROMPT, Options())]


async def test_a_busy_model_is_asked_again() -> None:
    model, sleeper, errors = Scripted([[busy()], [busy()], ANSWER]), Sleeper(), list[ModelError]()
    assert await heard(Retried(model, sleep=sleeper, on_retry=errors.append)) == ANSWER
    assert (model.calls, len(sleeper.naps), len(errors)) == (3, 2, 2)


async def test_a_model_is_asked_three_times_at_most() -> None:
    model = Scripted([[busy()]])
    with pytest.raises(ModelError):
        await heard(Retried(model, sleep=Sleeper()))
    assert model.calls == 3


async def test_the_wait_that_the_provider_asks_for_is_kept() -> None:
    sleeper = Sleeper()
    await heard(Retried(Scripted([[busy(1.5)], ANSWER]), sleep=sleeper))
    assert sleeper.naps == [1.5]


async def test_a_provider_that_asks_for_too_long_a_wait_is_not_waited_for() -> None:
    model = Scripted([[busy(LONGEST_WAIT_S + 1)], ANSWER])
    with pytest.raises(ModelError):
        await heard(Retried(model, sleep=Sleeper()))
    assert model.calls == 1


@pytest.mark.parametrize("kind", ["quota", "auth", "bad_request", "context_length"])
async def test_what_asking_again_cannot_mend_is_not_asked_again(kind: Kind) -> None:
    model = Scripted([[ModelError(kind, "no")], ANSWER])
    with pytest.raises(ModelError):
        await heard(Retried(model, sleep=Sleeper()))
    assert model.calls == 1


async def test_nothing_is_asked_twice_once_a_word_was_heard() -> None:
    model = Scripted([[Text("Half"), busy()], ANSWER])
    with pytest.raises(ModelError):
        await heard(Retried(model, sleep=Sleeper()))
    assert model.calls == 1


def test_waits_grow_with_jitter_and_stay_under_the_longest() -> None:
    assert all(0 <= backoff(0) <= 0.5 for _ in range(50))
    assert all(0 <= backoff(30) <= LONGEST_WAIT_S for _ in range(50))


async def test_the_next_model_answers_when_the_first_does_not() -> None:
    fallen: list[ModelError] = []
    first, second = Scripted([[Reasoning("Hm"), busy()]]), Scripted([ANSWER])
    parts = await heard(FirstAvailable((first, second), on_fallback=fallen.append))
    assert parts == [Reasoning("Hm"), *ANSWER]
    assert [error.kind for error in fallen] == ["rate_limit"]


async def test_no_other_model_speaks_once_a_text_was_yielded() -> None:
    second = Scripted([ANSWER])
    with pytest.raises(ModelError):
        await heard(FirstAvailable((Scripted([[Text("Half"), busy()]]), second)))
    assert second.calls == 0


async def test_the_last_error_is_raised_when_no_model_answers() -> None:
    models = Scripted([[busy()]]), Scripted([[ModelError("auth", "no")]])
    with pytest.raises(ModelError, match="auth"):
        await heard(FirstAvailable(models))


async def test_each_call_is_timed_with_its_usage_and_stop() -> None:
    calls: list[Call] = []
    ticks = iter(range(10))
    await heard(Timed(Scripted([ANSWER]), calls.append, clock=lambda: float(next(ticks))))
    assert calls == [Call("scripted", 1.0, 4.0, Usage(3, 2), Stop("stop"), None)]


async def test_a_failed_call_is_timed_as_well() -> None:
    calls: list[Call] = []
    with pytest.raises(ModelError):
        await heard(Timed(Scripted([[busy()]]), calls.append))
    assert calls[0].error
    assert calls[0].error.kind == "rate_limit"


async def test_hanging_up_reaches_the_model_through_every_wrapper() -> None:
    model, calls = Scripted([[Text("One"), Text("Two")]]), list[Call]()
    async with asked(FirstAvailable((Retried(Timed(model, calls.append)),)), PROMPT, Options()) as answer:
        async for _ in answer:
            break
    assert model.hung_up
    assert len(calls) == 1
