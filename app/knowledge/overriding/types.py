"""What an admin wants of one passage, where that passage is, and what became of the wish."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

APPLIED, MOVED, CONFLICT = "applied", "moved", "conflict"


class Anchor(NamedTuple):
    """A passage by what its source says there and by the headings above it; `start` only tells equal ones apart."""

    document_id: str
    heading: str
    quote: str
    start: int


@dataclass(frozen=True, slots=True)
class Wish:
    """Leave the passage out, say it in other words, help it to be found, make it the first answer to some questions."""

    disabled: bool = False
    text: str | None = None
    questions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()

    @property
    def added(self) -> str:
        """What both searches read along."""
        return "\n".join(part for part in (*self.questions, *self.pins, ", ".join(self.keywords)) if part)

    @property
    def json(self) -> dict[str, Any]:
        """As the console reads it."""
        lists = {"questions": list(self.questions), "keywords": list(self.keywords), "pins": list(self.pins)}
        return {"disabled": self.disabled, "text": self.text} | lists


@dataclass(frozen=True, slots=True)
class Override:
    """A wish about a passage."""

    id: str
    anchor: Anchor
    wish: Wish
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = field(default=None, compare=False)

    @property
    def json(self) -> dict[str, Any]:
        """As the console reads it."""
        changed = {"changed_by": self.changed_by, "changed_at": self.changed_at and self.changed_at.isoformat()}
        return {"id": self.id, "revision": self.revision} | self.anchor._asdict() | self.wish.json | changed


class Outcome(NamedTuple):
    """What became of an override in a snapshot; the span is explained at `OutcomeRow`."""

    override_id: str
    document_id: str
    version: int
    state: str
    reason: str = ""
    heading: str = ""
    start: int = 0
    end: int = 0
