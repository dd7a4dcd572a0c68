"""Brings a database to the newest schema, one process at a time."""

import asyncio
import fcntl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

HERE = Path(__file__).parent
LOCK = 0x616E7377
"""The number of our advisory lock in PostgreSQL; any constant of our own."""
T = TypeVar("T")


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade to this revision. Quick when there is nothing to do; waits while another process upgrades."""
    if revision != "head" or behind(url):
        with _only_one(url):
            _with_connection(url, lambda connection: command.upgrade(_config(connection), revision))


def downgrade(url: str, revision: str) -> None:
    """Go back to this revision; `base` is the empty database."""
    with _only_one(url):
        _with_connection(url, lambda connection: command.downgrade(_config(connection), revision))


def current(url: str) -> str | None:
    """The revision that the database is at; none when it is empty."""
    return _with_connection(url, lambda connection: MigrationContext.configure(connection).get_current_revision())


def behind(url: str) -> bool:
    """Whether the database lacks a revision."""
    return current(url) != ScriptDirectory.from_config(_config()).get_current_head()


def revise(url: str, message: str) -> None:
    """Write a revision that brings this database to the tables as the code describes them."""
    _with_connection(url, lambda connection: command.revision(_config(connection), message, autogenerate=True))


def differences(url: str) -> list[str]:
    """What the tables in the code have and the database lacks, or the other way round."""
    return _with_connection(url, _differences)


def _differences(connection: Connection) -> list[str]:
    from app.migrations.tables import METADATA  # noqa: PLC0415  # every room's tables, which an upgrade need not load

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [str(difference) for difference in compare_metadata(context, METADATA)]


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _with_connection(url: str, work: Callable[[Connection], T]) -> T:
    if url.startswith("sqlite"):
        return _with_sqlite(url, work)
    return _in_thread(lambda: asyncio.run(_with_postgres(url, work)))


def _with_sqlite(url: str, work: Callable[[Connection], T]) -> T:
    Path(make_url(url).database or ".").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


async def _with_postgres(url: str, work: Callable[[Connection], T]) -> T:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(lambda one: _locked(one, work))
    finally:
        await engine.dispose()


def _locked(connection: Connection, work: Callable[[Connection], T]) -> T:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    return work(connection)


def _in_thread(work: Callable[[], T]) -> T:
    """The caller may already run an event loop in its own thread."""
    with ThreadPoolExecutor(1, thread_name_prefix="migrate") as threads:
        return threads.submit(work).result()


@contextmanager
def _only_one(url: str) -> Iterator[None]:
    """SQLite has no lock of its own for this: a file beside the database serves. PostgreSQL locks for itself."""
    if not url.startswith("sqlite"):
        yield
        return
    path = Path(make_url(url).database or "answerdesk.db")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
