"""No faster than a provider takes it: whoever comes too early waits a moment in line, or is sent to another model."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.money.prices import estimated
from app.llm.resilience.boards import Board, MemoryBoard
from app.llm.resilience.rates import Bucket, Pace, rates
from app.llm.types import Model, Options, Part, Prompt, Usage

LONGEST_WAIT_S = 2.0
LONGEST_LINE = 20
SHUT_S = 1.0
"""How long a model is left alone that said it was asked too often and not for how long."""
SPARED = 0.5
"""The share of a model's room that work which can wait leaves to those who cannot."""
LONGEST_PATIENCE_S = 60.0
LOOK_AGAIN_S = 1.0
LONGEST_SHUT_S = 300.0
"""After this one call may see whether the provider still wants to be left alone."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limit:
    """What one model takes, known to all processes: as it was set, and as its answers' headers tell."""

    name: str
    board: Board = field(default_factory=MemoryBoard)
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    clock: Callable[[], float] = time.time

    async def take(self, tokens: float, spare: float = 0.0) -> float:
        """Take one request of so many tokens and give 0; or take nothing and give the seconds to wait."""
        return await self._change(lambda pace: pace.take(tokens, self.clock(), spare))

    async def learn(self, headers: Mapping[str, str]) -> None:
        """Read in an answer's headers how much more the provider takes."""
        caps = {"requests": self.requests_per_minute, "tokens": self.tokens_per_minute}
        told = {name: rate.at_most(caps[name]) for name, rate in rates(headers).items()}
        if told:
            await self._change(lambda pace: (pace.learnt(told, self.clock()), None))

    async def shut(self, seconds: float) -> None:
        """The provider wants to be left alone for so long."""
        until = self.clock() + min(seconds, LONGEST_SHUT_S)
        await self._change(lambda pace: (Pace(pace.requests, pace.tokens, max(until, pace.shut_until)), None))

    async def settle(self, tokens: float) -> None:
        """The call took so many tokens more than was thought, or fewer."""
        await self._change(lambda pace: (pace.used(tokens), None))

    async def _change(self, change: Callable[[Pace], tuple[Pace, T]]) -> T:
        def rewrite(note: bytes) -> tuple[bytes, T]:
            pace, told = change(Pace.read(note, self._begin()))
            return pace.note, told

        return await self.board.change(f"pace:{self.name}", rewrite)

    def _begin(self) -> Pace:
        asked, now = (self.requests_per_minute, self.tokens_per_minute), self.clock()
        requests, tokens = (Bucket.a_minute(most, now) if most else None for most in asked)
        return Pace(requests, tokens)


@dataclass(frozen=True, slots=True)
class Paced:
    """Asks a model no faster than it takes. Who comes too early waits in line, first come first served."""

    model: Model
    limit: Limit
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: set[object] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self.model.name

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the model's parts. Raises `rate_limit` when the wait or the line would be too long."""
        tokens, used = _likely_tokens(prompt, options), None
        await (self._wait_for_room(tokens) if options.waits else self._take_turn(tokens))
        try:
            async with asked(self.model, prompt, options) as answer:
                async for part in answer:
                    if isinstance(part, Usage):
                        used = part
                    yield part
        except ModelError as error:
            if error.kind == "rate_limit":
                await self.limit.shut(error.retry_after_s or SHUT_S)
            raise
        if used and self.limit.tokens_per_minute:
            await self.limit.settle(used.input_tokens_total + used.output_tokens_total - tokens)

    async def _take_turn(self, tokens: float) -> None:
        """Go at once where nobody waits and the provider takes it."""
        if self.waiting or await self.limit.take(tokens):
            await self._wait_in_line(tokens)

    async def _wait_for_room(self, tokens: float) -> None:
        """Behind everybody: nobody stands in line, and enough is left for those who come next."""
        latest = self.clock() + LONGEST_PATIENCE_S
        while self.waiting or (wait := await self.limit.take(tokens, SPARED)):
            pause = LOOK_AGAIN_S if self.waiting else max(wait, LOOK_AGAIN_S)
            if self.clock() + pause > latest:
                raise _too_early(pause)
            await self.sleep(pause)

    async def _wait_in_line(self, tokens: float) -> None:
        """The first in line waits for the provider, the others for the first."""
        if len(self.waiting) >= LONGEST_LINE:
            raise _too_early(LONGEST_WAIT_S)
        place, latest = object(), self.clock() + LONGEST_WAIT_S
        self.waiting.add(place)
        try:
            async with self.line:
                while wait := await self.limit.take(tokens):
                    if self.clock() + wait > latest:
                        raise _too_early(wait)
                    await self.sleep(wait)
        finally:
            self.waiting.discard(place)


def _likely_tokens(prompt: Prompt, options: Options) -> float:
    """What providers count a call as before they know better."""
    return float(estimated(prompt, "").input_tokens_total + (options.max_output_tokens or 0))


def _too_early(wait: float) -> ModelError:
    message = "The model takes no more calls at the moment; this one was not sent."
    return ModelError("rate_limit", message, native_code="not_sent", retry_after_s=wait, retryable=False)
