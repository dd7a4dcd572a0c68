"""Who asks the same at the same time listens to one call."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from app.llm.errors import ModelError
from app.llm.money.budget import BudgetSpent
from app.llm.resilience.sharing import Shared
from app.llm.types import Excerpt, Options, Part, Prompt, Stop, Text, Turn, Usage


@dataclass
class Slow:
    """Says three words when it may go on, and counts how often it was asked."""

    name: str = "slow"
    error: ModelError | None = None
    calls: int = 0
    ended: int = 0
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        self.calls += 1
        try:
            yield Text("one ")
            await self.may_go_on.wait()
            yield Text("two ")
            if self.error:
                raise self.error
            yield Usage(100, 3)
            yield Stop("stop")
        finally:
            self.ended += 1


def prompt(question: str = "How?", marker: str = "a1") -> Prompt:
    last = Turn("user", f"--- {marker} passage 1\n\n{question}")
    return Prompt("You answer.", (last,), question, (Excerpt(1, "Title", "", "Text."),))


async def heard(model: Shared, asked: Prompt) -> list[Part]:
    return [part async for part in model.stream(asked, Options())]


async def ready(model: Slow, *tasks: asyncio.Task[list[Part]]) -> None:
    for _ in range(5):
        await asyncio.sleep(0)
    model.may_go_on.set()


async def test_many_who_ask_the_same_make_one_call_and_one_pays() -> None:
    slow = Slow()
    shared = Shared(slow)
    tasks = [asyncio.create_task(heard(shared, prompt(marker=f"m{number}"))) for number in range(50)]
    await ready(slow)
    answers = await asyncio.gather(*tasks)
    assert slow.calls == 1
    assert {"".join(part.text for part in parts if isinstance(part, Text)) for parts in answers} == {"one two "}
    assert sum(part.input_tokens_total for parts in answers for part in parts if isinstance(part, Usage)) == 100
    assert all(isinstance(parts[-1], Stop) for parts in answers)


async def test_another_question_is_another_call() -> None:
    slow = Slow()
    shared = Shared(slow)
    tasks = [asyncio.create_task(heard(shared, prompt(question))) for question in ("How?", "Why?")]
    await ready(slow)
    await asyncio.gather(*tasks)
    assert slow.calls == 2


async def test_what_is_over_is_not_shared() -> None:
    slow = Slow()
    slow.may_go_on.set()
    shared = Shared(slow)
    await heard(shared, prompt())
    await heard(shared, prompt())
    assert slow.calls == 2


async def test_others_hear_it_to_its_end_when_the_first_goes_away() -> None:
    slow = Slow()
    shared = Shared(slow)
    first, second = (asyncio.create_task(heard(shared, prompt())) for _ in range(2))
    for _ in range(5):
        await asyncio.sleep(0)
    first.cancel()
    await ready(slow)
    assert isinstance((await second)[-1], Stop)
    assert first.cancelled()
    assert slow.calls == 1


async def test_a_call_ends_when_nobody_listens_any_more() -> None:
    slow = Slow()
    shared = Shared(slow)
    task = asyncio.create_task(heard(shared, prompt()))
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for _ in range(5):
        await asyncio.sleep(0)
    assert (slow.calls, slow.ended) == (1, 1)
    slow.may_go_on.set()
    assert isinstance((await heard(shared, prompt()))[-1], Stop)


async def test_a_budget_that_is_spent_is_the_first_ones_alone() -> None:
    @dataclass
    class Dear(Slow):
        async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
            self.calls += 1
            await asyncio.sleep(0)
            if self.calls == 1:
                raise BudgetSpent("conversation")
            yield Usage(100, 3)
            yield Stop("stop")

    dear = Dear()
    shared = Shared(dear)
    tasks = [asyncio.create_task(heard(shared, prompt())) for _ in range(3)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(one, BudgetSpent) for one in results] == [True, False, False]
    assert dear.calls == 2


async def test_everybody_learns_of_an_error_and_may_ask_another() -> None:
    slow = Slow(error=ModelError("cut_off", "gone"))
    shared = Shared(slow)
    tasks = [asyncio.create_task(heard(shared, prompt())) for _ in range(3)]
    await ready(slow)
    for task in tasks:
        with pytest.raises(ModelError):
            await task
    assert slow.calls == 1
