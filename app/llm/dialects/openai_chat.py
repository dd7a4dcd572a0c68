"""OpenAI Chat Completions, and the servers that speak it more or less: one wire format with a few differences."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from app.llm.types import Options, Part, Prompt, Reasoning, Refusal, Stop, StopReason, Text, ToolCall, Usage
from app.llm.wire import failures
from app.llm.wire.dialect import JSON_HEADERS, Endpoint, Request, bearer
from app.llm.wire.shapes import Json, count, first, mapping, mappings, string

_STOPS: dict[str, StopReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "error": "error",
}


@dataclass(frozen=True, slots=True)
class OpenAIChat:
    """https://platform.openai.com/docs/api-reference/chat. The fields are what servers differ in when asked."""

    limit_name: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    seed_name: Literal["seed", "random_seed"] = "seed"
    stream_options: Json | None = field(default_factory=lambda: {"include_usage": True, "include_obfuscation": False})

    knows_cache_key: bool = True

    def request(self, endpoint: Endpoint, prompt: Prompt, options: Options, *, stream: bool) -> Request:
        """What to send."""
        asked: Json = {
            "model": endpoint.id,
            "messages": _messages(prompt),
            self.limit_name: options.max_output_tokens or endpoint.max_output_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "stop": list(options.stop_sequences) or None,
            self.seed_name: options.seed,
            "reasoning_effort": options.effort,
            "response_format": _format(options.json_schema),
            "stream": stream,
            "stream_options": self.stream_options if stream else None,
            "prompt_cache_key": options.cache_key if self.knows_cache_key else None,
        }
        body = orjson.dumps({name: value for name, value in asked.items() if value is not None})
        return Request(f"{endpoint.base_url}/chat/completions", JSON_HEADERS | bearer(endpoint.api_key), body)

    def decoder(self) -> "ChatDecoder":
        """A fresh decoder for one answer."""
        return ChatDecoder()


@dataclass(slots=True)
class ChatDecoder:
    """Reads chunks and whole completions alike, of whichever server."""

    finished: bool = False
    _native: str | None = None
    _model: str | None = None
    _usage: Json = field(default_factory=dict)
    _calls: list[Json] = field(default_factory=list)
    _spoken: bool = False
    _refused: bool = False

    def event(self, name: str, value: Any) -> Iterator[Part]:  # noqa: ANN401, ARG002  # any JSON; chunks have no names
        """The parts of one chunk."""
        chunk = mapping(value)
        self._model = self._model or string(chunk.get("model")) or None
        self._usage = mapping(chunk.get("usage")) or mapping(mapping(chunk.get("x_groq")).get("usage")) or self._usage
        choice = first(chunk.get("choices"))
        if native := string(choice.get("finish_reason")):
            self._native, self.finished = native, True
        yield from self._message(self._said(choice))

    def whole(self, value: Any) -> Iterator[Part]:  # noqa: ANN401  # any JSON
        """The parts of a completion. Raises `malformed` when it holds no choice: this is not a chat endpoint."""
        if not mappings(mapping(value).get("choices")):
            raise failures.not_an_answer("choices")
        yield from self.event("", value)

    def end(self) -> Iterator[Part]:
        """The tool calls put together, the usage if it came, and the stop."""
        for call in self._calls:
            yield ToolCall(call["id"] or None, call["name"], call["arguments"])
        if self._usage:
            yield _usage(self._usage)
        yield Stop(self._reason(), self._native, self._model)

    def _said(self, choice: Json) -> Json:
        """Perplexity repeats all that was said in `message` beside each `delta`; others send it in whole answers."""
        if self._spoken or choice.get("delta"):
            return mapping(choice.get("delta"))
        return mapping(choice.get("message"))

    def _message(self, message: Json) -> Iterator[Part]:
        if reasoning := string(message.get("reasoning")) or string(message.get("reasoning_content")):
            yield Reasoning(reasoning)
        if content := message.get("content"):
            yield from self._content(content)
        if refusal := string(message.get("refusal")):
            self._refused = True
            yield Refusal(refusal)
        for fragment in mappings(message.get("tool_calls")):
            self._collect(fragment)

    def _content(self, content: object) -> Iterator[Part]:
        self._spoken = True
        if isinstance(content, str):
            yield Text(content)
        for piece in mappings(content):
            if text := string(piece.get("text")):
                yield Text(text)
            for thought in mappings(piece.get("thinking")):
                yield Reasoning(string(thought.get("text")))

    def _collect(self, fragment: Json) -> None:
        function = mapping(fragment.get("function"))
        call = self._call(fragment)
        call["name"] = call["name"] or string(function.get("name"))
        call["arguments"] += _arguments(function.get("arguments"))

    def _call(self, fragment: Json) -> Json:
        """The call that a fragment belongs to: by its index, else by its id, else the one before; else a new one.

        Some servers give every call the index 0 and tell them apart by id; Mistral writes "null" for an id told before.
        """
        told = string(fragment.get("id"))
        identity, index = "" if told == "null" else told, fragment.get("index")
        for call in reversed(self._calls):
            if identity and identity == call["id"]:
                return call
            if not identity and index in (None, call["index"]):
                return call
        self._calls.append({"id": identity, "index": index, "name": "", "arguments": ""})
        return self._calls[-1]

    def _reason(self) -> StopReason:
        reason = _STOPS.get(self._native or "", "stop")
        if reason == "stop" and self._refused:
            return "refusal"
        return "tool_calls" if reason == "stop" and self._calls else reason


def _messages(prompt: Prompt) -> list[Json]:
    system = [{"role": "system", "content": prompt.system}] if prompt.system else []
    return [*system, *({"role": turn.role, "content": turn.text} for turn in prompt.turns)]


def _format(schema: Json | None) -> Json | None:
    if schema is None:
        return None
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


def _arguments(value: object) -> str:
    """JSON text, also where a server sends the object itself."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else string(value)


def _usage(native: Json) -> Usage:
    asked, answered = count(native.get("prompt_tokens")), count(native.get("completion_tokens"))
    read = mapping(native.get("prompt_tokens_details"))
    written = mapping(native.get("completion_tokens_details"))
    reasoning = count(written.get("reasoning_tokens")) or count(native.get("reasoning_tokens"))
    if reasoning and count(native.get("total_tokens")) == asked + answered + reasoning:
        answered += reasoning  # xAI leaves its reasoning out of what was completed
    return Usage(
        input_tokens_total=asked,
        output_tokens_total=answered,
        cache_read_tokens=count(read.get("cached_tokens"))
        or count(native.get("prompt_cache_hit_tokens"))
        or count(native.get("num_cached_tokens")),
        cache_write_tokens=count(read.get("cache_write_tokens")),
        reasoning_tokens=reasoning,
        native=native,
    )
