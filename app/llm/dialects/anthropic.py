"""Anthropic Messages."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.llm.types import Options, Part, Prompt, Reasoning, Stop, StopReason, Text, ToolCall, Usage
from app.llm.wire import failures
from app.llm.wire.dialect import JSON_HEADERS, Endpoint, Request
from app.llm.wire.shapes import Json, count, mapping, mappings, string

_STOPS: dict[str, StopReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_calls",
    "pause_turn": "pause",
    "refusal": "refusal",
}


@dataclass(frozen=True, slots=True)
class Anthropic:
    """https://docs.anthropic.com/en/api/messages."""

    version: str = "2023-06-01"

    def request(self, endpoint: Endpoint, prompt: Prompt, options: Options, *, stream: bool) -> Request:
        """What to send. `seed` has no counterpart here."""
        asked: Json = {
            "model": endpoint.id,
            "max_tokens": options.max_output_tokens or endpoint.max_output_tokens,
            "system": _system(prompt, options),
            "messages": [{"role": turn.role, "content": turn.text} for turn in prompt.turns],
            "temperature": options.temperature,
            "top_p": options.top_p,
            "stop_sequences": list(options.stop_sequences) or None,
            "output_config": _output(options),
            "stream": stream,
        }
        body = orjson.dumps({name: value for name, value in asked.items() if value is not None})
        headers = {"x-api-key": endpoint.api_key or "", "anthropic-version": self.version}
        return Request(f"{endpoint.base_url}/v1/messages", JSON_HEADERS | headers, body)

    def decoder(self) -> "MessageDecoder":
        """A fresh decoder for one answer."""
        return MessageDecoder()


def _system(prompt: Prompt, options: Options) -> str | list[Json] | None:
    """The beginning, which may be kept by the provider when others begin alike."""
    if not prompt.system or not options.cache_key:
        return prompt.system or None
    return [{"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral"}}]


@dataclass(slots=True)
class MessageDecoder:
    """Reads events and whole messages. Unknown events, blocks and deltas are passed over, as the documentation asks."""

    finished: bool = False
    _native: str | None = None
    _model: str | None = None
    _usage: Json = field(default_factory=dict)
    _calls: dict[object, Json] = field(default_factory=dict)

    def event(self, name: str, value: Any) -> Iterator[Part]:  # noqa: ANN401  # any JSON
        """The parts of one event."""
        event = mapping(value)
        match string(event.get("type")) or name:
            case "message_start":
                self._note(mapping(event.get("message")))
            case "content_block_start":
                yield from self._block(event.get("index"), mapping(event.get("content_block")))
            case "content_block_delta":
                yield from self._delta(event.get("index"), mapping(event.get("delta")))
            case "message_delta":
                self._note(mapping(event.get("delta")) | {"usage": event.get("usage")})

    def whole(self, value: Any) -> Iterator[Part]:  # noqa: ANN401  # any JSON
        """The parts of a message. Raises `malformed` when it is none."""
        message = mapping(value)
        if not isinstance(message.get("content"), list):
            raise failures.not_an_answer("content")
        self._note(message)
        for index, block in enumerate(mappings(message.get("content"))):
            yield from self._block(index, block)
            if index in self._calls:
                self._calls[index]["arguments"] = json.dumps(block.get("input"), ensure_ascii=False)

    def end(self) -> Iterator[Part]:
        """The tool calls put together, the usage if it came, and the stop."""
        for call in self._calls.values():
            yield ToolCall(call["id"], call["name"], call["arguments"])
        if self._usage:
            yield _usage(self._usage)
        reason = _STOPS.get(self._native or "", "stop")
        yield Stop("tool_calls" if reason == "stop" and self._calls else reason, self._native, self._model)

    def _note(self, message: Json) -> None:
        """Keep model, stop and usage; a later usage is cumulative and overrides the earlier one field by field."""
        self._model = string(message.get("model")) or self._model
        told = mapping(message.get("usage")).items()
        self._usage = self._usage | {name: value for name, value in told if value is not None}
        if native := string(message.get("stop_reason")):
            self._native, self.finished = native, True

    def _block(self, index: object, block: Json) -> Iterator[Part]:
        match block.get("type"):
            case "text" if text := string(block.get("text")):
                yield Text(text)
            case "thinking" if thought := string(block.get("thinking")):
                yield Reasoning(thought)
            case "tool_use":
                call = {"id": string(block.get("id")), "name": string(block.get("name")), "arguments": ""}
                self._calls[_key(index)] = call

    def _delta(self, index: object, delta: Json) -> Iterator[Part]:
        match delta.get("type"):
            case "text_delta" if text := string(delta.get("text")):
                yield Text(text)
            case "thinking_delta" if thought := string(delta.get("thinking")):
                yield Reasoning(thought)
            case "input_json_delta" if _key(index) in self._calls:
                self._calls[_key(index)]["arguments"] += string(delta.get("partial_json"))


def _key(index: object) -> object:
    return index if isinstance(index, int) else None


def _output(options: Options) -> Json | None:
    schema = options.json_schema
    asked = {"effort": options.effort, "format": schema and {"type": "json_schema", "schema": schema}}
    return {name: value for name, value in asked.items() if value} or None


def _usage(native: Json) -> Usage:
    read, written = count(native.get("cache_read_input_tokens")), count(native.get("cache_creation_input_tokens"))
    return Usage(
        input_tokens_total=count(native.get("input_tokens")) + read + written,  # theirs leaves out what the cache held
        output_tokens_total=count(native.get("output_tokens")),
        cache_read_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=count(mapping(native.get("output_tokens_details")).get("thinking_tokens")),
        native=native,
    )
