"""Server-sent events: stored events as they happen, and streams that let go of whoever no longer listens or may."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

import orjson
import structlog
from sse_starlette.sse import EventSourceResponse, SendTimeoutError
from starlette.types import Message, Receive, Scope, Send

from app.conversations.types import Event
from app.errors import AppError

PING_S = 15
SLOWEST_READER_S = 20
RECHECK_S = 3.0
RETRY = b"retry: 3000\n\n"
ENDS = frozenset({"answer.completed", "turn.failed"})
AFTER_THE_END: Mapping[str, str] = {"offer": "handoff.offered", "escalate": "conversation.updated"}
"""What a decision brings right behind `answer.completed`, in the same commit."""
log = structlog.get_logger()


class EventStream(EventSourceResponse):
    """A stream that is never compressed, pings every 15 s and drops a reader who takes nothing for 20 s."""

    def __init__(self, content: AsyncIterator[bytes]) -> None:
        super().__init__(content, ping=PING_S, sep="\n", send_timeout=SLOWEST_READER_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until they end, or nobody takes them."""
        open_ended = False

        async def send_watched(message: Message) -> None:
            nonlocal open_ended
            open_ended = message.get("more_body", True)
            await send(message)

        try:
            await super().__call__(scope, receive, send_watched)
        except SendTimeoutError:
            log.info("stream.dropped", request_id=scope.get("request_id"))
            return
        if open_ended:
            # The server shuts down: a proper end lets the reader come back at once, to whoever serves next.
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def rendered(event: Event) -> bytes:
    """An event as bytes. What is not stored has no id, so that a reader comes back after the last that was."""
    number = b"id: %d\n" % event.sequence if event.sequence else b""
    return b"%sevent: %s\ndata: %s\n\n" % (number, event.name.encode(), orjson.dumps(event.data))


def unnumbered(name: str, data: Mapping[str, Any]) -> bytes:
    """An event that is not part of a conversation's log."""
    return rendered(Event(0, name, dict(data)))


def data_only(data: bytes) -> bytes:
    """An event without a name, as OpenAI's clients want all of them."""
    return b"data: %s\n\n" % data


async def all_of(events: AsyncGenerator[Event]) -> AsyncGenerator[bytes]:
    """Every event, for as long as somebody listens."""
    async with aclosing(events):
        yield RETRY
        async for event in events:
            yield rendered(event)


async def turn_of(events: AsyncIterator[Event], message_id: str, turn_id: str | None) -> AsyncIterator[Event]:
    """The events of one turn: from the question's `message.created` to the end and what comes right behind it."""
    begun, last = False, None
    async for event in events:
        begun = begun or _is_question(event, message_id)
        if not begun:
            continue
        yield event
        if event.name in ENDS and event.data.get("turn_id") == turn_id:
            offers = event.data.get("offers_person")
            last = "handoff.offered" if offers else AFTER_THE_END.get(event.data.get("decision", ""), event.name)
        if turn_id is None or event.name == last:
            return


async def while_admitted(
    stream: AsyncGenerator[bytes], still_admitted: Callable[[], Awaitable[object]], every_s: float = RECHECK_S
) -> AsyncIterator[bytes]:
    """The stream of somebody whose right to read it may end while it runs: asked again every 3 s."""
    checked, coming = time.monotonic(), asyncio.ensure_future(anext(stream, None))
    try:
        while True:
            await asyncio.wait({coming}, timeout=every_s)
            if time.monotonic() - checked >= every_s:
                await still_admitted()
                checked = time.monotonic()
            if coming.done():
                piece = coming.result()
                if piece is None:
                    return
                coming = asyncio.ensure_future(anext(stream, None))
                yield piece
    except AppError:
        return
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await stream.aclose()


def _is_question(event: Event, message_id: str) -> bool:
    return event.name == "message.created" and event.data["message"]["id"] == message_id
