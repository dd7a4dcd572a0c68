"""When a document wants to be looked at again, as its front matter says."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

REVIEW_FIELDS = ("review_on", "review", "review_by", "review_date")


def review_of(front_matter: Mapping[str, Any]) -> date | None:
    """The review date; none when it is not said clearly."""
    for name in REVIEW_FIELDS:
        given = front_matter.get(name)
        if isinstance(given, datetime):
            return given.date()
        if isinstance(given, date):
            return given
        if isinstance(given, str):
            try:
                return date.fromisoformat(given.strip()[:10])
            except ValueError:
                continue
    return None
