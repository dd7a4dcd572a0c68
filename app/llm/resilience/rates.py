"""How much more a provider takes: what its headers say, and the pace that follows from it, as a value that changes."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

MINUTE_S = 60.0
STALE_S = 300.0
# Where the limit, what remains of it and the time until it is whole again stand. Mistral names no time.
_HEADERS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "requests": (
        ("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
        (
            "anthropic-ratelimit-requests-limit",
            "anthropic-ratelimit-requests-remaining",
            "anthropic-ratelimit-requests-reset",
        ),
        ("x-ratelimit-limit-req-minute", "x-ratelimit-remaining-req-minute", ""),
    ),
    "tokens": (
        ("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
        (
            "anthropic-ratelimit-tokens-limit",
            "anthropic-ratelimit-tokens-remaining",
            "anthropic-ratelimit-tokens-reset",
        ),
        ("x-ratelimit-limit-tokens-minute", "x-ratelimit-remaining-tokens-minute", ""),
    ),
}
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


class Rate(NamedTuple):
    """What a provider says about one of its limits, and how much comes back each second."""

    limit: float
    remaining: float
    each_s: float

    def at_most(self, a_minute: float | None) -> "Rate":
        """The same, but no more than an admin allows."""
        if a_minute is None:
            return self
        return Rate(min(self.limit, a_minute), min(self.remaining, a_minute), min(self.each_s, a_minute / MINUTE_S))


@dataclass(frozen=True, slots=True)
class Bucket:
    """Holds so much at most, gets so much back each second, and had so much left at a moment."""

    most: float
    each_s: float
    left: float
    at: float

    @classmethod
    def a_minute(cls, most: float, now: float) -> "Bucket":
        """A full bucket that fills again within a minute."""
        return cls(most, most / MINUTE_S, most, now)

    def until(self, now: float) -> "Bucket":
        """The bucket now."""
        back = max(0.0, now - self.at) * self.each_s
        return replace(self, left=min(self.most, self.left + back), at=now)

    def wait(self, amount: float, spare: float = 0.0) -> float:
        """Seconds until so much is there and a share of all to spare; nobody waits for more than it can hold."""
        missing = min(amount + spare * self.most, self.most) - self.left
        return missing / self.each_s if missing > 0 else 0.0

    def without(self, amount: float) -> "Bucket":
        """So much less is left. It may be less than nothing: what was promised too low is waited for later."""
        return replace(self, left=self.left - amount)

    def learnt(self, rate: Rate, now: float) -> "Bucket":
        """The provider has its own count and pace; what it does not know of yet is on its way to it."""
        return Bucket(rate.limit, rate.each_s, min(self.left, rate.remaining), now)


@dataclass(frozen=True, slots=True)
class Pace:
    """What a model takes: requests and tokens, each unknown at first, and nothing at all until a moment."""

    requests: Bucket | None = None
    tokens: Bucket | None = None
    shut_until: float = 0.0

    @classmethod
    def read(cls, note: bytes, begin: "Pace") -> "Pace":
        """The pace that a note tells of; `begin` when there is none."""
        if not note:
            return begin
        requests, tokens, shut_until = orjson.loads(note)
        return cls(requests and Bucket(*requests), tokens and Bucket(*tokens), shut_until)

    @property
    def note(self) -> bytes:
        """The pace as a note."""
        return orjson.dumps((_row(self.requests), _row(self.tokens), self.shut_until))

    def take(self, tokens: float, now: float, spare: float = 0.0) -> tuple["Pace", float]:
        """One request of so many tokens and no wait; or nothing, and the seconds to wait.

        Nothing is taken of the share that is to be spared for others.
        """
        requests, left = _until(self.requests, now), _until(self.tokens, now)
        asked = requests.wait(1, spare) if requests else 0.0
        waits = (self.shut_until - now, asked, left.wait(tokens, spare) if left else 0.0)
        if max(waits) > 0 and not self._stale(now):
            return self, max(waits)
        return replace(self, requests=requests and requests.without(1), tokens=left and left.without(tokens)), 0.0

    def _stale(self, now: float) -> bool:
        """Whether nothing was asked and so nothing learnt for so long that one call may see how things are."""
        latest = max(bucket.at if bucket else 0.0 for bucket in (self.requests, self.tokens))
        return now - max(latest, self.shut_until) > STALE_S

    def used(self, tokens: float) -> "Pace":
        """So many tokens more, or fewer, than was taken for the call."""
        return replace(self, tokens=self.tokens and self.tokens.without(tokens))

    def learnt(self, rates: Mapping[str, Rate], now: float) -> "Pace":
        """The provider has said what it takes."""
        return replace(
            self,
            requests=_learnt(self.requests, rates.get("requests"), now),
            tokens=_learnt(self.tokens, rates.get("tokens"), now),
        )


def rates(headers: Mapping[str, str], now: float | None = None) -> dict[str, Rate]:
    """What the headers of an answer say about requests and tokens; mostly nothing."""
    found = {name: _rate(headers, places, now) for name, places in _HEADERS.items()}
    return {name: rate for name, rate in found.items() if rate}


def _rate(headers: Mapping[str, str], places: tuple[tuple[str, str, str], ...], now: float | None) -> Rate | None:
    for limit, remaining, reset in places:
        if limit in headers and remaining in headers:
            most, left = _number(headers[limit]), _number(headers[remaining])
            if most and left is not None:
                return Rate(most, min(left, most), _each_s(most, left, _seconds(headers.get(reset, ""), now)))
    return None


def _each_s(limit: float, remaining: float, reset_s: float | None) -> float:
    """What was used comes back within the reset, be the limit one of a minute or of a day."""
    used = limit - remaining
    return used / reset_s if used > 0 and reset_s else limit / MINUTE_S


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\s*\d{1,12}(?:\.\d{1,6})?\s*", text) else None


def _seconds(text: str, now: float | None) -> float | None:
    """A length of time, "6ms", "16.088s", "1m2s", "30", or a moment as Anthropic writes it."""
    if (plain := _number(text)) is not None:
        return plain if plain < 10**7 else None  # larger ones are moments, in seconds or milliseconds of some clock
    pieces = re.findall(r"(\d{1,9}(?:\.\d{1,9})?)(ms|[dhms])", text)
    if pieces and "".join(number + unit for number, unit in pieces) == text.strip():
        return sum(float(number) * _UNITS[unit] for number, unit in pieces)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    since = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, since.timestamp() - (time.time() if now is None else now))


def _row(bucket: Bucket | None) -> tuple[float, ...] | None:
    return (bucket.most, bucket.each_s, bucket.left, bucket.at) if bucket else None


def _until(bucket: Bucket | None, now: float) -> Bucket | None:
    return bucket and bucket.until(now)


def _learnt(bucket: Bucket | None, rate: Rate | None, now: float) -> Bucket | None:
    if rate is None:
        return bucket
    known = bucket.until(now) if bucket else Bucket.a_minute(rate.limit, now)
    return known.learnt(rate, now)
