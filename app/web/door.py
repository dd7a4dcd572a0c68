"""The OpenAI door: any client that knows /v1/chat/completions can ask, and gets the sources as annotations."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.conversations.types import Begun, Event, Utterance
from app.errors import AppError, Invalid, NotFound
from app.web import quoting
from app.web.bodies import Completion, CompletionMessage
from app.web.customers import turn_events
from app.web.doors import SPEAKERS, hear_apart, last_question
from app.web.identity import Admitted, App
from app.web.limits import limit_calls
from app.web.problems import openai_error
from app.web.replies import json_of
from app.web.sse import EventStream, data_only
from app.wiring import Application

router = APIRouter(prefix="/v1", tags=["openai"])
MODEL = "answerdesk"
MODEL_SINCE = 1_763_683_200
DONE = data_only(b"[DONE]")


@dataclass(frozen=True, slots=True)
class Call:
    """One completion on its way: what its chunks have in common."""

    begun: Begun
    created: int
    public_url: str
    lists_sources: bool
    tells_usage: bool

    @property
    def head(self) -> dict[str, Any]:
        """The id, the moment and the model."""
        return {"id": f"chatcmpl-{self.begun.turn_id}", "created": self.created, "model": MODEL}


@dataclass(frozen=True, slots=True)
class Completed:
    """The end of a turn, as the door tells it."""

    content: str
    annotations: list[dict[str, Any]]
    sources: str
    usage: dict[str, int]


@router.get("/models")
async def list_models(caller: Admitted) -> Response:
    """What may be asked for: one model, which is this help desk."""
    del caller
    model = {"id": MODEL, "object": "model", "created": MODEL_SINCE, "owned_by": "answerdesk"}
    return json_of({"object": "list", "data": [model]})


@router.post("/chat/completions")
async def complete_chat(request: Request, application: App, caller: Admitted, body: Completion) -> Response:
    """Answer the last user message. System messages give the bot no orders, and are passed over."""
    if body.model != MODEL:
        raise NotFound(f"There is no model named “{body.model}” here. Ask for “{MODEL}”.")
    await limit_calls(request, caller.key.id if caller.key else "")
    question, earlier = _question(body.messages)
    begun = await hear_apart(application, caller, question, earlier)
    call = Call(
        begun,
        int(time.time()),
        application.settings.public_url.rstrip("/"),
        lists_sources=(body.metadata or {}).get("citation_style") == "markdown",
        tells_usage=body.stream_options is not None and body.stream_options.include_usage,
    )
    if body.stream:
        return EventStream(_chunks(application, call))
    return await _whole(application, call)


def _question(messages: Sequence[CompletionMessage]) -> tuple[str, list[Utterance]]:
    return last_question([(message.role, _text(message)) for message in messages if message.role in SPEAKERS])


def _text(message: CompletionMessage) -> str:
    if not isinstance(message.content, list):
        return _sound(message.content or "")
    parts = [part.get("text") if part.get("type") == "text" else None for part in message.content]
    if not all(isinstance(part, str) for part in parts):
        raise Invalid("Only text can be read here. Please leave out images, audio and files.")
    return _sound("\n".join(str(part) for part in parts))


def _sound(text: str) -> str:
    if "\x00" in text:
        raise Invalid("A message may not hold a NUL character. Please remove it and send again.")
    return text.encode("utf-8", "replace").decode()


async def _whole(application: Application, call: Call) -> Response:
    async with aclosing(turn_events(application, call.begun)) as events:
        async for event in events:
            if event.name == "answer.completed":
                completed = await _completed(application, call, event)
                return json_of(call.head | {"object": "chat.completion", **_answer(completed)})
            if event.name == "turn.failed":
                problem = event.data["problem"]
                return json_of(openai_error(problem["status"], problem["detail"]), problem["status"])
    raise AppError


def _answer(completed: Completed) -> dict[str, Any]:
    content = completed.content + completed.sources
    message = {"role": "assistant", "content": content, "refusal": None, "annotations": completed.annotations}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {"choices": [choice], "usage": completed.usage}


async def _chunks(application: Application, call: Call) -> AsyncGenerator[bytes]:
    said = ""
    yield _chunk(call, {"role": "assistant", "content": ""})
    async with aclosing(turn_events(application, call.begun)) as events:
        async for event in events:
            if event.name == "answer.sentence":
                piece = event.data["joint"] + event.data["text"]
                said += piece
                yield _chunk(call, {"content": piece})
            elif event.name == "turn.failed":
                problem = event.data["problem"]
                yield data_only(orjson.dumps(openai_error(problem["status"], problem["detail"])))
            elif event.name == "answer.completed":
                async for chunk in _last_chunks(call, said, await _completed(application, call, event)):
                    yield chunk
    yield DONE


async def _last_chunks(call: Call, said: str, completed: Completed) -> AsyncIterator[bytes]:
    rest = completed.content.removeprefix(said) if completed.content.startswith(said) else ""
    if rest + completed.sources:
        yield _chunk(call, {"content": rest + completed.sources})
    yield _chunk(call, {"annotations": completed.annotations}, finish_reason="stop")
    if call.tells_usage:
        yield data_only(
            orjson.dumps(call.head | {"object": "chat.completion.chunk", "choices": [], "usage": completed.usage})
        )


def _chunk(call: Call, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return data_only(orjson.dumps(call.head | {"object": "chat.completion.chunk", "choices": [choice]}))


async def _completed(application: Application, call: Call, event: Event) -> Completed:
    content, citations = event.data["message"]["text"], event.data["citations"]
    turn = await application.conversations.turn(str(call.begun.turn_id))
    given, written = turn["input_tokens"], turn["output_tokens"]
    usage = {"prompt_tokens": given, "completion_tokens": written, "total_tokens": given + written}
    annotations = quoting.annotations(content, citations, call.public_url)
    sources = quoting.sources(citations, call.public_url) if call.lists_sources else ""
    return Completed(content, annotations, sources, usage)
