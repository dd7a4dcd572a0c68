"""Google Gemini, generateContent and streamGenerateContent."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.llm.types import Options, Part, Prompt, Reasoning, Stop, StopReason, Text, ToolCall, Usage
from app.llm.wire import failures
from app.llm.wire.dialect import JSON_HEADERS, Endpoint, Request
from app.llm.wire.shapes import Json, count, first, mapping, mappings, string

_ROLES = {"user": "user", "assistant": "model"}
_STOPS: dict[str, StopReason] = {
    "STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter", "RECITATION": "content_filter",
    "BLOCKLIST": "content_filter", "PROHIBITED_CONTENT": "content_filter", "SPII": "content_filter",
    "MODEL_ARMOR": "content_filter", "LANGUAGE": "content_filter",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gemini:
    """https://ai.google.dev/api/generate-content."""

    def request(self, endpoint: Endpoint, prompt: Prompt, options: Options, *, stream: bool) -> Request:
        """What to send. The stream is asked for as server-sent events; without that it is one JSON array in pieces."""
        asked: Json = {
            "contents": [{"role": _ROLES[turn.role], "parts": [{"text": turn.text}]} for turn in prompt.turns],
            "systemInstruction": {"parts": [{"text": prompt.system}]} if prompt.system else None,
            "generationConfig": _settings(endpoint, options),
        }
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        body = orjson.dumps({name: value for name, value in asked.items() if value is not None})
        headers = JSON_HEADERS | {"x-goog-api-key": endpoint.api_key or ""}
        return Request(f"{endpoint.base_url}/models/{endpoint.id}:{verb}", headers, body)

    def decoder(self) -> "ContentDecoder":
        """A fresh decoder for one answer."""
        return ContentDecoder()


@dataclass(slots=True)
class ContentDecoder:
    """Reads chunks, arrays of chunks and whole answers: all three have one shape."""

    finished: bool = False
    _native: str | None = None
    _model: str | None = None
    _usage: Json | None = None
    _calls: list[ToolCall] = field(default_factory=list)

    def event(self, name: str, value: Any) -> Iterator[Part]:  # noqa: ANN401, ARG002  # any JSON; chunks have no names
        """The parts of one chunk."""
        chunk = mapping(value)
        self._model = string(chunk.get("modelVersion")) or self._model
        self._usage = mapping(chunk.get("usageMetadata")) or self._usage
        candidate = first(chunk.get("candidates"))
        self._note(string(candidate.get("finishReason")), mapping(chunk.get("promptFeedback")))
        for part in mappings(mapping(candidate.get("content")).get("parts")):
            yield from self._part(part)

    def whole(self, value: Any) -> Iterator[Part]:  # noqa: ANN401  # any JSON
        """The parts of an answer, or of all chunks of an array. Raises `malformed` when it is neither."""
        chunks = mappings(value if isinstance(value, list) else [value])
        if not any("candidates" in chunk or "promptFeedback" in chunk for chunk in chunks):
            raise failures.not_an_answer("candidates")
        for chunk in chunks:
            yield from self.event("", chunk)

    def end(self) -> Iterator[Part]:
        """The tool calls, the usage if it came, and the stop."""
        yield from self._calls
        if self._usage is not None:
            yield _usage(self._usage)
        yield Stop(self._reason(), self._native, self._model)

    def _note(self, reason: str, feedback: Json) -> None:
        if blocked := string(feedback.get("blockReason")):
            reason = f"prompt_blocked:{blocked}"
        if reason:
            self._native, self.finished = reason, True

    def _part(self, part: Json) -> Iterator[Part]:
        if text := string(part.get("text")):
            yield Reasoning(text) if part.get("thought") is True else Text(text)
        if call := mapping(part.get("functionCall")):
            arguments = json.dumps(call.get("args") or {}, ensure_ascii=False)
            self._calls.append(ToolCall(string(call.get("id")) or None, string(call.get("name")), arguments))

    def _reason(self) -> StopReason:
        native = self._native or "STOP"
        if native.startswith(("prompt_blocked", "IMAGE_")):
            return "content_filter"
        reason = _STOPS.get(native, "error")
        return "tool_calls" if reason == "stop" and self._calls else reason


def _settings(endpoint: Endpoint, options: Options) -> Json:
    asked: Json = {
        "maxOutputTokens": options.max_output_tokens or endpoint.max_output_tokens,
        "temperature": options.temperature,
        "topP": options.top_p,
        "stopSequences": list(options.stop_sequences) or None,
        "seed": options.seed,
        "thinkingConfig": options.effort and {"thinkingLevel": options.effort},
        "responseMimeType": options.json_schema and "application/json",
        "responseJsonSchema": options.json_schema,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _usage(native: Json) -> Usage:
    thoughts = count(native.get("thoughtsTokenCount"))
    return Usage(
        input_tokens_total=count(native.get("promptTokenCount")),
        output_tokens_total=count(native.get("candidatesTokenCount")) + thoughts,  # theirs leaves thoughts out
        cache_read_tokens=count(native.get("cachedContentTokenCount")),
        reasoning_tokens=thoughts,
        native=native,
    )
