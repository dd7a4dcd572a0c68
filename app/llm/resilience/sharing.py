"""Whoever asks the same at the same time listens to one call: in this process, and over Redis in all of them."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Hashable
from contextlib import aclosing
from dataclasses import dataclass, field, fields

from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.money.budget import BudgetSpent
from app.llm.money.payer import Payer
from app.llm.resilience.relaying import Broken, Leading, Place, Relay, Vanished
from app.llm.types import Model, Options, Part, Prompt, Usage


@dataclass(slots=True)
class _Call:
    """A call under way: what was said so far, and how many listen."""

    parts: list[Part] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    listeners: int = 0
    task: asyncio.Task[None] | None = None

    def say(self, part: Part | None = None) -> None:
        """Wake those who listen."""
        if part is not None:
            self.parts.append(part)
        self.news.set()
        self.news = asyncio.Event()


@dataclass(frozen=True, slots=True)
class Shared:
    """Prompts that say the same make one call, as long as it is under way. It ends when nobody listens any more.

    The call belongs to nobody's turn, so that others hear it to its end when the first to ask goes away. Its tokens
    are the first one's; the others took none.
    """

    model: Model
    _calls: dict[Hashable, _Call] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self.model.name

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the parts of the one call from its beginning. Raises what it raises."""
        key = _meaning(prompt, options)
        if key in self._calls:
            try:
                async with aclosing(self._listened(key, self._calls[key])) as heard:
                    async for part in heard:
                        yield Usage(0, 0) if isinstance(part, Usage) else part
                return
            except BudgetSpent:
                # The budget of the first to ask had no room for the call; this one's may have.
                pass
        call = self._calls.get(key) or self._begin(key, prompt, options)
        async with aclosing(self._listened(key, call)) as own:
            async for part in own:
                yield part

    async def _listened(self, key: Hashable, call: _Call) -> AsyncGenerator[Part]:
        call.listeners += 1
        try:
            async for part in _heard(call):
                yield part
        finally:
            call.listeners -= 1
            if not call.listeners:
                self._end(key, call)

    def _begin(self, key: Hashable, prompt: Prompt, options: Options) -> _Call:
        call = self._calls[key] = _Call()
        call.task = asyncio.create_task(self._pass_on(call, prompt, options), name=f"shared call of {self.name}")
        call.task.add_done_callback(lambda _: self._over(key, call))
        return call

    async def _pass_on(self, call: _Call, prompt: Prompt, options: Options) -> None:
        async with asked(self.model, prompt, options) as parts:
            async for part in parts:
                call.say(part)

    def _over(self, key: Hashable, call: _Call) -> None:
        self._forget(key, call)
        call.say()

    def _end(self, key: Hashable, call: _Call) -> None:
        self._forget(key, call)
        if call.task:
            call.task.cancel()

    def _forget(self, key: Hashable, call: _Call) -> None:
        if self._calls.get(key) is call:
            del self._calls[key]


@dataclass(frozen=True, slots=True)
class SharedAfar:
    """The same among processes: one leads, the others hear its parts a moment later and took no tokens.

    When the leader fails, whoever heard nothing yet asks for itself, and when it was killed, one of those who waited
    leads in its place. What had begun and cannot be ended is cut off, as if it were our own call.
    """

    model: Model
    relay: Relay

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self.model.name

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the parts of the one call. Raises what it raises, or `cut_off`."""
        key, heard = self._key(prompt, options), False
        entered = await self.relay.enter(key)
        while isinstance(entered, Place):
            try:
                async with aclosing(self.relay.followed(entered)) as parts:
                    async for part in parts:
                        heard = True
                        yield Usage(0, 0) if isinstance(part, Usage) else part
                return
            except (Broken, Vanished) as end:
                if heard:
                    raise ModelError("cut_off", "The call that was shared broke off.", at="mid-stream") from end
                entered = await self.relay.enter(key) if isinstance(end, Vanished) else None
        async with aclosing(self._led(entered, prompt, options)) as own:
            async for part in own:
                yield part

    async def _led(self, leading: Leading | None, prompt: Prompt, options: Options) -> AsyncGenerator[Part]:
        if leading is None:
            async with asked(self.model, prompt, options) as parts:
                async for part in parts:
                    yield part
            return
        async with self.relay.led(leading), asked(self.model, prompt, options) as parts:
            async for part in parts:
                await leading.say(part)
                yield part

    def _key(self, prompt: Prompt, options: Options) -> str:
        """Nobody hears another workspace's calls, even if they say the same."""
        said = repr((self.name, (options.payer or Payer()).workspace_id, _meaning(prompt, options)))
        return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Sharing:
    """Wraps models so that those who ask the same make one call."""

    relay: Relay | None = None

    def __call__(self, model: Model) -> Model:
        """The model, shared as far as this topology reaches."""
        return Shared(SharedAfar(model, self.relay) if self.relay else model)

    async def close(self) -> None:
        """Let go of connections."""
        if self.relay:
            await self.relay.close()


def open_sharing(redis_url: str | None) -> Sharing:
    """Among all processes with Redis, else within this one."""
    return Sharing(Relay(redis_url) if redis_url else None)


async def _heard(call: _Call) -> AsyncIterator[Part]:
    at = 0
    while True:
        for part in call.parts[at:]:
            at += 1
            yield part
        if at < len(call.parts):
            continue
        if call.task and call.task.done():
            call.task.result()
            return
        await call.news.wait()


def _meaning(prompt: Prompt, options: Options) -> Hashable:
    """What a prompt says, whatever marks its quotations, and how it is asked."""
    how = repr([getattr(options, one.name) for one in fields(options) if one.compare])
    return prompt.system, prompt.turns[:-1], prompt.question, prompt.excerpts, prompt.asks, how
