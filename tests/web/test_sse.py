"""Streams let go of whoever no longer reads, or no longer may."""

import asyncio
from collections.abc import AsyncGenerator

import httpx
import pytest
from starlette.types import Message

from app.conversations.types import Event
from app.errors import Unauthorised
from app.main import create_app
from app.settings import Settings
from app.web.sse import EventStream, rendered, turn_of, while_admitted
from tests.web.conftest import serving
from tests.web.customer import Talk


async def _receive() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_reader_who_takes_nothing_is_dropped_and_the_stream_closed() -> None:
    closed: list[bool] = []

    async def endless() -> AsyncGenerator[bytes]:
        try:
            while True:
                yield b"data: more\n\n"
        finally:
            closed.append(True)

    async def send(message: Message) -> None:
        if message.get("body"):
            await asyncio.Event().wait()

    stream = EventStream(endless())
    stream.send_timeout = 0.05
    async with asyncio.timeout(5):
        await stream({"type": "http", "method": "GET"}, _receive, send)
    assert closed == [True]


async def test_a_server_that_shuts_down_ends_its_streams_properly(settings: Settings) -> None:
    async with httpx.AsyncClient(timeout=20) as client:
        async with serving(create_app(settings)) as url:
            talk = await Talk.open(httpx.AsyncClient(base_url=url))
            reading = asyncio.create_task(client.get(f"{url}{talk.path}/events", headers=talk.headers))
            await asyncio.sleep(0.3)
            await talk.client.aclose()
        assert (await reading).text == "retry: 3000\n\n"


async def test_an_event_is_one_block_whatever_it_says() -> None:
    event = Event(7, "answer.sentence", {"text": "a\r\nb\n\ndata: c\u2028d"})
    assert rendered(event) == (
        'id: 7\nevent: answer.sentence\ndata: {"text":"a\\r\\nb\\n\\ndata: c\u2028d"}\n\n'.encode()
    )


@pytest.mark.parametrize(
    ("decision", "behind"),
    [("answer", []), ("offer", ["handoff.offered"]), ("escalate", ["handoff.requested", "conversation.updated"])],
)
async def test_a_turns_stream_ends_with_what_comes_right_behind_the_answer(decision: str, behind: list[str]) -> None:
    async def happening() -> AsyncGenerator[Event]:
        yield Event(1, "message.created", {"message": {"id": "earlier"}})
        yield Event(2, "answer.completed", {"turn_id": "earlier", "decision": "answer"})
        yield Event(3, "message.created", {"message": {"id": "m"}})
        yield Event(4, "turn.started", {"turn_id": "t"})
        yield Event(5, "answer.completed", {"turn_id": "t", "decision": decision})
        for number, name in enumerate(behind, 6):
            yield Event(number, name, {})
        yield Event(9, "message.created", {"message": {"id": "later"}})

    names = [event.name async for event in turn_of(happening(), "m", "t")]
    assert names == ["message.created", "turn.started", "answer.completed", *behind]


async def test_a_stream_ends_when_its_reader_may_no_longer_read_and_closes_what_it_held() -> None:
    closed: list[bool] = []

    async def quiet() -> AsyncGenerator[bytes]:
        try:
            yield b"first"
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    async def refused() -> None:
        raise Unauthorised

    pieces = [piece async for piece in while_admitted(quiet(), refused, every_s=0.05)]
    assert (pieces, closed) == ([b"first"], [True])
