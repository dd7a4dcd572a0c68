"""A turn as a UI message stream, version 1, of the AI SDK: the parts that `useChat` puts together to a message.

https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol. A reader breaks off at a part it does not know, so that everything
of our own is named `data-…`.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.conversations.types import Event
from app.web.quoting import absolute
from app.web.sse import data_only

HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}
DONE = data_only(b"[DONE]")
TEXT = "text"
STOPPED = "Stopped"
Part = dict[str, Any]


@dataclass(slots=True)
class UiMessage:
    """One message while it is written: what was said and which sources were named, so that nothing is told twice."""

    turn_id: str
    public_url: str
    said: str = ""
    named: set[int] = field(default_factory=set)

    async def stream(self, events: AsyncGenerator[Event]) -> AsyncGenerator[bytes]:
        """The turn's events as parts, from the start to the end."""
        for part in self._begun():
            yield _line(part)
        finish: Part = {"type": "finish", "finishReason": "stop"}
        async for event in events:
            for part in self._parts(event):
                yield _line(part)
            if event.name == "answer.completed":
                finish["messageMetadata"] = _judged(event.data)
            elif event.name == "turn.failed":
                finish["finishReason"] = "error"
        for part in self._ended(finish):
            yield _line(part)
        yield DONE

    def _begun(self) -> Iterator[Part]:
        yield {"type": "start", "messageId": self.turn_id}
        yield {"type": "start-step"}

    def _parts(self, event: Event) -> Iterator[Part]:
        match event.name:
            case "turn.stage":
                yield {"type": "data-stage", "data": {"stage": event.data["stage"]}, "transient": True}
            case "answer.sentence":
                yield from self._sources(event.data["citations"])
                yield from self._text(event.data["joint"] + event.data["text"])
            case "answer.completed":
                text = event.data["message"]["text"]
                yield from self._sources(event.data["citations"])
                yield from self._text(text.removeprefix(self.said) if text.startswith(self.said) else "")
                yield {"type": "data-decision", "data": _judged(event.data)}
            case "turn.failed":
                yield from _trouble(event.data["problem"])
            case "conversation.updated":
                yield {"type": "data-conversation", "data": event.data, "transient": True}

    def _text(self, piece: str) -> Iterator[Part]:
        if piece and not self.said:
            yield {"type": "text-start", "id": TEXT}
        if piece:
            self.said += piece
            yield {"type": "text-delta", "id": TEXT, "delta": piece}

    def _sources(self, citations: list[Mapping[str, Any]]) -> Iterator[Part]:
        for citation in citations:
            number = citation["number"]
            if number not in self.named:
                self.named.add(number)
                where = absolute(citation["url"], self.public_url)
                yield {"type": "source-url", "sourceId": str(number), "url": where, "title": citation["title"]}
                yield {"type": "data-citation", "id": str(number), "data": citation}

    def _ended(self, finish: Part) -> Iterator[Part]:
        if self.said:
            yield {"type": "text-end", "id": TEXT}
        yield {"type": "finish-step"}
        yield finish


def _judged(data: Mapping[str, Any]) -> Part:
    return {"decision": data["decision"], "probability": data["probability"]}


def _trouble(problem: Mapping[str, Any]) -> Iterator[Part]:
    if problem["title"] == STOPPED:
        yield {"type": "abort", "reason": problem["detail"]}
    else:
        yield {"type": "error", "errorText": problem["detail"]}


def _line(part: Part) -> bytes:
    return data_only(orjson.dumps(part))
