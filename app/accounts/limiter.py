"""How often somebody may do something: moving windows, in this process or shared over Redis."""

import math
import time
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Any, Protocol

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from app.errors import TooMany

MOST_KEYS = 100_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `times` within any `seconds`, and what somebody is told who asks for more."""

    name: str
    times: int
    seconds: int
    told: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands after one more: refused or not, how many are left, and the seconds until there are more."""

    allowance: Allowance
    refused: bool
    left: int
    seconds: float

    def refuse(self) -> None:
        """Raise `TooMany` with the seconds to wait, if this was one too many."""
        if self.refused:
            wait = max(0.1, self.seconds)
            raise TooMany(wait, f"{self.allowance.told} Please wait {_spoken(wait)}.")


class Windows(Protocol):
    """Remembers when something was done."""

    async def hit(self, allowance: Allowance, key: str) -> Standing:
        """Note one more, unless it is one too many."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class Limiter:
    """Refuses what comes too often."""

    windows: Windows

    async def count(self, allowance: Allowance, key: str) -> Standing:
        """Count one more for this key, and say where it stands now."""
        return await self.windows.hit(allowance, key)

    async def check(self, allowance: Allowance, key: str) -> None:
        """Count one more for this key. Raises `TooMany` with the seconds to wait."""
        (await self.count(allowance, key)).refuse()

    async def close(self) -> None:
        """Let go of connections."""
        await self.windows.close()


class MemoryWindows:
    """Windows of this process alone.

    `limits` has one too; with 1,000 keys it spent 52 ms of CPU on each hit, because it clears every key in a thread.
    """

    def __init__(self) -> None:
        self._hits: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    async def hit(self, allowance: Allowance, key: str) -> Standing:
        """Note one more, unless it is one too many."""
        moment, place = time.monotonic(), (allowance.name, key)
        hits = self._hits.setdefault(place, deque())
        self._hits.move_to_end(place)
        while hits and hits[0] <= moment - allowance.seconds:
            hits.popleft()
        refused = len(hits) >= allowance.times
        if not refused:
            hits.append(moment)
        while len(self._hits) > MOST_KEYS:
            self._hits.popitem(last=False)
        seconds = hits[0] + allowance.seconds - moment if hits else float(allowance.seconds)
        return Standing(allowance, refused, allowance.times - len(hits), seconds)

    async def close(self) -> None:
        """Nothing is held."""


class RedisWindows:
    """Windows that all processes share. While Redis is away each process counts alone."""

    def __init__(self, url: str) -> None:
        self._pool = ConnectionPool.from_url(url)
        shared: Any = {"connection_pool": self._pool}
        self._storage = RedisStorage(
            f"async+{url}", implementation="redispy", key_prefix="answerdesk-limit", wrap_exceptions=True, **shared
        )
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._alone = MemoryWindows()

    async def hit(self, allowance: Allowance, key: str) -> Standing:
        """Note one more, unless it is one too many."""
        item = RateLimitItemPerSecond(allowance.times, allowance.seconds, namespace=allowance.name)
        try:
            refused = not await self._limiter.hit(item, key)
            stats = await self._limiter.get_window_stats(item, key)
            return Standing(allowance, refused, stats.remaining, stats.reset_time - time.time())
        except StorageError:
            return await self._alone.hit(allowance, key)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.aclose()


def open_limiter(redis_url: str | None) -> Limiter:
    """The limiter of this topology."""
    return Limiter(RedisWindows(redis_url) if redis_url else MemoryWindows())


def _spoken(seconds: float) -> str:
    whole = math.ceil(seconds)
    if whole < 120:  # noqa: PLR2004  # up to two minutes, seconds say more
        return f"{whole} second{'s' * (whole != 1)}"
    return f"{math.ceil(whole / 60)} minutes"
