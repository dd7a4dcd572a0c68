"""AWS Bedrock, Converse and ConverseStream."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson

from app.llm.types import Options, Part, Prompt, Reasoning, Stop, StopReason, Text, ToolCall, Usage
from app.llm.wire import failures
from app.llm.wire.dialect import JSON_HEADERS, Endpoint, Request, bearer
from app.llm.wire.shapes import Json, count, mapping, mappings, string

_STOPS: dict[str, StopReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_calls",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": "error",
    "malformed_tool_use": "error",
}


CACHING = ("anthropic.claude", "amazon.nova")
"""Families of models that know cachePoint: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html."""


@dataclass(frozen=True, slots=True)
class Bedrock:
    """https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html."""

    def request(self, endpoint: Endpoint, prompt: Prompt, options: Options, *, stream: bool) -> Request:
        """What to send, with a Bedrock key if there is one; `signing.Signed` signs it instead. It knows no seed."""
        asked: Json = {
            "messages": [{"role": turn.role, "content": [{"text": turn.text}]} for turn in prompt.turns],
            "system": _system(endpoint, prompt, options),
            "inferenceConfig": _settings(endpoint, options),
            "outputConfig": _output(options),
        }
        verb = "converse-stream" if stream else "converse"
        body = orjson.dumps({name: value for name, value in asked.items() if value is not None})
        # A colon stays: the HTTP client would write "%3A" as ":" and so send another path than the one that was signed.
        url = f"{endpoint.base_url}/model/{quote(endpoint.id, safe=':')}/{verb}"
        return Request(url, JSON_HEADERS | bearer(endpoint.api_key), body)

    def decoder(self) -> "ConverseDecoder":
        """A fresh decoder for one answer."""
        return ConverseDecoder()


def _system(endpoint: Endpoint, prompt: Prompt, options: Options) -> list[Json] | None:
    """The beginning, up to a point from which a model that can may take it as read. Others refuse the point."""
    if not prompt.system:
        return None
    can = options.cache_key and any(family in endpoint.id for family in CACHING)
    return [{"text": prompt.system}, *([{"cachePoint": {"type": "default"}}] if can else [])]


@dataclass(slots=True)
class ConverseDecoder:
    """Reads events and whole answers. Unknown events and blocks are passed over."""

    finished: bool = False
    _native: str | None = None
    _usage: Json = field(default_factory=dict)
    _calls: dict[object, Json] = field(default_factory=dict)

    def event(self, name: str, value: Any) -> Iterator[Part]:  # noqa: ANN401  # any JSON
        """The parts of one event. The usage comes after the stop."""
        event = mapping(value)
        match name:
            case "contentBlockStart":
                self._start(event.get("contentBlockIndex"), mapping(mapping(event.get("start")).get("toolUse")))
            case "contentBlockDelta":
                yield from self._delta(event.get("contentBlockIndex"), mapping(event.get("delta")))
            case "messageStop" | "metadata":
                self._note(event)

    def whole(self, value: Any) -> Iterator[Part]:  # noqa: ANN401  # any JSON
        """The parts of an answer. Raises `malformed` when it is none."""
        answer = mapping(value)
        message = mapping(mapping(answer.get("output")).get("message"))
        if not isinstance(message.get("content"), list):
            raise failures.not_an_answer("output")
        self._note(answer)
        for index, block in enumerate(mappings(message["content"])):
            yield from self._block(index, block)

    def end(self) -> Iterator[Part]:
        """The tool calls put together, the usage if it came, and the stop. The answer does not name its model."""
        for call in self._calls.values():
            yield ToolCall(call["id"], call["name"], call["arguments"])
        if self._usage:
            yield _usage(self._usage)
        reason = _STOPS.get(self._native or "", "stop")
        yield Stop("tool_calls" if reason == "stop" and self._calls else reason, self._native)

    def _note(self, told: Json) -> None:
        self._usage = mapping(told.get("usage")) or self._usage
        if native := string(told.get("stopReason")):
            self._native, self.finished = native, True

    def _start(self, index: object, call: Json) -> None:
        """A call of a client's tool; Bedrock runs its own tools itself."""
        if call and call.get("type") != "server_tool_use":
            self._calls[_key(index)] = {
                "id": string(call.get("toolUseId")),
                "name": string(call.get("name")),
                "arguments": "",
            }

    def _delta(self, index: object, delta: Json) -> Iterator[Part]:
        if text := string(delta.get("text")):
            yield Text(text)
        elif thought := string(mapping(delta.get("reasoningContent")).get("text")):
            yield Reasoning(thought)
        elif _key(index) in self._calls:
            self._calls[_key(index)]["arguments"] += string(mapping(delta.get("toolUse")).get("input"))

    def _block(self, index: int, block: Json) -> Iterator[Part]:
        thought = mapping(mapping(block.get("reasoningContent")).get("reasoningText"))
        for piece in mappings(mapping(block.get("citationsContent")).get("content")):
            yield Text(string(piece.get("text")))
        if text := string(block.get("text")):
            yield Text(text)
        elif text := string(thought.get("text")):
            yield Reasoning(text)
        elif call := mapping(block.get("toolUse")):
            self._start(index, call)
            if index in self._calls:
                self._calls[index]["arguments"] = json.dumps(call.get("input"), ensure_ascii=False)


def _key(index: object) -> object:
    return index if isinstance(index, int) else None


def _settings(endpoint: Endpoint, options: Options) -> Json:
    asked: Json = {
        "maxTokens": options.max_output_tokens or endpoint.max_output_tokens,
        "temperature": options.temperature,
        "topP": options.top_p,
        "stopSequences": list(options.stop_sequences) or None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _output(options: Options) -> Json | None:
    schema = options.json_schema
    structure = schema and {"jsonSchema": {"name": "answer", "schema": json.dumps(schema, ensure_ascii=False)}}
    form = structure and {"type": "json_schema", "structure": structure}
    return {name: value for name, value in (("textFormat", form), ("effort", options.effort)) if value} or None


def _usage(native: Json) -> Usage:
    read, written = count(native.get("cacheReadInputTokens")), count(native.get("cacheWriteInputTokens"))
    return Usage(
        input_tokens_total=count(native.get("inputTokens")) + read + written,  # theirs leaves out what the cache held
        output_tokens_total=count(native.get("outputTokens")),
        cache_read_tokens=read,
        cache_write_tokens=written,
        native=native,
    )
