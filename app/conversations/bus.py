"""Who wants to know: topics that carry what was committed to those who listen now.

The truth is in the event table. A listener that is too slow, or a message that is lost, only means: look again.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Protocol

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

QUEUE = 256
PREFIX = "answerdesk:"
RECONNECT_S = 1.0
Payload = dict[str, Any]
Listening = asyncio.Queue[Payload]


class EventBus(Protocol):
    """Carries payloads to listeners of a topic."""

    async def publish(self, topic: str, payload: Payload) -> None:
        """Tell everyone who listens now. Never waits for a listener. Dataclasses arrive so, or as JSON objects."""
        ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[Listening]:
        """A queue that gets what is published while the context is open. A full queue is emptied: look again."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class MemoryBus:
    """Listeners of this process, in whichever of its event loops: queued jobs tell from threads of their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listening: dict[str, dict[Listening, asyncio.AbstractEventLoop]] = defaultdict(dict)

    async def publish(self, topic: str, payload: Payload) -> None:
        """Put the payload into each listener's queue, in the loop that the listener waits in."""
        here = asyncio.get_running_loop()
        with self._lock:
            listeners = tuple(self._listening.get(topic, {}).items())
        for listening, loop in listeners:
            if loop is here:
                _put(listening, payload)
            else:
                with suppress(RuntimeError):  # a loop that has ended since listens no more
                    loop.call_soon_threadsafe(_put, listening, payload)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[Listening]:
        """A queue of one's own."""
        listening: Listening = asyncio.Queue(QUEUE)
        with self._lock:
            self._listening[topic][listening] = asyncio.get_running_loop()
        try:
            yield listening
        finally:
            with self._lock:
                del self._listening[topic][listening]
                if not self._listening[topic]:
                    del self._listening[topic]

    async def close(self) -> None:
        """Nothing is held."""


class RedisBus:
    """Listeners of every process, over Redis or Valkey pub/sub; one connection a process listens."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url)
        self._local = MemoryBus()
        self._relay: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()

    async def publish(self, topic: str, payload: Payload) -> None:
        """Tell all processes. Without Redis at least this one hears it."""
        try:
            await self._redis.publish(PREFIX + topic, orjson.dumps(payload))
        except RedisError:
            await self._local.publish(topic, payload)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[Listening]:
        """A queue of one's own, fed by the process's one connection."""
        self._relay = self._relay or asyncio.create_task(self._listen())
        async with self._local.subscribe(topic) as listening:
            await self._connected.wait()
            yield listening

    async def close(self) -> None:
        """Stop listening."""
        if self._relay:
            self._relay.cancel()
            await asyncio.gather(self._relay, return_exceptions=True)
        await self._redis.aclose()

    async def _listen(self) -> None:
        while True:
            try:
                await self._relay_messages()
            except RedisError:
                # Listeners read the table on every wake-up, so a gap costs time, never events.
                self._connected.set()
                await asyncio.sleep(RECONNECT_S)

    async def _relay_messages(self) -> None:
        async with self._redis.pubsub() as subscription:
            await subscription.psubscribe(PREFIX + "*")
            async for message in subscription.listen():
                if message["type"] == "psubscribe":
                    self._connected.set()
                elif message["type"] == "pmessage":
                    topic = message["channel"].decode().removeprefix(PREFIX)
                    await self._local.publish(topic, orjson.loads(message["data"]))


def open_bus(redis_url: str | None) -> EventBus:
    """The bus of this topology."""
    return RedisBus(redis_url) if redis_url else MemoryBus()


def _put(listening: Listening, payload: Payload) -> None:
    """A full queue is emptied first: whoever is so slow has to look again anyway."""
    if listening.full():
        while not listening.empty():
            listening.get_nowait()
    listening.put_nowait(payload)
