"""The one way to the database: short synchronous operations over a session, on SQLite or PostgreSQL."""

import secrets
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import JSON, DateTime, Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from app.postgres import open_postgres
from app.sqlite import open_sqlite

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
T = TypeVar("T")
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


def first_id(moment: datetime) -> str:
    """No id that was made at this moment or later sorts below it."""
    return str(uuid.UUID(int=int(moment.timestamp() * 1000) << 80))


class Statements(Protocol):
    """Runs single statements of PostgreSQL, each a transaction of its own."""

    async def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Its rows. Raises `OperationalError`: then it may be committed or not."""
        ...


class Database(Protocol):
    """Runs operations. An operation is a plain function of a session, safe to run again, and returns plain values."""

    @property
    def statements(self) -> Statements | None:
        """The way for single statements, where it is shorter than an operation."""
        ...

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
    return open_postgres(url)
