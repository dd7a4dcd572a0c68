"""When people are there: opening hours in a time zone, and when they are back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from app.errors import Invalid

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)|([01]\d|2[0-3]):([0-5]\d)-24:00")
_ONE_WEEK = 8  # today twice: its hours may be over


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Spans of each day of the week, Monday first, in minutes since midnight of the zone."""

    zone: str
    spans: tuple[tuple[tuple[int, int], ...], ...]

    def back_at(self, moment: datetime) -> datetime | None:
        """When people are there again, in the zone's time; none while they are there, or when they never are."""
        here = moment.astimezone(ZoneInfo(self.zone))
        minute = here.hour * 60 + here.minute
        if any(start <= minute < end for start, end in self.spans[here.weekday()]):
            return None
        for ahead in range(_ONE_WEEK):
            day = here.date() + timedelta(days=ahead)
            for start, _ in self.spans[day.weekday()]:
                if ahead or start > minute:
                    return datetime.combine(day, time(start // 60, start % 60), here.tzinfo)
        return None

    def json(self) -> dict[str, Any]:
        """{"zone": "Europe/Berlin", "monday": ["09:00-17:00"], …}; closed days are left out."""
        days = {name: [_written(span) for span in spans] for name, spans in zip(DAYS, self.spans, strict=True) if spans}
        return {"zone": self.zone, **days}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "OfficeHours":
        """From what `json` gave or an admin wrote. Raises `Invalid`, which says what is wrong."""
        zone = str(stored.get("zone") or "UTC")
        if zone not in available_timezones():
            raise Invalid(f"“{zone}” is no time zone. Write one such as Europe/Berlin or America/New_York.")
        unknown = sorted(set(stored) - {"zone", *DAYS})
        if unknown:
            raise Invalid(f"“{unknown[0]}” is no day of the week. Write monday to sunday.")
        spans = tuple(_spans(name, stored.get(name) or ()) for name in DAYS)
        if not any(spans):
            raise Invalid("Office hours need at least one open day. Leave them out if people are always there.")
        return cls(zone, spans)


def _spans(day: str, written: Sequence[str]) -> tuple[tuple[int, int], ...]:
    spans = tuple(_span(day, str(one)) for one in written)
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise Invalid(f"The hours of {day} overlap or are out of order. Write the earlier ones first.")
    return spans


def _span(day: str, written: str) -> tuple[int, int]:
    if _SPAN.fullmatch(written):
        start, end = (int(one[:2]) * 60 + int(one[3:]) for one in written.split("-"))
        if start < end:
            return start, end
    raise Invalid(f"The hours “{written}” of {day} cannot be read. Write them like 09:00-17:00.")


def _written(span: tuple[int, int]) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)
