"""The way that a turn takes to its answer: whom to ask first, on whose account, and what the cache knows."""

from dataclasses import dataclass

from app.answering.caching.cache import Question
from app.answering.caching.reciting import Recalled
from app.answering.difficulty import Route
from app.answering.prompt import ANSWER
from app.conversations.types import Begun
from app.llm.money.payer import Payer, Purpose
from app.llm.types import Options


@dataclass(frozen=True, slots=True)
class Taken:
    """The way that a turn took."""

    first: Route
    hard: float
    why: str
    likely: float
    question: Question | None
    recalled: Recalled | None
    options: Options

    def record(self) -> dict[str, object]:
        """The same, for the turn's record."""
        way = {"route": self.first, "difficulty": round(self.hard, 4), "why": self.why}
        return {**way, "cache": self.recalled.record() if self.recalled else None}


def options_of(begun: Begun) -> Options:
    """How a turn's models are asked: prompts of one workspace and version begin alike."""
    return Options(cache_key=f"{begun.workspace_id}:{ANSWER}", payer=payer_of(begun))


def payer_of(begun: Begun, purpose: Purpose = "answer") -> Payer:
    """On whom this turn's calls are booked."""
    return Payer(begun.workspace_id, purpose, begun.conversation_id, begun.turn_id, begun.customer_id)
