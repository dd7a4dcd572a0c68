"""One turn, in two halves: `hear` may refuse, `answer` never raises.

A turn is a task of the process; connections only watch it.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.answering.events import Fact
from app.conversations.live import Live
from app.conversations.turns import Outcome, TurnStore
from app.conversations.types import Begun, Event, Lease, LeaseLost
from app.errors import AppError, Invalid

HEARTBEAT_S = 1.0
log = structlog.get_logger()


class Composer(Protocol):
    """Works out what to say to a question."""

    def compose(self, begun: Begun) -> AsyncGenerator[Sequence[Fact] | Outcome]:
        """Facts to tell as soon as they are known, and the outcome last."""
        ...


Improve = Callable[[Begun], Awaitable[Sequence[Event]]]


@dataclass(frozen=True, slots=True)
class Assistant:
    """Hears questions and answers them."""

    turns: TurnStore
    live: Live
    composer: Composer
    worker_id: str
    longest_question: int
    improve: Improve | None = None
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def hear(self, conversation_id: str, text: str, client_message_id: str | None = None) -> Begun:
        """Save the question and start to answer it. What this returns is durable."""
        self._refuse(text)
        begun = await self.turns.begin(conversation_id, text, client_message_id, self.worker_id)
        await self.live.tell(begun.workspace_id, conversation_id, begun.events)
        if begun.lease:
            self._start(begun)
        return begun

    async def stop(self, workspace_id: str, conversation_id: str) -> None:
        """End the running answer; what was shown stays."""
        await self.live.tell(workspace_id, conversation_id, await self.turns.stop(conversation_id))

    async def answer(self, begun: Begun) -> None:
        """Answer to the end, whatever happens: trouble becomes an event."""
        lease = begun.lease
        if lease is None:
            return
        try:
            await self._speak(lease, begun)
        except LeaseLost:
            log.info("turn.interrupted", turn_id=lease.turn_id)
        except Exception as error:
            log.exception("turn.failed", turn_id=lease.turn_id)
            await self._fail(lease, error)

    async def keep_alive(self) -> None:
        """Say regularly that this process lives, and take up the turns of those that died."""
        while True:
            try:
                await self._take_up()
            except (SQLAlchemyError, OSError):
                # A full disk or a database that restarts passes; the loop must outlive it.
                log.exception("heartbeat.failed")
            await asyncio.sleep(HEARTBEAT_S)

    async def finish(self, patience_s: float) -> None:
        """Let running turns end, for at most this long; others are taken up again after the restart."""
        tasks = list(self.running.values())
        if tasks:
            await asyncio.wait(tasks, timeout=patience_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_up(self) -> None:
        await self.turns.beat(self.worker_id)
        for begun in await self.turns.orphans(self.worker_id, tuple(self.running)):
            log.info("turn.resumed", turn_id=begun.turn_id, shown=len(begun.already))
            self._start(begun)

    def _refuse(self, text: str) -> None:
        if not text.strip():
            raise Invalid("A question needs some text. Please write what you would like to know.")
        if len(text) > self.longest_question:
            allowed, given = f"{self.longest_question:,}", f"{len(text):,}"
            raise Invalid(f"A question may have at most {allowed} characters; yours has {given}. Please shorten it.")
        if "\x00" in text:
            raise Invalid("This question holds a NUL character. Please remove it and send again.")

    def _start(self, begun: Begun) -> None:
        turn_id = str(begun.turn_id)
        task = asyncio.create_task(self.answer(begun), name=f"turn {turn_id}")
        self.running[turn_id] = task
        task.add_done_callback(lambda _: self.running.pop(turn_id, None))

    async def _speak(self, lease: Lease, begun: Begun) -> None:
        async with contextlib.aclosing(self.composer.compose(begun)) as said:
            async for one in said:
                told = self.turns.complete(lease, one) if isinstance(one, Outcome) else self.turns.publish(lease, one)
                await self.live.tell(lease.workspace_id, lease.conversation_id, await told)
                if self.improve and isinstance(one, Outcome) and one.draft:
                    better = await self.improve(begun)
                    await self.live.tell(lease.workspace_id, lease.conversation_id, better)

    async def _fail(self, lease: Lease, error: Exception) -> None:
        """End the turn; where even that cannot be stored, it is taken up again once the database is back."""
        detail = error.detail if isinstance(error, AppError) else AppError().detail
        problem = {"type": "about:blank", "title": "Not answered", "status": 503, "detail": detail}
        with contextlib.suppress(OSError, SQLAlchemyError):
            await self.live.tell(lease.workspace_id, lease.conversation_id, await self.turns.fail(lease, problem))
