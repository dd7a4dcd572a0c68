"""Whoever asks the same at the same time listens to one call."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Hashable
from contextlib import aclosing
from dataclasses import dataclass, field, fields

from app.llm.gateway import asked
from app.llm.money.budget import BudgetSpent
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
    return prompt.system, prompt.turns[:-1], prompt.question, prompt.excerpts, how
