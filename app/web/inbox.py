"""The agents' side: the queue, conversations, replies, notes."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from app.conversations.bus import EventBus
from app.conversations.inbox import View
from app.conversations.types import Event
from app.web.bodies import Note, Plain, Reply
from app.web.customers import After, cursor
from app.web.identity import Admitted, App, Caller, admitted
from app.web.once import OnceRoute
from app.web.replies import json_of, nothing
from app.web.sse import RETRY, EventStream, all_of, unnumbered, while_admitted
from app.wiring import Application

router = APIRouter(prefix="/api/inbox", tags=["inbox"], route_class=OnceRoute)
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/conversations")
async def list_inbox(
    application: App,
    caller: Admitted,
    view: View = "queue",
    after: Annotated[Plain | None, Query(max_length=100)] = None,
    limit: Limit = 50,
) -> Response:
    """Conversations of a view; `next` is where the following page begins."""
    rows = await application.inbox.rows(caller.agent, view, after, limit)
    return json_of({"data": rows, "next": rows[-1]["id"] if len(rows) == limit else None})


@router.get("/counts")
async def count_inbox(application: App, caller: Admitted) -> Response:
    """How many conversations each view holds."""
    return json_of(await application.inbox.counts(caller.agent))


@router.get("/events")
async def follow_inbox(request: Request, application: App, caller: Admitted) -> Response:
    """`inbox.changed` {conversation_id} whenever a conversation of the workspace changes."""
    changes = _changes(application.bus, caller.workspace_id)
    return EventStream(while_admitted(changes, lambda: admitted(request)))


@router.get("/conversations/{conversation_id}")
async def read_inbox_conversation(application: App, caller: Admitted, conversation_id: str) -> Response:
    """The conversation with its notes, its drafts and its summary."""
    return json_of(await _whole(application, caller, conversation_id))


@router.get("/conversations/{conversation_id}/events")
async def follow_inbox_conversation(  # who asks, for what, and from where on
    request: Request,
    application: App,
    caller: Admitted,
    conversation_id: str,
    after: After = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Everything that happens, with notes and drafts."""
    await application.inbox.belongs(caller.agent, conversation_id)
    following = application.live.follow(conversation_id, cursor(after, last_event_id), people=True)
    return EventStream(while_admitted(all_of(following), lambda: admitted(request)))


@router.post("/conversations/{conversation_id}/claim")
async def claim_conversation(application: App, caller: Admitted, conversation_id: str) -> Response:
    """Take the conversation; the bot falls silent."""
    events = await application.inbox.claim(caller.agent, conversation_id)
    application.summaries.soon(caller.workspace_id, conversation_id)
    return await told(application, caller, conversation_id, events)


@router.post("/conversations/{conversation_id}/release")
async def release_conversation(application: App, caller: Admitted, conversation_id: str) -> Response:
    """Give the conversation back to the queue."""
    return await told(
        application, caller, conversation_id, await application.inbox.release(caller.agent, conversation_id)
    )


@router.post("/conversations/{conversation_id}/replies", status_code=201)
async def reply_to_customer(application: App, caller: Admitted, conversation_id: str, body: Reply) -> Response:
    """Write to the customer; takes the conversation. 409 when the customer wrote since `expected_version`."""
    events = await application.inbox.reply(
        caller.agent, conversation_id, body.text, body.draft_id, body.expected_version
    )
    return await told(application, caller, conversation_id, events, 201)


@router.post("/conversations/{conversation_id}/notes", status_code=201)
async def write_note(application: App, caller: Admitted, conversation_id: str, body: Note) -> Response:
    """Write for colleagues only."""
    events = await application.inbox.note(caller.agent, conversation_id, body.text)
    return await told(application, caller, conversation_id, events, 201)


@router.post("/conversations/{conversation_id}/resolve")
async def resolve_inbox_conversation(application: App, caller: Admitted, conversation_id: str) -> Response:
    """Say that all is answered."""
    await application.inbox.belongs(caller.agent, conversation_id)
    return await told(application, caller, conversation_id, await application.conversations.resolve(conversation_id))


@router.post("/conversations/{conversation_id}/typing", status_code=204)
async def tell_typing(application: App, caller: Admitted, conversation_id: str) -> Response:
    """Let the customer see that a person is writing."""
    await application.inbox.typing(caller.agent, conversation_id)
    await application.live.tell_typing(conversation_id, caller.agent.name)
    return nothing()


async def told(
    application: Application, caller: Caller, conversation_id: str, events: list[Event], status: int = 200
) -> Response:
    """Announce what was done, and show the conversation as it is now."""
    await application.live.tell(caller.workspace_id, conversation_id, events)
    return json_of(await _whole(application, caller, conversation_id), status)


async def _whole(application: Application, caller: Caller, conversation_id: str) -> dict[str, object]:
    await application.inbox.belongs(caller.agent, conversation_id)
    view = await application.conversations.view(conversation_id, people=True)
    drafts = await application.inbox.drafts(caller.agent, conversation_id)
    turns = [message["turn_id"] for message in view["messages"] if message["decision"]]
    verdicts = await application.judgement.policies.store.said(caller.workspace_id, turns)
    summary = await application.summaries.shown(conversation_id)
    return view | {"drafts": drafts, "summary": summary, "verdicts": verdicts}


async def _changes(bus: EventBus, workspace_id: str) -> AsyncGenerator[bytes]:
    async with bus.subscribe(f"inbox:{workspace_id}") as listening:
        yield RETRY
        while True:
            yield unnumbered("inbox.changed", await listening.get())
