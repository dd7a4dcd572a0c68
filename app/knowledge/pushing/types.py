"""A document as other software sends it."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

ENDINGS = {"text/markdown": ".md", "text/html": ".html", "text/plain": ".txt"}
"""The kinds of content that may be sent, and the ending of a file that holds the same."""


@dataclass(frozen=True, slots=True)
class Push:
    """What is to be known under this name. `known` has what is said besides the text, and nothing that was not said."""

    external_id: str
    media: str
    content: str
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """The same for the same content, whenever it is sent."""
        said = json.dumps([self.media, self.content, self.known], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Pushed:
    """A document as it was sent, when, and the run that takes it in."""

    push: Push
    source: str
    etag: str
    run_id: str
    pushed_at: datetime


class Condition(NamedTuple):
    """What must hold for a change: an etag that was read before, or that there is nothing yet."""

    match: str | None = None
    none_match: str | None = None


class Taken(NamedTuple):
    """What became of one push: `added`, `changed` or `unchanged`."""

    external_id: str
    outcome: str
    etag: str
    run_id: str
