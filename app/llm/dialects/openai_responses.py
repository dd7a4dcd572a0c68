"""OpenAI Responses, as Azure, OpenRouter, LM Studio and llama.cpp speak it too."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.llm.types import Options, Part, Prompt, Reasoning, Refusal, Stop, StopReason, Text, ToolCall, Usage
from app.llm.wire import failures
from app.llm.wire.dialect import JSON_HEADERS, Endpoint, Request, bearer
from app.llm.wire.shapes import Json, count, mapping, mappings, string

_STOPS: dict[str, StopReason] = {
    "max_output_tokens": "length",
    "max_messages": "length",
    "content_filter": "content_filter",
}


@dataclass(frozen=True, slots=True)
class OpenAIResponses:
    """https://platform.openai.com/docs/api-reference/responses."""

    stream_options: Json | None = field(default_factory=lambda: {"include_obfuscation": False})

    def request(self, endpoint: Endpoint, prompt: Prompt, options: Options, *, stream: bool) -> Request:
        """What to send; the provider keeps none of it. Stop sequences and seed have no counterpart here."""
        asked: Json = {
            "model": endpoint.id,
            "instructions": prompt.system or None,
            "input": [{"role": turn.role, "content": turn.text} for turn in prompt.turns],
            "max_output_tokens": options.max_output_tokens or endpoint.max_output_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "reasoning": options.effort and {"effort": options.effort},
            "text": _format(options.json_schema),
            "store": False,
            "prompt_cache_key": options.cache_key,
            "stream": stream,
            "stream_options": self.stream_options if stream else None,
        }
        body = orjson.dumps({name: value for name, value in asked.items() if value is not None})
        return Request(f"{endpoint.base_url}/responses", JSON_HEADERS | bearer(endpoint.api_key), body)

    def decoder(self) -> "ResponseDecoder":
        """A fresh decoder for one answer."""
        return ResponseDecoder()


@dataclass(slots=True)
class ResponseDecoder:
    """Reads events and whole responses. Unknown events and items are passed over."""

    finished: bool = False
    _native: str | None = None
    _model: str | None = None
    _usage: Json = field(default_factory=dict)
    _calls: list[ToolCall] = field(default_factory=list)
    _refused: bool = False

    def event(self, name: str, value: Any) -> Iterator[Part]:  # noqa: ANN401  # any JSON
        """The parts of one event."""
        event = mapping(value)
        match string(event.get("type")) or name:
            case "response.output_text.delta" if text := string(event.get("delta")):
                yield Text(text)
            case "response.reasoning_text.delta" | "response.reasoning_summary_text.delta":
                yield Reasoning(string(event.get("delta")))
            case "response.refusal.delta":
                yield self._refusal(string(event.get("delta")))
            case "response.output_item.done":
                self._call(mapping(event.get("item")))
            case "response.completed" | "response.incomplete" | "response.created":
                self._note(mapping(event.get("response")))
            case "response.failed" | "error":
                raise failures.from_event(event)

    def whole(self, value: Any) -> Iterator[Part]:  # noqa: ANN401  # any JSON
        """The parts of a response. Raises `malformed` when it is none."""
        response = mapping(value)
        if not isinstance(response.get("output"), list):
            raise failures.not_an_answer("output")
        self._note(response)
        for item in mappings(response["output"]):
            yield from self._item(item)

    def end(self) -> Iterator[Part]:
        """The tool calls, the usage if it came, and the stop."""
        yield from self._calls
        if self._usage:
            yield _usage(self._usage)
        yield Stop(self._reason(), self._native, self._model)

    def _item(self, item: Json) -> Iterator[Part]:
        self._call(item)
        for thought in mappings(item.get("summary")):
            yield Reasoning(string(thought.get("text")))
        for piece in mappings(item.get("content")):
            if refusal := string(piece.get("refusal")):
                yield self._refusal(refusal)
            elif text := string(piece.get("text")):
                yield Reasoning(text) if item.get("type") == "reasoning" else Text(text)

    def _refusal(self, text: str) -> Refusal:
        self._refused = True
        return Refusal(text)

    def _call(self, item: Json) -> None:
        if item.get("type") == "function_call":
            identity = string(item.get("call_id")) or string(item.get("id")) or None
            self._calls.append(ToolCall(identity, string(item.get("name")), string(item.get("arguments"))))

    def _note(self, response: Json) -> None:
        self._model = string(response.get("model")) or self._model
        self._usage = mapping(response.get("usage")) or self._usage
        status = string(response.get("status"))
        if status in ("completed", "incomplete"):
            self.finished = True
            self._native = string(mapping(response.get("incomplete_details")).get("reason")) or status

    def _reason(self) -> StopReason:
        reason = _STOPS.get(self._native or "", "stop")
        if reason == "stop" and self._refused:
            return "refusal"
        return "tool_calls" if reason == "stop" and self._calls else reason


def _format(schema: Json | None) -> Json | None:
    if schema is None:
        return None
    return {"format": {"type": "json_schema", "name": "answer", "schema": schema, "strict": True}}


def _usage(native: Json) -> Usage:
    read, written = mapping(native.get("input_tokens_details")), mapping(native.get("output_tokens_details"))
    return Usage(
        input_tokens_total=count(native.get("input_tokens")),
        output_tokens_total=count(native.get("output_tokens")),
        cache_read_tokens=count(read.get("cached_tokens")),
        cache_write_tokens=count(read.get("cache_write_tokens")),
        reasoning_tokens=count(written.get("reasoning_tokens")),
        native=native,
    )
