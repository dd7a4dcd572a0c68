"""How often somebody may do something: moving windows, in this process or shared over Redis."""

import math
import time
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Any, Protocol

from limits import RateLimitItem, RateLimitItemPerSecond
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


class Windows(Protocol):
    """Remembers when something was done."""

    async def hit(self, allowance: Allowance, key: str) -> float:
        """Note one more and give 0; or note nothing and give the seconds after which it may be tried again."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class Limiter:
    """Refuses what comes too often."""

    windows: Windows

    async def check(self, allowance: Allowance, key: str) -> None:
        """Count one more for this key. Raises `TooMany` with the seconds to wait."""
        wait = await self.windows.hit(allowance, key)
        if wait > 0:
            raise TooMany(wait, f"{allowance.told} Please wait {_spoken(wait)}.")

    async def close(self) -> None:
        """Let go of connections."""
        await self.windows.close()


class MemoryWindows:
    """Windows of this process alone.

    `limits` has one too; with 1,000 keys it spent 52 ms of CPU on each hit, because it clears every key in a thread.
    """

    def __init__(self) -> None:
        self._hits: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    async def hit(self, allowance: Allowance, key: str) -> float:
        """Note one more, or say how long to wait."""
        moment, place = time.monotonic(), (allowance.name, key)
        hits = self._hits.setdefault(place, deque())
        self._hits.move_to_end(place)
        while hits and hits[0] <= moment - allowance.seconds:
            hits.popleft()
        if len(hits) >= allowance.times:
            return hits[0] + allowance.seconds - moment
        hits.append(moment)
        while len(self._hits) > MOST_KEYS:
            self._hits.popitem(last=False)
        return 0.0

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

    async def hit(self, allowance: Allowance, key: str) -> float:
        """Note one more, or say how long to wait."""
        item = RateLimitItemPerSecond(allowance.times, allowance.seconds, namespace=allowance.name)
        try:
            return await self._hit(item, key)
        except StorageError:
            return await self._alone.hit(allowance, key)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.aclose()

    async def _hit(self, item: RateLimitItem, key: str) -> float:
        if await self._limiter.hit(item, key):
            return 0.0
        stats = await self._limiter.get_window_stats(item, key)
        return max(0.1, stats.reset_time - time.time())


def open_limiter(redis_url: str | None) -> Limiter:
    """The limiter of this topology."""
    return Limiter(RedisWindows(redis_url) if redis_url else MemoryWindows())


def _spoken(seconds: float) -> str:
    whole = math.ceil(seconds)
    if whole < 120:  # noqa: PLR2004  # up to two minutes, seconds say more
        return f"{whole} second{'s' * (whole != 1)}"
    return f"{math.ceil(whole / 60)} minutes"
