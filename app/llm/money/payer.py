"""For whom a model is asked: whom the call is booked on, and what a turn has taken so far."""

from dataclasses import dataclass, field
from typing import Literal, get_args

Purpose = Literal["answer", "draft", "rewrite", "summary", "judge", "test", "probe"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


@dataclass(slots=True)
class Used:
    """What the calls of one turn came to. Grows with each of them."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_micro_usd: int = 0

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom a call is booked on. Calls of one turn share `used`."""

    workspace_id: str = "default"
    purpose: Purpose = "answer"
    conversation_id: str | None = None
    turn_id: str | None = None
    customer_id: str | None = None
    used: Used = field(default_factory=Used, compare=False)


@dataclass(slots=True)
class Tally:
    """How often a provider was really asked for one call."""

    attempts: int = 0
