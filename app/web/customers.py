"""The customer's side: a conversation, its questions, and everything that happens in it."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.responses import Response

from app.accounts.secrecy import digest, new_secret
from app.conversations.types import Begun, Event
from app.errors import NotFound
from app.web import transcript
from app.web.bodies import LARGEST_NUMBER, Contact, Handoff, NewConversation, Question, Rating
from app.web.identity import Admitted, App, Customer, token_of
from app.web.limits import limit_conversations, limit_questions
from app.web.once import REPLAYED, key_of
from app.web.pages import suggestions
from app.web.replies import json_of, nothing
from app.web.sse import EventStream, all_of, rendered, turn_of

router = APIRouter(prefix="/api", tags=["customers"])
Offset = Annotated[int | None, Query(ge=0, le=LARGEST_NUMBER)]
After = Annotated[int | None, Query(ge=0, le=LARGEST_NUMBER, description="The last event that was seen.")]


@router.post("/conversations", status_code=201)
async def open_conversation(request: Request, application: App, body: NewConversation | None = None) -> Response:
    """Begin a conversation. The token is shown this once; whoever holds it may read and write here."""
    await limit_conversations(request)
    wanted, secret, about = body or NewConversation(), new_secret(), application.settings.workspace_name
    conversation_id = await application.conversations.open(
        application.workspace_id,
        token_hash=digest(secret),
        token_days=application.settings.limits.conversation_token_days,
        locale=wanted.locale,
        page_url=wanted.page_url,
        customer=wanted.customer.model_dump(exclude_none=True) if wanted.customer else None,
    )
    return json_of(
        {
            "id": conversation_id,
            "token": token_of(conversation_id, secret),
            "greeting": f"Hi! I answer questions about {about}. What would you like to know?",
            "suggestions": await _suggestions(application),
        },
        201,
    )


@router.post("/conversations/{conversation_id}/messages", status_code=202)
async def ask(request: Request, application: App, customer: Customer, body: Question) -> Response:
    """Ask. With `Accept: text/event-stream` the turn's events follow; else 202 with the ids."""
    await limit_questions(request, customer.id)
    begun = await application.assistant.hear(customer.id, body.text, body.client_message_id or key_of(request))
    if "text/event-stream" in request.headers.get("accept", ""):
        response: Response = EventStream(_turn(application, begun))
    else:
        response = json_of({"message_id": begun.message_id, "turn_id": begun.turn_id}, 202)
    response.headers.update(REPLAYED if begun.repeated else {})
    return response


@router.get("/conversations/{conversation_id}")
async def read_conversation(application: App, customer: Customer) -> Response:
    """The conversation as it stands."""
    return json_of(await application.conversations.view(customer.id))


@router.get("/conversations/{conversation_id}/events")
async def follow_conversation(
    application: App,
    customer: Customer,
    after: After = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Everything that happens: replayed from the beginning or after the last that was seen, then live."""
    return EventStream(all_of(application.live.follow(customer.id, cursor(after, last_event_id))))


@router.post("/conversations/{conversation_id}/stop")
async def stop_answer(application: App, customer: Customer) -> Response:
    """End the running answer. What was shown stays."""
    await application.assistant.stop(customer.workspace_id, customer.id)
    return json_of(await application.conversations.view(customer.id))


@router.post("/conversations/{conversation_id}/handoff")
async def request_handoff(application: App, customer: Customer, body: Handoff | None = None) -> Response:
    """Ask for a person."""
    events = await application.conversations.request_handoff(customer.id, (body or Handoff()).reason)
    await application.live.tell(customer.workspace_id, customer.id, events)
    application.summaries.soon(customer.workspace_id, customer.id)
    return json_of(await application.conversations.view(customer.id))


@router.post("/conversations/{conversation_id}/resolve")
async def resolve_conversation(application: App, customer: Customer) -> Response:
    """Say that all is answered."""
    events = await application.conversations.resolve(customer.id)
    await application.live.tell(customer.workspace_id, customer.id, events)
    return json_of(await application.conversations.view(customer.id))


@router.post("/conversations/{conversation_id}/contact", status_code=204)
async def leave_contact(application: App, customer: Customer, body: Contact) -> Response:
    """Say where an answer that comes later may be sent to."""
    await application.conversations.leave_contact(customer.id, body.email)
    return nothing()


@router.get("/conversations/{conversation_id}/transcript")
async def read_transcript(
    application: App, customer: Customer, form: Annotated[Literal["text", "html"], Query(alias="format")] = "text"
) -> Response:
    """The conversation to keep, as plain text or as a page."""
    view = await application.conversations.view(customer.id)
    if form == "html":
        return Response(transcript.page(view), media_type="text/html")
    return Response(transcript.text(view), media_type="text/plain")


@router.put("/messages/{message_id}/rating", status_code=204)
async def rate_message(application: App, customer: Customer, message_id: str, body: Rating) -> Response:
    """Say what an answer was worth. A later opinion replaces an earlier one."""
    await application.conversations.rate(message_id, customer.id, body.model_dump())
    return nothing()


@router.get("/documents/{document_id}/versions/{number}")
async def read_document_version(  # who asks, for what, and for which part of it
    application: App,
    caller: Admitted,
    document_id: str,
    number: Annotated[int, Path(ge=0, le=LARGEST_NUMBER)],
    start: Offset = None,
    end: Offset = None,
) -> Response:
    """A stored version whole, or its characters [start, end). Offsets count code points."""
    version = await application.library.version(caller.workspace_id, document_id, number)
    if version.audience != "public" and not caller.is_staff:
        raise NotFound
    return json_of(
        {
            "document_id": version.document_id,
            "version": version.number,
            "title": version.title,
            "url": version.url,
            "text": version.text[start:end],
        }
    )


def cursor(after: int | None, last_event_id: str | None) -> int:
    """The last event that a reader saw; what is no number counts as none."""
    if last_event_id and last_event_id.isascii() and last_event_id.isdecimal():
        return min(int(last_event_id[:10]), LARGEST_NUMBER)
    return after or 0


async def turn_events(application: App, begun: Begun) -> AsyncGenerator[Event]:
    """What happens in the turn of a question that was just heard, or of the same question heard before."""
    seen = begun.events[-1].sequence if begun.events else 0
    async with aclosing(application.live.follow(begun.conversation_id, seen)) as following:
        async for event in turn_of(_chained(begun.events, following), begun.message_id, begun.turn_id):
            yield event


async def _turn(application: App, begun: Begun) -> AsyncGenerator[bytes]:
    """The turn's events as bytes; what was known when the question was heard goes out in one piece."""
    known, piece = begun.events[-1].sequence if begun.events else 0, b""
    async with aclosing(turn_events(application, begun)) as events:
        async for event in events:
            piece += rendered(event)
            if event.sequence >= known:
                yield piece
                piece = b""
    if piece:
        yield piece


async def _chained(events: tuple[Event, ...], following: AsyncIterator[Event]) -> AsyncIterator[Event]:
    for event in events:
        yield event
    async for event in following:
        yield event


async def _suggestions(application: App) -> list[str]:
    return suggestions(await application.library.articles(application.workspace_id))
