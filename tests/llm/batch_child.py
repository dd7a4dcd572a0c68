"""A process that looks after one batch until it is ended, to be killed at any moment.

`python -m tests.llm.batch_child DATABASE ADDRESS DIALECT`
"""

import asyncio
import sys
from datetime import timedelta

import httpx

from app.database import Database, open_database
from app.llm.batching.batches import Batches
from app.llm.batching.bills import BatchPrices
from app.llm.batching.handing_in import HandedIn
from app.llm.batching.kept import BatchStore
from app.llm.batching.providers import batch_provider
from app.llm.batching.wire import Job
from app.llm.connecting import ModelChoice, dialect_named
from app.llm.money.budget import Allowance, Limits, Terms
from app.llm.money.payer import Payer
from app.llm.money.prices import Price
from app.llm.types import Prompt, Turn
from app.llm.wire.dialect import Endpoint
from app.llm.wire.remote import RemoteModel

PAYER = Payer("w1", "summary")
LIMITS = Limits(workspace_day=10_000_000)
HELD_FOR = timedelta(seconds=0.4)


def jobs(*texts: str) -> list[Job]:
    return [Job(text.replace(" ", "-"), Prompt("Be brief.", (Turn("user", text),), text)) for text in texts]


JOBS = jobs("first", "second", "expire")


def batches(
    database: Database, client: httpx.AsyncClient, address: str, dialect: str, limits: Limits = LIMITS
) -> Batches:
    base_url = address if dialect == "anthropic" else f"{address}/v1"
    remote = RemoteModel("large", Endpoint("m", base_url, "a-key", 300), dialect_named(dialect), client)
    provider = batch_provider(remote, dialect)
    assert provider is not None
    prices = BatchPrices(ModelChoice("large", dialect, "m", price=Price(2.0, 10.0)), Allowance(Terms(limits)))
    store = BatchStore(database, HELD_FOR)
    return Batches(store, HandedIn(store, prices, provider))


async def _main(url: str, address: str, dialect: str) -> None:
    database = open_database(url)
    async with httpx.AsyncClient() as client:
        one = batches(database, client, address, dialect)
        batch_id = await one.submit(PAYER, JOBS)
        while await one.advance(batch_id) != "ended":  # noqa: ASYNC110  # each look is one more moment to be killed at
            await asyncio.sleep(0.02)
    await database.close()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
