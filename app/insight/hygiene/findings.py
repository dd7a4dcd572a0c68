"""What a scan finds: the places in documents, and what about them wants a person's eyes."""

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from app.knowledge.types import Passage

Kind = Literal[
    "contradiction", "duplicate", "broken-link", "dead-link", "overdue", "never-retrieved", "untranslated", "unhelpful",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: `text` is the version's text at [start, end), in code points."""

    document_id: str
    version: int
    title: str
    heading: str
    start: int
    end: int
    text: str
    audience: str = "public"

    @classmethod
    def of(cls, passage: Passage, start: int = 0, end: int | None = None) -> "Place":
        """A stretch of a passage, counted from its beginning; all of it without one."""
        until = len(passage.text) if end is None else end
        return cls(
            document_id=passage.document_id,
            version=passage.version,
            title=passage.title,
            heading=passage.heading,
            start=passage.start + start,
            end=passage.start + until,
            text=passage.text[start:until],
            audience=passage.audience,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend. `subject` names it through all versions; what it `says` decides whether it is still the same.

    A task that was dismissed stays so until what the finding says changes.
    """

    kind: Kind
    subject: tuple[str, ...]
    title: str
    says: tuple[str, ...]
    places: tuple[Place, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    owner: str = ""
    """The email address of whoever looks after the document, where its front matter names one."""

    @property
    def identity(self) -> str:
        """The same for the same subject in every scan."""
        return _digest(self.kind, *self.subject)

    @property
    def fingerprint(self) -> str:
        """The same as long as it says the same."""
        return _digest(*self.says)

    @property
    def detail(self) -> dict[str, Any]:
        """What a page shows of it."""
        return {"places": [asdict(place) for place in self.places], **self.facts}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
