"""What every test may ask for: both databases, real where they are there."""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.database import Database, new_id, open_database
from app.migrations.tables import METADATA
from tests.serving import answerdesk, environment

# Hundreds of children start here, and reading what is compiled takes them a fifth of the time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
CHROMA = Path(sys.executable).parent / "chroma"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
EMPTY = ";".join(f'DELETE FROM "{table.name}"' for table in reversed(METADATA.sorted_tables))
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


def listens(url: str) -> bool:
    """Whether somebody answers at this address."""
    where = urlsplit(url)
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((where.hostname or "127.0.0.1", where.port or 0)) == 0


needs_redis = pytest.mark.skipif(not listens(REDIS), reason=f"NOT COVERED: no Redis at {REDIS}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly which topologies these tests were run on."""
    there = {
        "SQLite": True,
        "PostgreSQL": listens(POSTGRES),
        "Redis": listens(REDIS),
        "Chroma server": CHROMA.exists(),
        "browser": any(shutil.which(name) for name in BROWSERS),
    }
    for name, covered in there.items():
        terminalreporter.write_line(
            f"TOPOLOGY {name}: {'covered' if covered else 'NOT COVERED, its tests were skipped'}"
        )


def pytest_sessionstart() -> None:
    """Continuous integration covers both topologies, or fails."""
    if os.environ.get("CI") == "true" and not (listens(POSTGRES) and listens(REDIS)):
        pytest.exit(f"CI needs PostgreSQL at {POSTGRES} and Redis at {REDIS}; start them and run again.", returncode=1)


@pytest.fixture
def shared() -> Path:
    """The folder of recorded and labelled data beside the checkout."""
    path = Path(os.environ.get("ANSWERDESK_SHARED", Path(__file__).parents[2] / "shared"))
    if not path.is_dir():
        pytest.skip(f"NOT COVERED: no shared data at {path}; set ANSWERDESK_SHARED")
    return path


@pytest.fixture(scope="session")
def help_centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with our own help centre, embedded by the real model once. Who needs it copies it."""
    folder = tmp_path_factory.mktemp("help-centre") / "data"
    answerdesk("ingest", "kb", env=environment(folder))
    return folder


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """An empty PostgreSQL database of one's own."""
    with _new_database() as url:
        yield url


@pytest.fixture(scope="session")
def lent_url() -> Iterator[str]:
    """A PostgreSQL database with all tables, lent to one test after the other: making them takes a second."""
    with _new_database() as url:
        _in_loop(_make_tables(url))
        yield url


@contextmanager
def _new_database() -> Iterator[str]:
    if not listens(POSTGRES):
        pytest.skip(f"NOT COVERED: no PostgreSQL at {POSTGRES}")
    name = "answerdesk_test_" + new_id().replace("-", "")
    _in_loop(_execute(POSTGRES, f"CREATE DATABASE {name}"))
    yield POSTGRES.rsplit("/", 1)[0] + f"/{name}"
    _in_loop(_execute(POSTGRES, f"DROP DATABASE {name} WITH (FORCE)"))


async def _make_tables(url: str) -> None:
    opened = open_database(url)
    await opened.write(lambda session: METADATA.create_all(session.connection()))
    await opened.close()


async def _execute(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statements)
    await connection.close()


def _in_loop(work: Coroutine[None, None, None]) -> None:

    # A thread of its own, because the test's event loop may be running.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database with all tables and nothing in them, on both engines."""
    lent = request.getfixturevalue("lent_url") if request.param == "postgresql" else None
    opened = open_database(lent or f"sqlite:///{tmp_path}/test.db")
    if lent is None:
        await opened.write(lambda session: METADATA.create_all(session.connection()))
    yield opened
    await opened.close()
    if lent:
        await _execute(lent, EMPTY)
