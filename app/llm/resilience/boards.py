"""Notes about models that all processes share, or that this process keeps alone: how a model fares, how much it takes.

A note is read and rewritten in one step, so that no two processes act on the same old state.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

T = TypeVar("T")
Change = Callable[[bytes], tuple[bytes, T]]
"""From a note, empty when there is none, to the new note and what to say about it. It may be made more than once."""
PREFIX = "answerdesk-model:"
FORGOTTEN_AFTER_S = 3600
PATIENCE_S = 0.25
AWAY_S = 15.0
TRIES = 20


class Board(Protocol):
    """Where the notes hang."""

    async def change(self, key: str, change: Change[T]) -> T:
        """Rewrite one note in one step. Never fails and never takes long: at worst this process goes on alone."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class MemoryBoard:
    """The notes of this process."""

    def __init__(self) -> None:
        self.notes: dict[str, bytes] = {}

    async def change(self, key: str, change: Change[T]) -> T:
        """Rewrite one note."""
        self.notes[key], told = change(self.notes.get(key, b""))
        return told

    async def close(self) -> None:
        """Nothing is held."""


class RedisBoard:
    """The notes of all processes. While Redis is away or slow, this one goes on with what it knew last.

    A note is swapped against the one that we saw last, which costs one round trip when nobody else wrote meanwhile. Who
    loses the race too often goes on alone for once: notes are statistics, and a customer waits.
    """

    SWAP = """
    local seen = redis.call('GET', KEYS[1]) or ''
    if seen ~= ARGV[1] then return {0, seen} end
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
    return {1, seen}
    """

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S, retry=Retry(NoBackoff(), 0)
        )
        self._swap: Any = self._redis.register_script(self.SWAP)
        self._alone = MemoryBoard()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._back_at = 0.0

    async def change(self, key: str, change: Change[T]) -> T:
        """Rewrite one note for all; while Redis is away, for ourselves."""
        async with self._turns[key]:
            if time.monotonic() >= self._back_at:
                try:
                    return await self._shared(key, change)
                except (RedisError, OSError):  # a timeout of asyncio is an OSError as well
                    self._back_at = time.monotonic() + AWAY_S
            return await self._alone.change(key, change)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()

    async def _shared(self, key: str, change: Change[T]) -> T:
        for _ in range(TRIES):
            seen = self._alone.notes.get(key, b"")
            new, told = change(seen)
            swapped, found = await self._swap(keys=[PREFIX + key], args=[seen, new, FORGOTTEN_AFTER_S])
            self._alone.notes[key] = new if swapped else found
            if swapped:
                return told
        return await self._alone.change(key, change)


def open_board(redis_url: str | None) -> Board:
    """The board of this topology."""
    return RedisBoard(redis_url) if redis_url else MemoryBoard()
