"""All that one call of a model brought, told as plain values."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from app.llm.errors import ModelError
from app.llm.types import Part, Reasoning, Refusal, Stop, Text, ToolCall, Usage

_USAGE = ("input_tokens_total", "output_tokens_total", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
_ERROR = ("kind", "message", "status", "native_code", "retryable", "retry_after_s", "at")


@dataclass(slots=True)
class Outcome:
    """Gathers the parts of one answer; a call that fails half-way keeps what it had."""

    name: str
    usage: Usage | None = None
    stop: Stop | None = None
    error: ModelError | None = None
    tool_calls: list[ToolCall] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)
    _refusals: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The visible answer so far."""
        return "".join(self._texts)

    def take(self, parts: Iterable[Part]) -> None:
        """Add parts, in the order in which they came."""
        for part in parts:
            self.add(part)

    def add(self, part: Part) -> None:
        """Add the next part."""
        match part:
            case Text(text):
                self._texts.append(text)
            case Reasoning(text):
                self._reasoning.append(text)
            case Refusal(text):
                self._refusals.append(text)
            case ToolCall():
                self.tool_calls.append(part)
            case Usage():
                self.usage = part
            case Stop():
                self.stop = part

    def fail(self, error: ModelError) -> None:
        """The call ended with this error."""
        self.error = error

    def told(self) -> dict[str, Any]:
        """As the command line tells it: names and values are those of the contract's recorded cases."""
        return {
            "text": self.text,
            "reasoning": "".join(self._reasoning),
            "refusal": "".join(self._refusals),
            "tool_calls": [asdict(call) for call in self.tool_calls],
            "stop": self._stop(),
            "usage": {name: getattr(self.usage, name) for name in _USAGE} if self.usage else None,
            "error": {name: getattr(self.error, name) for name in _ERROR} if self.error else None,
        }

    def _stop(self) -> str | None:
        if self.stop:
            return self.stop.reason
        return "error" if self.error and self.error.at == "mid-stream" else None
