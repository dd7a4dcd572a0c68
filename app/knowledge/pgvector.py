"""Nearest passages by pgvector: a table with an HNSW index for each snapshot, in any PostgreSQL that has the extension.

asyncpg knows only event loops, and an index is asked from threads: each open index keeps a loop of its own.
"""

import asyncio
import re
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import asyncpg
import numpy as np

from app.errors import Unavailable
from app.knowledge.types import VectorIndex, Vectors

SCHEMA = "answerdesk_vectors"
CONNECTIONS = 8
PATIENCE_S = 10.0
SEARCH_LIST = 200
"""As long as Chroma's."""
LONGEST_SEARCH_LIST = 1000
"""pgvector's own limit; it finds no more than this."""
BUILD_MEMORY = "512MB"
"""The graph is built several times faster as long as it fits: about 1.7 kB a passage of 384 numbers."""
BROKEN = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError)
_PLAIN = re.compile(r"[\w-]{1,63}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PgVector:
    """One table for each snapshot, made in one transaction, which any number of processes may use."""

    url: str

    def build(self, snapshot_id: str, ids: list[str], vectors: Vectors) -> None:
        """Fill a new table and index it; one left by an earlier run is replaced."""
        with _translated(), _Line(self.url) as line:
            line.use(lambda connection: _build(connection, _table(snapshot_id), ids, vectors))

    def open(self, snapshot_id: str, passages: int) -> VectorIndex:
        """The snapshot's table."""
        table = _table(snapshot_id)
        with _translated():
            line = _Line(self.url, PATIENCE_S)
            try:
                _refuse_partial(line.use(lambda connection: _held(connection, table)), passages)
            except BaseException:
                line.close()
                raise
            return PgVectorIndex(line, table, passages)

    def drop(self, snapshot_id: str) -> None:
        """Delete the table; the database has its space back at once."""
        with _translated(), _Line(self.url) as line:
            line.use(lambda connection: connection.execute(f"DROP TABLE IF EXISTS {_table(snapshot_id)}"))


@dataclass(frozen=True, slots=True)
class PgVectorIndex:
    """An open table. pgvector's distance is the inner product with its sign turned."""

    line: "_Line"
    table: str
    passages: int

    def search(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """The nearest by HNSW."""
        if not self.passages:
            return []
        nearest = f"SELECT id, embedding <#> $1 FROM {self.table} ORDER BY embedding <#> $1 LIMIT $2"  # noqa: S608  # our own name
        return self._asked(lambda connection: _searched(connection, nearest, vector, k))

    def cosines(self, vector: Vectors, ids: list[str]) -> dict[str, float]:
        """The cosine of each of these passages."""
        if not ids or not self.passages:
            return {}
        named = f"SELECT id, embedding <#> $1 FROM {self.table} WHERE id = ANY($2)"  # noqa: S608  # our own name
        return dict(self._asked(lambda connection: connection.fetch(named, vector, ids)))

    def close(self) -> None:
        """Let go of the connections."""
        self.line.close()

    def _asked(self, ask: "Callable[[asyncpg.Connection], Awaitable[list[Any]]]") -> list[tuple[str, float]]:
        with _translated():
            return [(row[0], -row[1]) for row in self.line.use(ask)]


class _Line:
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


async def _build(connection: asyncpg.Connection, table: str, ids: list[str], vectors: Vectors) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL maintenance_work_mem = '{BUILD_MEMORY}'")
        await connection.execute("SET LOCAL max_parallel_maintenance_workers = 0")
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        await connection.execute(f"DROP TABLE IF EXISTS {table}")
        await connection.execute(f"CREATE TABLE {table} (id text PRIMARY KEY, embedding vector({vectors.shape[1]}))")
        name = table.partition(".")[2].strip('"')
        await connection.copy_records_to_table(name, schema_name=SCHEMA, records=zip(ids, vectors, strict=True))
        graph = "USING hnsw (embedding vector_ip_ops) WITH (m = 16, ef_construction = 200)"
        await connection.execute(f"CREATE INDEX ON {table} {graph}")
        await connection.execute(f"COMMENT ON TABLE {table} IS '{len(ids)} passages'")
    await connection.execute(f"ANALYZE {table}")


async def _held(connection: asyncpg.Connection, table: str) -> int | None:
    """How many passages the table was made with; counting a million would take longer than a hundred searches."""
    told = await connection.fetchval("SELECT obj_description(to_regclass($1), 'pg_class')", table)
    return int(told.partition(" ")[0]) if told else None


async def _searched(connection: asyncpg.Connection, nearest: str, vector: Vectors, k: int) -> list[Any]:
    if k <= SEARCH_LIST:
        return list(await connection.fetch(nearest, vector, k))
    async with connection.transaction():
        await connection.execute(f"SET LOCAL hnsw.ef_search = {min(k, LONGEST_SEARCH_LIST)}")
        return list(await connection.fetch(nearest, vector, k))


def _table(snapshot_id: str) -> str:
    if not _PLAIN.fullmatch(snapshot_id):
        raise Unavailable(f"A snapshot cannot be called {snapshot_id!r}.")
    return f'{SCHEMA}."{snapshot_id}"'


def _refuse_partial(held: int | None, passages: int) -> None:
    if held is None:
        raise Unavailable("The vector index is missing.")
    if held != passages:
        raise Unavailable(f"The vector index holds {held} passages instead of {passages}.")


@contextmanager
def _translated() -> Iterator[None]:
    """Nobody else needs to know how PostgreSQL says that it is broken."""
    try:
        yield
    except BROKEN as error:
        raise Unavailable(f"The vector index does not answer: {error}") from error
