"""Connections to a PostgreSQL with pgvector, for threads: asyncpg knows only event loops, so each line has its own."""

import asyncio
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Self, TypeVar

import asyncpg
import numpy as np

from app.knowledge.types import Vectors

CONNECTIONS = 8
PATIENCE_S = 10.0
SEARCH_LIST = 200
"""As long as Chroma's."""
T = TypeVar("T")


class Line:
    """Connections in an event loop of their own, to be used from any thread. `patience_s` is for one statement."""

    def __init__(self, url: str, patience_s: float | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pgvector", daemon=True)
        self._thread.start()
        try:
            self._pool: asyncpg.Pool = self._wait(_pool(url, patience_s))
        except BaseException:
            self._stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def use(self, ask: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Do this with a connection, and wait for it."""

        async def asked() -> T:
            async with self._pool.acquire() as connection:
                return await ask(connection)

        return self._wait(asked())

    def close(self) -> None:
        """End the connections and the loop; doing it twice is harmless."""
        if self._thread.is_alive():
            self._wait(self._pool.close())
            self._stop()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _pool(url: str, patience_s: float | None) -> asyncpg.Pool:
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=CONNECTIONS,
        init=_prepare,
        timeout=PATIENCE_S,
        command_timeout=patience_s,
        # Given at the start, because what is set later is reset whenever a connection goes back to the pool.
        server_settings={"hnsw.ef_search": str(SEARCH_LIST)},
    )


async def _prepare(connection: asyncpg.Connection) -> None:
    """Vectors cross the line as their numbers."""
    await connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    where = "SELECT nspname FROM pg_type JOIN pg_namespace ON pg_namespace.oid = typnamespace WHERE typname = 'vector'"
    schema = await connection.fetchval(where)
    await connection.set_type_codec("vector", schema=schema, encoder=_packed, decoder=_unpacked, format="binary")


def _packed(vector: Vectors) -> bytes:
    """As pgvector sends and takes it: how many numbers, two empty bytes, then each as big-endian float32."""
    return struct.pack(">HH", len(vector), 0) + vector.astype(">f4").tobytes()


def _unpacked(data: bytes) -> Vectors:
    return np.frombuffer(data, dtype=">f4", offset=4).astype(np.float32)
