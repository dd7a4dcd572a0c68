"""The one way to the database: short synchronous operations over a session, on SQLite or PostgreSQL."""

import asyncio
import queue
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Engine, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
T = TypeVar("T")
READERS = 4
LARGEST_BATCH = 64

Json = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite drops the time zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment its zone."""
        del dialect
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """An id that sorts by time: UUID version 7 (RFC 9562, 5.7)."""
    moment = time.time_ns() // 1_000_000
    value = moment << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


class Database(Protocol):
    """Runs operations. An operation is a plain function of a session, safe to run again, and returns plain values."""

    async def read(self, operation: Callable[[Session], T]) -> T:
        """Run it against a consistent state, without writing."""
        ...

    async def write(self, operation: Callable[[Session], T]) -> T:
        """Run it in a transaction that is durable when this returns."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and let go of the connections."""
        ...


def open_database(url: str) -> Database:
    """The database at this address, `sqlite:///…` or `postgresql://…`."""
    if url.startswith("sqlite"):
        return SqliteDatabase(_sqlite_engine(url))
    address = make_url(url).set(drivername="postgresql+asyncpg")
    return PostgresDatabase(create_async_engine(address, pool_size=10, max_overflow=10, pool_pre_ping=True))


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """PostgreSQL over asyncpg; the server gathers commits by itself."""

    engine: AsyncEngine

    async def read(self, operation: Callable[[Session], T]) -> T:
        """Run the operation and forget whatever it left open."""
        async with AsyncSession(self.engine, sync_session_class=Session) as session:
            return await session.run_sync(operation)  # type: ignore[arg-type]  # it is our sync_session_class

    async def write(self, operation: Callable[[Session], T]) -> T:
        """Run the operation and commit."""
        async with AsyncSession(self.engine, sync_session_class=Session, expire_on_commit=False) as session:
            result = await session.run_sync(operation)  # type: ignore[arg-type]  # it is our sync_session_class
            await session.commit()
            return result

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()


class SqliteDatabase:
    """SQLite in WAL mode: one thread writes, a few read.

    Writers that wait while a commit is under way share the next one (group commit): a commit costs most of a
    small write, and SQLite has one writer anyway.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-read")
        self._waiting: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="sqlite-write", daemon=True)
        self._writer.start()

    async def read(self, operation: Callable[[Session], T]) -> T:
        """Run the operation in a reading thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, operation)

    async def write(self, operation: Callable[[Session], T]) -> T:
        """Hand the operation to the writing thread and wait for its commit."""
        write = _Write(operation, Future())
        self._waiting.put(write)
        result: T = await asyncio.wrap_future(write.done)
        return result

    async def close(self) -> None:
        """Let the writing thread finish what is waiting, then close."""
        self._waiting.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown()
        self._engine.dispose()

    def _read(self, operation: Callable[[Session], T]) -> T:
        with Session(self._engine) as session:
            return operation(session)

    def _write_all(self) -> None:
        last = False
        while not last:
            batch, last = self._gather()
            if not self._commit(batch) and len(batch) > 1:
                for write in batch:
                    self._commit([write])

    def _gather(self) -> tuple[list["_Write"], bool]:
        """Wait for one write and take those that wait behind it; true when the last was asked for."""
        batch: list[_Write] = []
        while not batch or (len(batch) < LARGEST_BATCH and not self._waiting.empty()):
            write = self._waiting.get()
            if write is None:
                return batch, True
            if write.done.set_running_or_notify_cancel():
                batch.append(write)
        return batch, False

    def _commit(self, batch: list["_Write"]) -> bool:
        """Commit all or none. A single write is told what went wrong; a batch is taken apart by the caller."""
        try:
            with Session(self._engine, expire_on_commit=False) as session:
                session.connection(execution_options={"writing": True})
                results = [write.operation(session) for write in batch]
                session.commit()
        except Exception as error:  # noqa: BLE001  # it belongs to the waiting caller, who gets it whole
            if len(batch) == 1:
                batch[0].done.set_exception(error)
            return False
        for write, result in zip(batch, results, strict=True):
            write.done.set_result(result)
        return True


@dataclass(frozen=True, slots=True)
class _Write:
    operation: Callable[[Session], Any]
    done: Future[Any]


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=QueuePool, pool_size=READERS + 1, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_connection(connection: Any, _record: object) -> None:  # noqa: ANN401  # a DBAPI connection
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:  # noqa: ANN401  # a SQLAlchemy connection
    # A deferred transaction that reads and then writes fails at once when another process wrote in between.
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
