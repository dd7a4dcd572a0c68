"""Finds the passage that an override is about again, in whatever became of its document."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from app.knowledge.overriding.types import Anchor
from ingest.split import Piece

SURE_LENGTH = 80
"""Characters. A longer quotation is the same passage even where other sentences were put before or behind it."""
LONGEST_COMPARED = 4000
SAME_SECTION = 0.2
"""How much more alike two passages are that stand under the same headings."""


class Span(NamedTuple):
    """A stretch of a text."""

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        """Whether they share a letter."""
        return self.start < other.end and other.start < self.end


class Place(NamedTuple):
    """Where a passage is now, under which headings, and whether those are other ones than before."""

    span: Span
    heading: str
    moved: bool


class Missing(NamedTuple):
    """Why a passage is not found, in a sentence."""

    reason: str


GONE = Missing("The source no longer says this.")
AMBIGUOUS = Missing("The source says this in several places, and none of them is under the old heading.")
TAKEN = Missing("Another override is about this passage already.")


def located(anchor: Anchor, text: str, pieces: Sequence[Piece], taken: Sequence[Span] = ()) -> Place | Missing:
    """The passage under its old headings, else the only one that says the same; never one that is taken."""
    all_places = [
        Place(span, heading_at(pieces, span.start), moved=False) for span in occurrences(text, anchor, pieces)
    ]
    free = [one for one in all_places if not any(one.span.overlaps(other) for other in taken)]
    if not free:
        return TAKEN if all_places else GONE
    at_home = [one for one in free if one.heading == anchor.heading]
    if at_home:
        return min(at_home, key=lambda one: abs(one.span.start - anchor.start))
    return free[0]._replace(moved=True) if len(free) == 1 else AMBIGUOUS


def occurrences(text: str, anchor: Anchor, pieces: Sequence[Piece]) -> list[Span]:
    """Where the text says the same: as a whole passage, as whole lines, or, when it is long, between blanks."""
    found = [Span(one.start, one.end) for one in pieces if text[one.start : one.end] == anchor.quote]
    start = text.find(anchor.quote) if anchor.quote.strip() else -1
    while start >= 0:
        span = Span(start, start + len(anchor.quote))
        alone = _stands_alone(text, span) and not any(span.overlaps(other) for other in found)
        found += [span] if alone else []
        start = text.find(anchor.quote, span.end if alone else start + 1)
    return found


def most_alike(anchor: Anchor, text: str, pieces: Sequence[Piece]) -> Piece | None:
    """The passage that most likely became of the one that is gone; none when nothing is like it."""
    rated = [(_likeness(anchor, text, piece), -piece.start, piece) for piece in pieces]
    best = max(rated, default=None)
    return best[2] if best and best[0] > SAME_SECTION else None


def heading_at(pieces: Sequence[Piece], start: int) -> str:
    """The headings above this place: those of the passage there, or of the next."""
    return next((piece.heading for piece in pieces if piece.end > start), "")


def _stands_alone(text: str, span: Span) -> bool:
    before, after = text[max(0, span.start - 1) : span.start], text[span.end : span.end + 1]
    if before in ("", "\n") and after in ("", "\n"):
        return True
    return span.end - span.start >= SURE_LENGTH and (before + after).strip() == ""


def _likeness(anchor: Anchor, text: str, piece: Piece) -> float:
    said = text[piece.start : min(piece.end, piece.start + LONGEST_COMPARED)]
    words = SequenceMatcher(None, anchor.quote[:LONGEST_COMPARED].split(), said.split(), autojunk=False).ratio()
    return words + (SAME_SECTION if piece.heading == anchor.heading else 0.0)
