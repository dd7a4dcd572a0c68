"""The one internal shape of asking a model: a prompt goes in, typed parts come out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from app.llm.money.payer import Payer, Tally

StopReason = Literal["stop", "length", "stop_sequence", "tool_calls", "content_filter", "refusal", "pause", "error"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier utterance, as a model sees it."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage as it stands in a prompt: the number that citations use, and its text."""

    number: int
    title: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One of several questions of a prompt: the excerpts that were found for it, best first, by their numbers.

    `lead` may stand before its answer when another answer stands before that.
    """

    question: str
    numbers: tuple[int, ...]
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked. `system` and `turns` are what a provider gets; the last turn is the user's.

    `question`, `excerpts` and, where it asks several things, `asks` say the same in parts, for models that compose
    answers without a provider.
    """

    system: str
    turns: tuple[Turn, ...]
    question: str = ""
    excerpts: tuple[Excerpt, ...] = ()
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """How it is asked. None leaves the provider's default; `timeout` is seconds for all of it.

    Prompts with one `cache_key` begin alike: a provider that can reads their beginning once and charges less after.

    `payer` is whom the call is booked on and `tally` counts what was really sent. What `waits` leaves the model's room
    to those who do not. None of them changes what is answered.
    """

    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop_sequences: tuple[str, ...] = ()
    seed: int | None = None
    json_schema: dict[str, Any] | None = None
    effort: str | None = None
    timeout: float | None = None
    cache_key: str | None = None
    payer: Payer | None = field(default=None, compare=False)
    tally: Tally | None = field(default=None, compare=False)
    waits: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the visible answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of the model's reasoning. Never shown to a customer."""

    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A piece of the provider's own refusal."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asks for, whole. Gemini gives its calls no id."""

    id: str | None
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. The totals include cached, cache-written and reasoning tokens, which are parts of them."""

    input_tokens_total: int
    output_tokens_total: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    native: dict[str, Any] = field(default_factory=dict)
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the model stopped; the last part of a whole answer.

    `unanswered` are the questions of the prompt, by their places, that found no answer, where the model says so.
    """

    reason: StopReason
    native: str | None = None
    model: str | None = None
    unanswered: tuple[int, ...] | None = None


Part = Text | Reasoning | Refusal | ToolCall | Usage | Stop


class Model(Protocol):
    """Somebody who writes. A model made of models is a model."""

    @property
    def name(self) -> str:
        """Our name for it, as routes use it."""
        ...

    def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the parts as they come; a whole answer ends with `Stop`. Raises `ModelError` and nothing else."""
        ...
