"""Models made of models: ask again, ask another, take the time."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.llm.errors import ModelError
from app.llm.types import Model, Options, Part, Prompt, Stop, Text, Usage

LONGEST_WAIT_S = 8.0
"""A provider that asks for more is not worth a customer's wait: another model is asked instead."""


def ignore(_: object) -> None:
    """Tell nobody."""


def backoff(retry: int) -> float:
    """Seconds before the given retry, with full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/."""
    return random.uniform(0, min(LONGEST_WAIT_S, 0.5 * 2**retry))  # noqa: S311  # spreads load, guards nothing


@dataclass(frozen=True, slots=True)
class Retried:
    """Asks again when that can help and nothing was heard yet: what a customer may have seen is not said twice."""

    model: Model
    retries: int = 2
    wait: Callable[[int], float] = backoff
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    on_retry: Callable[[ModelError], None] = ignore

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self.model.name

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the parts of the first try that speaks. Raises the last error."""
        for retry in range(self.retries + 1):
            begun = False
            try:
                async with asked(self.model, prompt, options) as answer:
                    async for part in answer:
                        begun = True
                        yield part
                return
            except ModelError as error:
                pause = error.retry_after_s or self.wait(retry)
                if begun or not error.retryable or retry == self.retries or pause > LONGEST_WAIT_S:
                    raise
                self.on_retry(error)
            await self.sleep(pause)


@dataclass(frozen=True, slots=True)
class FirstAvailable:
    """Asks models in order until one speaks. Once a text was yielded the answer is that model's, whatever comes."""

    models: tuple[Model, ...]
    on_fallback: Callable[[ModelError], None] = ignore

    @property
    def name(self) -> str:
        """The name of the model that is asked first."""
        return self.models[0].name

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield one model's parts. Raises the last model's error when none speaks."""
        for model in self.models:
            spoken = False
            try:
                async with asked(model, prompt, options) as answer:
                    async for part in answer:
                        spoken = spoken or isinstance(part, Text)
                        yield part
                return
            except ModelError as error:
                if spoken or model is self.models[-1]:
                    raise
                self.on_fallback(error)


@dataclass(frozen=True, slots=True)
class Call:
    """How one call of a model went. Times are seconds; the first text's is None when none came."""

    model: str
    first_text: float | None
    total: float
    usage: Usage | None
    stop: Stop | None
    error: ModelError | None


@dataclass(slots=True)
class _Watch:
    first_text: float | None = None
    usage: Usage | None = None
    stop: Stop | None = None
    error: ModelError | None = None

    def see(self, part: Part, elapsed: float) -> None:
        if isinstance(part, Text):
            self.first_text = self.first_text or elapsed
        elif isinstance(part, Usage):
            self.usage = part
        elif isinstance(part, Stop):
            self.stop = part


@dataclass(frozen=True, slots=True)
class Timed:
    """Tells how each call went, also when the listener hung up before its end."""

    model: Model
    record: Callable[[Call], None]
    clock: Callable[[], float] = time.perf_counter

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self.model.name

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the model's parts unchanged."""
        watch, start = _Watch(), self.clock()
        try:
            async with asked(self.model, prompt, options) as answer:
                async for part in answer:
                    watch.see(part, self.clock() - start)
                    yield part
        except ModelError as error:
            watch.error = error
            raise
        finally:
            total = self.clock() - start
            self.record(Call(self.name, watch.first_text, total, watch.usage, watch.stop, watch.error))


@asynccontextmanager
async def asked(model: Model, prompt: Prompt, options: Options) -> AsyncIterator[AsyncIterator[Part]]:
    """The model's answer, hung up when the block ends: a stream that nobody reads must not go on costing money."""
    answer = model.stream(prompt, options)
    try:
        yield answer
    finally:
        if isinstance(answer, AsyncGenerator):
            await answer.aclose()
