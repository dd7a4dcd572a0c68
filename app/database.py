"""The one way to the database: short synchronous operations over a session, on SQLite or PostgreSQL."""

import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from math import inf
from typing import Any, Protocol, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from app.sqlite import open_sqlite

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
T = TypeVar("T")
RESTING_S = 0.1
"""After which a connection is tried before it is used."""

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

    async def look(self, operation: Callable[[Session], T]) -> T:
        """Like `read`, for a few rows found by an index: quick enough for an event loop to wait for."""
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
        return open_sqlite(url)
    address = make_url(url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(address, pool_size=10, max_overflow=10)
    event.listen(engine.sync_engine, "checkin", _rest)
    event.listen(engine.sync_engine, "checkout", partial(_wake, engine.sync_engine))
    return PostgresDatabase(engine)


def _rest(_connection: object, record: Any) -> None:  # noqa: ANN401  # the pool's record of it
    record.info[_rest] = time.monotonic()


def _wake(engine: Engine, connection: Any, record: Any, _proxy: object) -> None:  # noqa: ANN401  # the driver's, the pool's
    """Try a connection that has rested, and have it replaced if the server closed it meanwhile.

    Trying each time, as `pool_pre_ping` does, costs every operation a way to the server and back.
    """
    if time.monotonic() - record.info.get(_rest, inf) < RESTING_S:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """PostgreSQL over asyncpg; the server gathers commits by itself."""

    engine: AsyncEngine

    async def read(self, operation: Callable[[Session], T]) -> T:
        """Run the operation and forget whatever it left open."""
        async with AsyncSession(self.engine, sync_session_class=Session) as session:
            return await session.run_sync(operation)  # type: ignore[arg-type]  # it is our sync_session_class

    async def look(self, operation: Callable[[Session], T]) -> T:
        """Read."""
        return await self.read(operation)

    async def write(self, operation: Callable[[Session], T]) -> T:
        """Run the operation and commit."""
        async with AsyncSession(self.engine, sync_session_class=Session, expire_on_commit=False) as session:
            result = await session.run_sync(operation)  # type: ignore[arg-type]  # it is our sync_session_class
            await session.commit()
            return result

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()
