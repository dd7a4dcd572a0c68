"""The nouns of sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.errors import Invalid

FETCHED = ("url", "sitemap", "crawl", "git")
"""Kinds whose documents lie elsewhere."""
FILES = ("folder", "upload", "export")
"""Kinds that files fill, by whatever way they come."""
WEB = ("url", "sitemap", "crawl")
AGAIN = ("folder", *FETCHED)
"""Kinds that can be read again at any time."""
PERIODS = {"hourly": 60, "daily": 24 * 60, "weekly": 7 * 24 * 60}
SHORTEST_MINUTES = 5
LONGEST_MINUTES = 60 * 24 * 366


@dataclass(frozen=True, slots=True)
class Source:
    """Where documents come from. `settings` holds what its kind needs; times are UTC."""

    id: str
    workspace_id: str
    name: str
    kind: str = "folder"
    settings: Mapping[str, Any] = field(default_factory=dict)
    schedule: str = "manual"
    audience: str = "public"
    locale: str = ""
    owner: str | None = None
    enabled: bool = True
    publish_rule: Mapping[str, Any] = field(default_factory=dict)
    cutting: Mapping[str, Any] = field(default_factory=dict)
    last_run_at: datetime | None = None
    next_run_at: datetime | None = None
    created_at: datetime | None = None


def minutes_of(schedule: str) -> int | None:
    """How often a source is read; none for one that is read when somebody says so. Raises `Invalid`."""
    if schedule == "manual":
        return None
    minutes = PERIODS.get(schedule) or (int(schedule) if schedule.isdigit() and len(schedule) < 8 else 0)  # noqa: PLR2004  # digits of a number that is far too large
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        known = ", ".join(("manual", *PERIODS))
        raise Invalid(f"“schedule” must be one of {known}, or a number of minutes from {SHORTEST_MINUTES} on.")
    return minutes
