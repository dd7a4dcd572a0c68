"""One call for all processes that ask the same: whoever holds the lease asks the model, the others hear what it says.

The lease is renewed while the call runs. When its holder is killed it lapses, and nobody waits longer than that.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, get_args

import orjson
import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.database import new_id
from app.llm.resilience.boards import AWAY_S, PATIENCE_S
from app.llm.types import Part

PREFIX = "answerdesk-call:"
LEASE_S = 3.0
BEAT_S = 0.5
"""How often a leader renews its lease and says what is new."""
LOOK_S = 0.1
"""How often followers look."""
KEPT_S = 30.0
WHOLE, BROKEN = b"whole", b"broken"
_PARTS: dict[str, Any] = {one.__name__: one for one in get_args(Part)}
log = structlog.get_logger()


class Broken(Exception):
    """The leader had no whole answer."""


class Vanished(Exception):
    """The leader is gone, and nobody knows what became of its call."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is told of: its lease, who holds that, and what was said."""

    lease: str
    holder: str

    @property
    def said(self) -> str:
        """The key of what was said."""
        return f"{self.lease}:{self.holder}"


@dataclass(slots=True)
class Leading:
    """A call that this process makes for all."""

    relay: "Relay"
    place: Place
    _unsaid: list[bytes] = field(default_factory=list)
    _spoke: bool = False
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _beating: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Renew the lease for as long as the call runs."""
        self._beating = asyncio.create_task(self._beat(), name="relay beats")

    async def say(self, part: Part) -> None:
        """Tell those who follow, the first part at once and the others soon."""
        self._unsaid.append(orjson.dumps([type(part).__name__, asdict(part)]))
        if not self._spoke:
            self._spoke = True
            await self._tell()

    async def end(self, how: bytes) -> None:
        """The call is over."""
        self._unsaid.append(how)
        async with self._turn:  # so that the beat is not interrupted while it says something
            if self._beating:
                self._beating.cancel()
            await self.relay.tell(self.place, self._unsaid, over=True)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await self._tell()

    async def _tell(self) -> None:
        async with self._turn:
            unsaid, self._unsaid = self._unsaid, []
            await self.relay.tell(self.place, unsaid, over=False)


class Relay:
    """Leases and what was said, in Redis or Valkey. While that is away every process asks for itself."""

    TELL = """
    if #ARGV > 4 then redis.call('RPUSH', KEYS[2], unpack(ARGV, 5)) end
    redis.call('PEXPIRE', KEYS[2], ARGV[3])
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return end
    if ARGV[4] == 'over' then redis.call('DEL', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
    """

    def __init__(self, url: str, lease_s: float = LEASE_S) -> None:
        self._redis: Any = Redis.from_url(
            url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S, retry=Retry(NoBackoff(), 0)
        )
        self._tell: Any = self._redis.register_script(self.TELL)
        self._lease_ms = round(lease_s * 1000)
        self._back_at = 0.0

    async def enter(self, key: str) -> Leading | Place | None:
        """The call as its leader, or where it is told of; none when this process is on its own."""
        if time.monotonic() < self._back_at:
            return None
        place = Place(PREFIX + key, new_id())
        try:
            if await self._redis.set(place.lease, place.holder, nx=True, px=self._lease_ms):
                return Leading(self, place)
            holder = await self._redis.get(place.lease)
        except (RedisError, OSError):  # a timeout of asyncio is an OSError as well
            self._away()
            return None
        return Place(place.lease, holder.decode()) if holder else None

    @asynccontextmanager
    async def led(self, leading: Leading) -> AsyncIterator[None]:
        """Hold the lease while the call runs, and say how it ended."""
        how = BROKEN
        leading.begin()
        try:
            yield
            how = WHOLE
        finally:
            await leading.end(how)

    async def followed(self, place: Place) -> AsyncGenerator[Part]:
        """What the leader says, to its end. Raises `Broken` and `Vanished`."""
        at = 0
        while True:
            held, said = await self._look(place, at)
            for one in said:
                if one == WHOLE:
                    return
                if one == BROKEN:
                    raise Broken
                name, fields = orjson.loads(one)
                yield _PARTS[name](**fields)
            if not said and not held:
                raise Vanished
            at += len(said)
            await asyncio.sleep(LOOK_S)

    async def tell(self, place: Place, said: list[bytes], *, over: bool) -> None:
        """Add to what was said, and renew the lease or let go of it."""
        if time.monotonic() < self._back_at:
            return
        times = (self._lease_ms, round(KEPT_S * 1000), "over" if over else "")
        try:
            await self._tell(keys=[place.lease, place.said], args=[place.holder, *times, *said])
        except (RedisError, OSError):
            self._away()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()

    async def _look(self, place: Place, at: int) -> tuple[bool, list[bytes]]:
        """Whether the leader holds its lease, and what it has said since; asked in this order."""
        try:
            async with self._redis.pipeline(transaction=False) as both:
                holder, said = await both.get(place.lease).lrange(place.said, at, -1).execute()
        except (RedisError, OSError) as error:
            self._away()
            raise Vanished from error
        return holder == place.holder.encode(), said

    def _away(self) -> None:
        log.warning("relay.away")
        self._back_at = time.monotonic() + AWAY_S
