"""All that a decision is made from, as plain values that can be stored and read back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import pairwise
from typing import Any

from app.answering.decision import Signals
from app.answering.grounding import Verdict
from app.answering.intent import Intent
from app.knowledge.types import Found, Hit

CLARIFY_WITHIN = 0.03  # of the blended score, between two documents


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check made of one sentence. `parts` are the questions that it answers, where a message asks several."""

    kept: bool
    score: float
    reason: str
    kind: str = "paragraph"
    parts: tuple[int, ...] = ()

    @property
    def is_claim(self) -> bool:
        """Whether the sentence says something that could be wrong."""
        return self.reason not in ("courtesy", "empty")


@dataclass(frozen=True, slots=True)
class Basis:
    """Search, message, conversation, and what was written. `failures`: answers in a row that did not help.

    `rivals` are the titles of documents that the search cannot tell apart; `conflicts` names in what cited passages
    differ; `foreign` says that the question is in a language of which the search by words found nothing; `overdue`
    holds the days by which cited documents were to be reviewed, where they have passed. `parts` is what the search says
    of each question, where a message asks several; `signals` is then the best of them. `looked` is for each question
    how probably what was written answers it, where a reader took a second look.
    """

    signals: Signals = field(default_factory=Signals)
    intent: Intent = field(default_factory=Intent)
    failures: int = 0
    asked_back: bool = False
    found: bool = False
    foreign: bool = False
    rivals: tuple[str, ...] = ()
    written: bool = False
    sentences: tuple[Checked, ...] = ()
    refused: bool = False
    unaffordable: bool = False
    conflicts: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    parts: tuple[Signals, ...] = ()
    looked: tuple[float, ...] = ()

    @property
    def missing(self) -> tuple[int, ...]:
        """The questions of the message, by their places, that nothing shown answers."""
        answered = {part for one in self.sentences if one.kept and one.is_claim for part in one.parts}
        return tuple(part for part in range(len(self.parts)) if part not in answered)

    def json(self) -> dict[str, Any]:
        """As it is stored with the turn."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Basis":
        """From what `json` gave; fields that are no longer known are passed over."""
        plain = _known(cls, stored)
        return cls(
            **plain
            | {
                "signals": Signals(**_known(Signals, stored["signals"])),
                "intent": Intent(**_known(Intent, stored["intent"])),
                "sentences": tuple(_checked(one) for one in stored["sentences"]),
                "rivals": tuple(stored["rivals"]),
                "conflicts": tuple(stored["conflicts"]),
                "overdue": tuple(stored.get("overdue", ())),
                "looked": tuple(stored.get("looked", ())),
                "parts": tuple(Signals(**_known(Signals, one)) for one in stored.get("parts", ())),
            }
        )


def checked(verdicts: Sequence[Verdict]) -> tuple[Checked, ...]:
    """The verdicts as they are stored."""
    return tuple(Checked(one.kept, one.score, one.reason, one.kind) for one in verdicts)


def rivals(found: Found) -> tuple[str, ...]:
    """The titles of the two best documents when the search cannot tell them apart."""
    best: dict[str, Hit] = {}
    for hit in found.hits:
        best.setdefault(hit.passage.title, hit)
    two = list(best.values())[:2]
    close = any(first.score - second.score <= CLARIFY_WITHIN for first, second in pairwise(two))
    return tuple(hit.passage.title for hit in two) if close else ()


def _checked(stored: Mapping[str, Any]) -> Checked:
    return Checked(**_known(Checked, stored) | {"parts": tuple(stored.get("parts", ()))})


def _known(kind: type, stored: Mapping[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in stored.items() if name in names}
