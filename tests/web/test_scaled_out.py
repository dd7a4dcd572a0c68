"""Two web processes over PostgreSQL and Redis behave as one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from app.main import create_app
from app.settings import EmbedSettings, LimitSettings, ModelSettings, Settings
from ingest.orders import Order
from ingest.workshop import workshop
from tests.conftest import REDIS, needs_redis
from tests.web.conftest import DOCUMENTS, serving
from tests.web.customer import Talk

pytestmark = [pytest.mark.postgres, pytest.mark.redis, needs_redis]
QUESTION = "How do I track a parcel?"


@pytest.fixture
async def two(postgres_url: str, tmp_path: Path) -> AsyncIterator[list[httpx.AsyncClient]]:
    settings = Settings(
        data_dir=tmp_path,
        database_url=postgres_url,
        redis_url=REDIS,
        embed=EmbedSettings(backend="hash"),
        model=(ModelSettings(name="plain", dialect="extractive"),),
        limits=LimitSettings(conversations_per_minute=10_000, questions_per_minute=4),
    )
    async with workshop(settings) as (ingestion, workspace_id):
        await ingestion.ingest(Order(workspace_id, "guide", [str(DOCUMENTS)]))
    async with AsyncExitStack() as stack:
        urls = [await stack.enter_async_context(serving(create_app(settings))) for _ in range(2)]
        yield [await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=20)) for url in urls]


async def test_what_one_answers_the_other_tells_live_and_again(two: list[httpx.AsyncClient]) -> None:
    here = await Talk.open(two[0])
    there = Talk(two[1], here.id, here.token)
    reading = asyncio.create_task(there.events(4))
    await asyncio.sleep(0.5)
    asked = await here.ask(QUESTION, "c1")
    assert asked[-1].name == "answer.completed"
    assert await reading == asked[:4]
    assert await there.events(len(asked)) == asked
    assert await there.ask(QUESTION, "c1") == asked


async def test_questions_are_counted_together(two: list[httpx.AsyncClient]) -> None:
    here = await Talk.open(two[0])
    there = Talk(two[1], here.id, here.token)
    asking = (here, there, here, there, here)
    statuses = [(await talk.post("messages", {"text": " "})).status_code for talk in asking]
    assert statuses == [422, 422, 422, 422, 429]


@pytest.mark.parametrize("text", ["It’s ünïcode 🎉", "' OR 1=1 --", "x" * 4000])
async def test_any_text_comes_back_as_it_was(two: list[httpx.AsyncClient], text: str) -> None:
    talk = await Talk.open(
        two[0], customer={"name": text[:100], "attributes": {"plan": text[:50], "age": 2**53, "score": 0.5}}
    )
    await talk.ask(text)
    assert (await talk.view())["messages"][0]["text"] == text
