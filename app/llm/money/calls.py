"""One call of a model, as it is measured while it runs and as it is written down."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.database import new_id
from app.llm.errors import Kind, ModelError
from app.llm.money.payer import Payer, Tally
from app.llm.money.prices import CHARACTERS_PER_TOKEN, Cost, estimated
from app.llm.types import Options, Part, Prompt, Reasoning, Refusal, Stop, Text, ToolCall, Usage

CHARGED_ALL_THE_SAME: frozenset[Kind] = frozenset({"timeout", "cut_off"})
"""Errors after which the provider may have worked, and charges for it, although nothing arrived."""
HUNG_UP = "hung_up"
"""Our side stopped listening: the turn was stopped, or the answer was whole enough."""


@dataclass(frozen=True, slots=True)
class Called:
    """A call that is over. Money is millionths of a US dollar; `price_version` is None when nobody knows the price."""

    id: str
    workspace_id: str
    purpose: str
    model: str
    dialect: str
    started_at: datetime
    conversation_id: str | None = None
    turn_id: str | None = None
    customer_id: str | None = None
    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cost_micro_usd: int = 0
    price_version: str | None = None
    estimated: bool = False
    first_text_ms: int | None = None
    total_ms: int = 0
    attempts: int = 0
    stop: str | None = None
    error: str | None = None

    @classmethod
    def begun(cls, payer: Payer, model: str, dialect: str, moment: datetime) -> "Called":
        """A call that is about to be made."""
        who = {name: getattr(payer, name) for name in ("conversation_id", "turn_id", "customer_id")}
        return cls(new_id(), payer.workspace_id, payer.purpose, model, dialect, moment, **who)

    def row(self) -> dict[str, Any]:
        """Its row in the table."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Meter:
    """Watches one call. `elapsed` gives the seconds since it began."""

    elapsed: Callable[[], float]
    tally: Tally = field(default_factory=Tally)
    first_text: float | None = None
    usage: Usage | None = None
    stop: Stop | None = None
    error: ModelError | None = None
    heard: bool = False
    _written: list[str] = field(default_factory=list)

    def see(self, part: Part) -> None:
        """Note the next part."""
        self.heard = True
        match part:
            case Text(text):
                self.first_text = self.elapsed() if self.first_text is None else self.first_text
                self._written.append(text)
            case Reasoning(text) | Refusal(text):
                self._written.append(text)
            case ToolCall():
                self._written.append(part.arguments)
            case Usage():
                self.usage = part
            case Stop():
                self.stop = part

    def used(self, prompt: Prompt) -> Usage | None:
        """What the call took: the provider's figures when it came to its end, else estimated from the text so far."""
        if self.usage and self.stop:
            return self.usage
        if self.error and not self.heard and self.error.kind not in CHARGED_ALL_THE_SAME:
            return None
        guess = estimated(prompt, "".join(self._written))
        told = self.usage or Usage(0, 0)
        return Usage(
            max(guess.input_tokens_total, told.input_tokens_total),
            max(guess.output_tokens_total, told.output_tokens_total),
            told.cache_read_tokens,
            told.cache_write_tokens,
            told.reasoning_tokens,
            estimated=True,
        )

    @property
    def attempts(self) -> int:
        """How often the provider was asked. Whoever counts nothing asked once, unless nobody was there to ask."""
        absent = self.error is not None and self.error.kind == "unavailable" and not self.heard
        return self.tally.attempts or (0 if absent else 1)

    @property
    def ending(self) -> str | None:
        """What kept the call from its end."""
        if self.error:
            return self.error.kind
        return None if self.stop else HUNG_UP

    def facts(self, usage: Usage | None, cost: Cost | None) -> dict[str, Any]:
        """What it came to, as the fields of `Called` that were not known before."""
        spent = usage or Usage(0, 0)
        return {
            "input_tokens": spent.input_tokens_total,
            "cache_read_tokens": spent.cache_read_tokens,
            "cache_write_tokens": spent.cache_write_tokens,
            "output_tokens": spent.output_tokens_total,
            "reasoning_tokens": spent.reasoning_tokens,
            "cost_micro_usd": cost.micro_usd if cost else 0,
            "price_version": cost.source if cost else None,
            "estimated": spent.estimated,
            "first_text_ms": None if self.first_text is None else round(self.first_text * 1000),
            "total_ms": round(self.elapsed() * 1000),
            "attempts": self.attempts,
            "stop": self.stop.reason if self.stop else None,
            "error": self.ending,
        }


def most_input_tokens(prompt: Prompt, options: Options) -> int:
    """More tokens than a prompt can have: no tokenizer makes two of one byte, and each message adds a few."""
    texts = [prompt.system, *(turn.text for turn in prompt.turns), str(options.json_schema or "")]
    return sum(len(text.encode("utf-8", "replace")) for text in texts) + 16 * len(texts)


def likely_input_tokens(prompt: Prompt) -> int:
    """How many tokens a prompt probably has."""
    return sum(len(text) for text in (prompt.system, *(turn.text for turn in prompt.turns))) // CHARACTERS_PER_TOKEN
