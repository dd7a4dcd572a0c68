"""The way to PostgreSQL: connections that the server closed."""

import asyncio

import asyncpg
from sqlalchemy import text
from sqlmodel import Session

from app.database import open_database
from app.postgres import RESTING_S
from tests.conftest import POSTGRES

CLOSE_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"


def _count(session: Session) -> int:
    return int(session.execute(text("SELECT 1")).scalar_one())


async def test_a_connection_that_the_server_closed_is_replaced_before_an_operation_meets_it(postgres_url: str) -> None:
    database = open_database(postgres_url)
    assert sum(await asyncio.gather(*(database.read(_count) for _ in range(5)))) == 5
    server = await asyncpg.connect(POSTGRES)
    await server.execute(CLOSE_ALL.replace("$1", f"'{postgres_url.rpartition('/')[2]}'"))
    await server.close()
    await asyncio.sleep(2 * RESTING_S)
    assert sum(await asyncio.gather(*(database.write(_count) for _ in range(5)))) == 5
    await database.close()
