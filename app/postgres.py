"""PostgreSQL as our database: sessions over asyncpg, and single statements past them."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlmodel import Session

T = TypeVar("T")
RESTING_S = 0.1
"""After which a connection is tried before it is used."""
AT_A_TIME = 2
"""Single statements: one that lets calls through and one that writes down what is over."""


@dataclass(frozen=True, slots=True)
class SingleStatements:
    """Statements that are each a transaction of their own: one way to the server and back, prepared once.

    A transaction over a session goes there and back for its beginning, for each statement and for its end, and holds
    its locks meanwhile. A few connections are kept for this alone; who finds them all at work waits.
    """

    engine: AsyncEngine
    _free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_A_TIME))
    _resting: list[tuple[AsyncConnection, asyncpg.Connection]] = field(default_factory=list)

    async def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of this statement, which is committed. Raises `OperationalError`: it may be committed or not."""
        try:
            async with self._free:
                held, driver = await self._taken()
                try:
                    return [tuple(row) for row in await driver.fetch(statement, *values)]
                finally:
                    self._resting.append((held, driver))
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise OperationalError("a single statement", None, error) from error

    async def close(self) -> None:
        """Let go of the connections."""
        while self._resting:
            await self._resting.pop()[0].close()

    async def _taken(self) -> tuple[AsyncConnection, asyncpg.Connection]:
        """A connection that rests and that the server has not closed meanwhile, or a new one."""
        while self._resting:
            held, driver = self._resting.pop()
            if not driver.is_closed():
                return held, driver
            await held.invalidate()
            await held.close()
        held = await self.engine.connect()
        return held, (await held.get_raw_connection()).driver_connection


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """PostgreSQL over asyncpg; the server gathers commits by itself."""

    engine: AsyncEngine
    statements: SingleStatements

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
        await self.statements.close()
        await self.engine.dispose()


def open_postgres(url: str) -> PostgresDatabase:
    """The database at this address."""
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), pool_size=10, max_overflow=10)
    event.listen(engine.sync_engine, "checkin", _rest)
    event.listen(engine.sync_engine, "checkout", partial(_wake, engine.sync_engine))
    return PostgresDatabase(engine, SingleStatements(engine))


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
