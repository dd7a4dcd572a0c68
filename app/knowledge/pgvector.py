"""Nearest passages by pgvector: an indexed table for each snapshot, in any PostgreSQL that has the extension."""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from app.errors import Unavailable
from app.knowledge.pgvector_line import PATIENCE_S, SEARCH_LIST, Line
from app.knowledge.types import VectorIndex, Vectors

SCHEMA = "answerdesk_vectors"
LONGEST_SEARCH_LIST = 1000
"""pgvector's own limit; it finds no more than this."""
BUILD_MEMORY = "512MB"
"""The graph is built several times faster as long as it fits: about 1.7 kB a passage of 384 numbers."""
BROKEN = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError)
_PLAIN = re.compile(r"[\w-]{1,63}")
_TABLES = (
    "SELECT relname AS name, obj_description(oid, 'pg_class') AS told FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = to_regnamespace($1)"
)


@dataclass(frozen=True, slots=True)
class PgVector:
    """One table for each snapshot, made in one transaction, which any number of processes may use."""

    url: str
    mark: str = ""

    def build(self, snapshot_id: str, ids: list[str], vectors: Vectors) -> None:
        """Fill a new table and index it; one left by an earlier run is replaced."""
        with _translated(), Line(self.url) as line:
            line.use(lambda connection: _build(connection, _table(snapshot_id), ids, vectors, self.mark))

    def open(self, snapshot_id: str, passages: int) -> VectorIndex:
        """The snapshot's table."""
        table = _table(snapshot_id)
        with _translated():
            line = Line(self.url, PATIENCE_S)
            try:
                _refuse_partial(line.use(lambda connection: _held(connection, table)), passages)
            except BaseException:
                line.close()
                raise
            return PgVectorIndex(line, table, passages)

    def drop(self, snapshot_id: str) -> None:
        """Delete the table; the database has its space back at once."""
        with _translated(), Line(self.url) as line:
            line.use(lambda connection: connection.execute(f"DROP TABLE IF EXISTS {_table(snapshot_id)}"))

    def kept(self) -> dict[str, bool]:
        """Every table of our schema; it is ours when its comment bears our mark."""
        with _translated(), Line(self.url) as line:
            tables = line.use(lambda connection: connection.fetch(_TABLES, SCHEMA))
        return {one["name"]: bool(self.mark) and str(one["told"]).endswith(f" {self.mark}") for one in tables}


@dataclass(frozen=True, slots=True)
class PgVectorIndex:
    """An open table. pgvector's distance is the inner product with its sign turned."""

    line: Line
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


async def _build(connection: asyncpg.Connection, table: str, ids: list[str], vectors: Vectors, mark: str) -> None:
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
        await connection.execute(f"COMMENT ON TABLE {table} IS '{len(ids)} passages {mark}'")
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
