"""An article as it is written in the console."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Writing:
    """All that an editor may change. An empty slug is made from the title."""

    title: str
    slug: str = ""
    category: str = "General"
    locale: str = "en"
    audience: str = "public"
    owner: str = ""
    review_on: date | None = None
    text: str = ""

    @property
    def said(self) -> dict[str, Any]:
        """As a revision keeps it."""
        return asdict(self) | {"review_on": self.review_on.isoformat() if self.review_on else None}


@dataclass(frozen=True, slots=True)
class WrittenArticle:
    """An article, how often it was saved, and how it stands to what is published.

    `state` is draft, published, or changed when there is more in the editor than in the help centre.
    """

    id: str
    writing: Writing
    revision: int
    state: str
    run_id: str | None
    changed_by: str
    created_at: datetime
    changed_at: datetime
    sitting: int
    """The number of the state in its history that saves go into."""

    @property
    def json(self) -> dict[str, Any]:
        """As the console reads it."""
        about = {"id": self.id, "revision": self.revision, "state": self.state, "run_id": self.run_id}
        when = {"created_at": self.created_at.isoformat(), "changed_at": self.changed_at.isoformat()}
        return self.writing.said | about | when | {"changed_by": self.changed_by, "sitting": self.sitting}
