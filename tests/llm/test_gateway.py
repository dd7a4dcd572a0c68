from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from app.llm.errors import Kind, ModelError
from app.llm.gateway import asked
from app.llm.resilience.breaking import Watched
from app.llm.resilience.falling_back import FirstAvailable
from app.llm.resilience.limiting import Limit, Paced
from app.llm.resilience.retrying import LONGEST_WAIT_S, Retried, RetryBudget, backoff
from app.llm.types import Options, Part, Prompt, Reasoning, Text
from tests.llm.scripted import ANSWER, PROMPT, Clock, Scripted, Sleeper, busy, heard


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


async def test_who_has_waited_long_for_nothing_is_not_made_to_wait_again() -> None:
    clock, model = Clock(), Scripted([[ModelError("timeout", "late")], ANSWER])

    @dataclass
    class Late:
        name: str = "late"

        async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
            clock.now += 15
            async for part in model.stream(prompt, options):
                yield part

    with pytest.raises(ModelError, match="timeout"):
        await heard(Retried(Late(), sleep=clock.sleep, clock=clock))
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


async def test_hanging_up_reaches_the_model_through_every_wrapper() -> None:
    model = Scripted([[Text("One"), Text("Two")]])
    async with asked(FirstAvailable((Retried(Watched(Paced(model, Limit("a")))),)), PROMPT, Options()) as answer:
        async for _ in answer:
            break
    assert model.hung_up


async def test_what_no_other_model_can_mend_is_not_taken_to_one() -> None:
    second = Scripted([ANSWER])
    with pytest.raises(ModelError, match="content_filter"):
        await heard(FirstAvailable((Scripted([[ModelError("content_filter", "no")]]), second)))
    assert second.calls == 0


async def test_retries_stay_a_tenth_of_all_calls_when_everything_fails() -> None:
    model, budget = Scripted([[busy()]]), RetryBudget()
    kept = Retried(model, sleep=Sleeper(), budget=budget)
    for _ in range(1000):
        with pytest.raises(ModelError):
            await heard(kept)
    assert 1000 < model.calls <= 1000 + 100 + 2


async def test_a_quiet_hour_saves_up_ten_retries_and_no_more() -> None:
    budget = RetryBudget()
    for _ in range(10_000):
        budget.called()
    assert [budget.spend() for _ in range(11)] == [True] * 10 + [False]
