"""The AI SDK's door: `useChat` asks here, and a page that was loaded anew goes on reading."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.conversations.types import Event, Utterance
from app.web.customers import turn_events
from app.web.doors import SPEAKERS, hear_apart, last_question
from app.web.identity import Admitted, App, Customer
from app.web.limits import limit_calls, limit_questions
from app.web.replies import nothing
from app.web.sse import EventStream, turn_of
from app.web.ui_bodies import UiChat, UiMessageBody
from app.web.ui_parts import HEADERS, UiMessage
from app.wiring import Application

router = APIRouter(prefix="/api/chat", tags=["ai-sdk"])
REGENERATE = "regenerate-message"


@router.post("")
async def chat_with_ui(request: Request, application: App, caller: Admitted, body: UiChat) -> Response:
    """Answer the last user message as a UI message stream.

    With a conversation's token the question goes on in that conversation; with an API key each call is one of its own.
    """
    question, earlier = _question(body.messages)
    if caller.conversation:
        await limit_questions(request, caller.conversation.id)
        once = None if body.trigger == REGENERATE else body.messages[-1].id
        begun = await application.assistant.hear(caller.conversation.id, question, once)
    else:
        await limit_calls(request, caller.key.id if caller.key else "")
        begun = await hear_apart(application, caller, question, earlier)
    return _stream(application, begun.turn_id, turn_events(application, begun))


@router.get("/{conversation_id}/stream")
async def resume_ui_chat(application: App, customer: Customer) -> Response:
    """The running answer of a conversation, from its beginning; 204 when none runs."""
    view = await application.conversations.view(customer.id)
    asked = [one["id"] for one in view["messages"] if one["turn_id"] == view["turn_id"] and one["author"] == "customer"]
    if view["turn_id"] is None or not asked:
        return nothing()
    return _stream(application, view["turn_id"], _again(application, customer.id, asked[-1], view["turn_id"]))


def _stream(application: Application, turn_id: str | None, events: AsyncGenerator[Event]) -> Response:
    message = UiMessage(turn_id or "", application.settings.public_url.rstrip("/"))
    response = EventStream(_closing(message, events))
    response.headers.update(HEADERS)
    return response


async def _closing(message: UiMessage, events: AsyncGenerator[Event]) -> AsyncGenerator[bytes]:
    async with aclosing(events):
        async for line in message.stream(events):
            yield line


async def _again(
    application: Application, conversation_id: str, message_id: str, turn_id: str
) -> AsyncGenerator[Event]:
    async with aclosing(application.live.follow(conversation_id, 0)) as following:
        async for event in turn_of(following, message_id, turn_id):
            yield event


def _question(messages: Sequence[UiMessageBody]) -> tuple[str, list[Utterance]]:
    return last_question([(message.role, message.text) for message in messages if message.role in SPEAKERS])
