"""Who asks the same at the same time makes one call, also among processes; a dead leader holds nobody up."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from app.llm.errors import ModelError
from app.llm.money.payer import Payer
from app.llm.resilience.relaying import LEASE_S, LOOK_S, Relay
from app.llm.resilience.sharing import Sharing, open_sharing
from app.llm.types import Model, Options, Part, Prompt, Reasoning, Stop, Text, ToolCall, Usage
from tests.conftest import REDIS, needs_redis
from tests.llm.relay_child import asking
from tests.serving import ROOT

WHOLE: tuple[Part, ...] = (Reasoning("Hm."), Text("one "), ToolCall("c1", "look", "{}"), Text("two "))


@dataclass
class Slow:
    """Says all of it when it may go on, and counts how often it was asked."""

    error: ModelError | None = None
    name: str = "slow"
    calls: int = 0
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        del prompt, options
        self.calls += 1
        for part in WHOLE:
            yield part
        await self.may_go_on.wait()
        if self.error:
            raise self.error
        yield Usage(100, 3)
        yield Stop("stop")


@pytest.fixture(params=["one process", pytest.param("several", marks=[pytest.mark.redis, needs_redis])])
async def processes(request: pytest.FixtureRequest) -> AsyncIterator[list[Sharing]]:
    """What wraps a model in each of three processes; in one and the same three times over."""
    several = request.param == "several"
    opened = [open_sharing(REDIS) for _ in range(3)] if several else [open_sharing(None)] * 3
    yield opened
    for one in opened:
        await one.close()


@pytest.fixture
def question() -> str:
    return f"How? {uuid4()}"


def wrapped(processes: list[Sharing], model: Model) -> list[Model]:
    """The model as each process has it; one process has it once."""
    return [each(model) for each in processes] if processes[0] is not processes[1] else [processes[0](model)] * 3


async def heard(model: Model, question: str, workspace: str = "w1") -> list[Part]:
    return [part async for part in model.stream(asking(question), Options(payer=Payer(workspace)))]


async def answers(models: list[Model], slow: Slow, question: str) -> list[list[Part] | BaseException]:
    tasks = [asyncio.create_task(heard(model, question)) for model in models for _ in range(5)]
    await asyncio.sleep(4 * LOOK_S)
    slow.may_go_on.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_all_who_ask_the_same_hear_one_call_and_one_pays(processes: list[Sharing], question: str) -> None:
    slow = Slow()
    told = await answers(wrapped(processes, slow), slow, question)
    assert slow.calls == 1
    for parts in told:
        assert isinstance(parts, list)
        assert tuple(parts[:4]) == WHOLE
        assert isinstance(parts[-1], Stop)
    usages = [part for parts in told if isinstance(parts, list) for part in parts if isinstance(part, Usage)]
    assert sum(usage.input_tokens_total for usage in usages) == 100


async def test_who_comes_later_hears_it_from_its_beginning(processes: list[Sharing], question: str) -> None:
    slow = Slow()
    first, later, _ = wrapped(processes, slow)
    leading = asyncio.create_task(heard(first, question))
    await asyncio.sleep(4 * LOOK_S)
    following = asyncio.create_task(heard(later, question))
    await asyncio.sleep(4 * LOOK_S)
    slow.may_go_on.set()
    assert tuple((await following)[:4]) == WHOLE
    await leading
    assert slow.calls == 1


async def test_what_is_over_is_asked_anew(processes: list[Sharing], question: str) -> None:
    slow = Slow()
    slow.may_go_on.set()
    for model in wrapped(processes, slow):
        await heard(model, question)
    assert slow.calls == 3


async def test_everybody_hears_of_a_call_that_broke_off(processes: list[Sharing], question: str) -> None:
    slow = Slow(ModelError("cut_off", "gone", at="mid-stream"))
    told = await answers(wrapped(processes, slow), slow, question)
    assert [getattr(one, "kind", None) for one in told] == ["cut_off"] * 15
    assert slow.calls == 1


@pytest.mark.redis
@needs_redis
async def test_another_workspace_makes_a_call_of_its_own(question: str) -> None:
    slow, sharings = Slow(), [open_sharing(REDIS) for _ in range(2)]
    slow.may_go_on.set()
    models = [one(slow) for one in sharings]
    await asyncio.gather(*(heard(model, question, name) for model, name in zip(models, ("w1", "w2"), strict=True)))
    assert slow.calls == 2
    for one in sharings:
        await one.close()


@pytest.mark.redis
@needs_redis
async def test_who_heard_nothing_of_a_call_that_failed_asks_for_itself(question: str) -> None:
    @dataclass
    class Dumb(Slow):
        async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
            self.calls += 1
            mine = self.calls
            await self.may_go_on.wait()
            if mine == 1:
                raise ModelError("overloaded", "busy")
            yield Stop("stop")

    dumb, sharings = Dumb(), [open_sharing(REDIS) for _ in range(3)]
    told = await answers([one(dumb) for one in sharings], dumb, question)
    assert sorted(type(one).__name__ for one in told) == ["ModelError"] * 5 + ["list"] * 10
    assert dumb.calls == 3
    for one in sharings:
        await one.close()


@contextmanager
def leader(question: str, speaks: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that makes this call and does not come to an end."""
    words = (sys.executable, "-m", "tests.llm.relay_child", REDIS, question, speaks)
    child = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout
    assert child.stdout.readline() == b"asked\n"
    if speaks == "speaks":
        assert child.stdout.readline() == b"heard\n"
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


@pytest.mark.redis
@needs_redis
async def test_a_leader_that_is_killed_holds_nobody_up_longer_than_its_lease(question: str) -> None:
    slow, sharings = Slow(), [open_sharing(REDIS) for _ in range(3)]
    slow.may_go_on.set()
    with leader(question, "silent") as child:
        waiting = [asyncio.create_task(heard(one(slow), question, "default")) for one in sharings]
        await asyncio.sleep(LEASE_S + 1)
        assert slow.calls == 0, "The leader lives and renews its lease."
        child.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        told = await asyncio.gather(*waiting)
        assert time.monotonic() - killed < LEASE_S + 2
    assert all(isinstance(parts[-1], Stop) for parts in told)
    assert 1 <= slow.calls <= 3
    for one in sharings:
        await one.close()


@pytest.mark.redis
@needs_redis
async def test_what_a_killed_leader_had_begun_is_cut_off_so_that_the_next_model_goes_on(question: str) -> None:
    slow, sharing = Slow(), open_sharing(REDIS)
    with leader(question, "speaks") as child:
        said: list[Part] = []

        async def listen() -> None:
            async for part in sharing(slow).stream(asking(question), Options()):
                said.append(part)  # noqa: PERF401  # what came is kept when the call breaks off

        listening = asyncio.create_task(listen())
        await asyncio.sleep(4 * LOOK_S)
        child.send_signal(signal.SIGKILL)
        with pytest.raises(ModelError) as end:
            await asyncio.wait_for(listening, LEASE_S + 2)
    assert (said, end.value.kind, slow.calls) == ([Text("one ")], "cut_off", 0)
    await sharing.close()


async def test_without_redis_each_process_asks_for_itself(question: str) -> None:
    slow, sharing = Slow(), Sharing(Relay("redis://127.0.0.1:1/0"))
    slow.may_go_on.set()
    began = time.monotonic()
    assert isinstance((await heard(sharing(slow), question))[-1], Stop)
    assert time.monotonic() - began < 2
    await sharing.close()
