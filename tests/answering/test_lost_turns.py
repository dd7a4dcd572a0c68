"""A database that goes away in the middle of a turn: the turn is taken up when it is back."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from app.answering.assistant import Assistant
from app.answering.events import Fact
from app.conversations.bus import MemoryBus
from app.conversations.live import Live
from app.conversations.store import ConversationStore
from app.conversations.tables import TurnRow
from app.conversations.turns import Outcome, TurnStore
from app.conversations.types import Begun
from app.database import Database, now

T = TypeVar("T")
ENDS = {"answer.completed", "turn.failed"}
AWAY = OperationalError("", {}, OSError("the database is away"))


@dataclass
class Flaky:
    """A database that may be away for a while."""

    whole: Database
    away: bool = False
    statements: None = None

    async def read(self, operation: Callable[[Session], T]) -> T:
        if self.away:
            raise AWAY
        return await self.whole.read(operation)

    async def look(self, operation: Callable[[Session], T]) -> T:
        return await self.read(operation)

    async def write(self, operation: Callable[[Session], T]) -> T:
        if self.away:
            raise AWAY
        return await self.whole.write(operation)

    async def close(self) -> None:
        await self.whole.close()


@dataclass
class Composing:
    """Composes the same answer each time, and lets the database go away in the middle of the first."""

    database: Flaky
    composed: list[str] = field(default_factory=list)

    async def compose(self, begun: Begun) -> AsyncGenerator[Sequence[Fact] | Outcome]:
        self.database.away = not self.composed
        self.composed.append(begun.question)
        yield Outcome("Whole.", [], "answer", 0.9, {})


@pytest.fixture
def flaky(database: Database) -> Flaky:
    return Flaky(database)


async def test_a_turn_that_ended_while_the_database_was_away_is_answered_when_it_is_back(flaky: Flaky) -> None:
    store, composing = ConversationStore(flaky), Composing(flaky)
    assistant = Assistant(TurnStore(flaky), Live(store, MemoryBus()), composing, "worker", 4000)
    conversation = await store.open("w1", token_hash="t", token_days=1)
    await assistant.hear(conversation, "How?")
    await asyncio.gather(*assistant.running.values())
    assert flaky.away
    alive = asyncio.create_task(assistant.keep_alive())
    await asyncio.sleep(0.1)
    assert not alive.done()  # it outlives a database that is away
    flaky.away = False
    long_ago = now() - timedelta(seconds=60)
    await flaky.write(lambda session: session.execute(update(TurnRow).values(started_at=long_ago)).close())
    async with asyncio.timeout(10):
        async for event in assistant.live.follow(conversation, 0):
            if event.name in ENDS:
                break
    alive.cancel()
    await asyncio.gather(alive, return_exceptions=True)
    assert composing.composed == ["How?", "How?"]
    events = await store.events_after(conversation, 0)
    assert [event.name for event in events if event.name in ENDS] == ["answer.completed"]
