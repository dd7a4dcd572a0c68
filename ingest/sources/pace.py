"""How often a site is asked: never faster than it wishes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT_S = 120.0
SHORTEST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Keeps a distance in time between two requests to one host. Times are seconds."""

    delay: float
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _delays: dict[str, float] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)

    def slow_down(self, host: str, delay: float) -> None:
        """The host wants at least this distance."""
        self._delays[host] = min(max(delay, self.delay), LONGEST_WAIT_S)

    def hold(self, host: str, seconds: float) -> None:
        """Leave the host alone for so long."""
        self._next[host] = time.monotonic() + min(seconds, LONGEST_WAIT_S)

    async def wait(self, host: str) -> None:
        """Until the host may be asked."""
        rest = self._next.get(host, 0.0) - time.monotonic()
        if rest > 0:
            await self.sleep(rest)
        self._next[host] = time.monotonic() + self._delays.get(host, self.delay)


def retry_after(said: str) -> float:
    """How long a busy site wants to be left alone (RFC 9110, 10.2.3): seconds, or a moment."""
    if said.strip().isdigit():
        seconds = float(said)
    else:
        try:
            moment = parsedate_to_datetime(said)
        except ValueError:
            return SHORTEST_WAIT_S
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, SHORTEST_WAIT_S), LONGEST_WAIT_S)
