"""What people's deeds say about an answer: right, wrong, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Literal

from app.answering.deciding.basis import Basis, Checked
from app.answering.deciding.outcomes import raw_score

Source = Literal["agent", "draft", "rating", "complaint", "reopened"]
"""The first that says something counts."""
HARDLY_EDITED = 0.8  # of the draft's characters stand in what was sent
NOT_ABOUT_TRUTH = frozenset({"tone", "policy", "other"})
USUAL = Checked(kept=True, score=0.95, reason="supported")


@dataclass(frozen=True, slots=True)
class Label:
    """One turn with what is known of it. `score` is what it looked like before calibration."""

    turn_id: str
    score: float
    right: bool
    source: Source


def score_of(basis: Basis) -> float:
    """The score of what was written or, where nothing was, of what usually would have been."""
    return raw_score(basis if basis.written else as_if_written(basis))


def as_if_written(basis: Basis) -> Basis:
    """The same turn, had a model been asked and written one supported sentence."""
    return replace(basis, written=True, sentences=(USUAL,))


def counts(basis: Basis) -> bool:
    """Whether the answer's quality decided: not where the message itself did, as with anger or small talk."""
    intent = basis.intent
    overridden = intent.topic or intent.wants_person or intent.small_talk or intent.angry or intent.failed
    return not overridden and basis.found and not basis.unaffordable


def of_draft(draft: Mapping[str, Any]) -> bool | None:
    """A draft that was sent nearly as it stood is right; rewritten or thrown away for its content, wrong."""
    if draft["state"] == "sent":
        same = SequenceMatcher(None, draft["original_text"], draft["text"], autojunk=False).ratio()
        return same >= HARDLY_EDITED
    if draft["state"] == "discarded" and draft["reason"] not in NOT_ABOUT_TRUTH:
        return False
    return None


def of_rating(rating: str | None) -> bool | None:
    """Thumbs up or down."""
    return {"up": True, "down": False}.get(rating or "")
