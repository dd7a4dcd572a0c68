"""Work that outlives a request: queues of names and payloads, on SQLite in this process or on Redis between many.

There are two lanes, so that a crawl of hours keeps no answer to an agent waiting. A queue only moves work. What a job
is about stands in a row of the room it belongs to, from where a job that was lost with its process is begun again.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

Payload = dict[str, Any]
Registry = Mapping[str, Callable[[Payload], None]]
AGAIN_AND_AGAIN = "again-and-again"
"""The job of this name is also done by itself, every few seconds, in each process that holds a worker."""
EVERY_S = 10.0
LONG = frozenset({"ingest", "preview"})
"""Jobs that may take hours, most of which they wait for a site. They have a lane of their own."""
LANES = ("answerdesk", "answerdesk-long")
"""The names of the queues: of short jobs and of long ones."""
LONG_AT_ONCE, SHORT_AT_ONCE = 3, 1
"""How many jobs of each lane one process does side by side."""
LONGEST_WAIT = 1.0
LONGEST_FAREWELL = 5.0
"""Seconds. A container is killed ten seconds after it was asked to stop."""
log = logging.getLogger(__name__)


class Jobs:
    """The queues. Anything may enqueue; only processes that hold a worker do the work."""

    def __init__(self, short: Huey, long: Huey) -> None:
        self._known: dict[str, Callable[[Payload], None]] = {}
        self._short, self._long = _Lane(short, self._work), _Lane(long, self._work)

    def enqueue(self, name: str, payload: Payload, after_s: float = 0.0) -> None:
        """Have a worker call the job of this name, but not at once. Blocks for a moment: call it in a thread."""
        (self._long if name in LONG else self._short).enqueue(name, payload, after_s)

    def consumer(self, registry: Registry) -> "Worker":
        """Threads of this process that do the jobs in the registry."""
        self._known.update(registry)
        lanes = (self._short.consumer(SHORT_AT_ONCE), self._long.consumer(LONG_AT_ONCE))
        return Worker(lanes, registry.get(AGAIN_AND_AGAIN))

    def _work(self, name: str, payload: Payload) -> None:
        work = self._known.get(name)
        if work is None:
            log.error("there is no job named %s", name)
            return
        work(payload)


class _Lane:
    """One queue."""

    def __init__(self, queue: Huey, work: Callable[[str, Payload], None]) -> None:
        self._queue = queue
        # The one task that huey knows; whoever works looks the job up by name.
        self._task = queue.task(name="job")(work)

    def enqueue(self, name: str, payload: Payload, after_s: float) -> None:
        task = self._task.s(name, payload)
        if after_s:
            # Of the moment only the schedule knows: a message whose time has come is like any other.
            task.eta = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=after_s)
            self._queue.add_schedule(task)
        else:
            self._queue.enqueue(task)

    def consumer(self, workers: int) -> "_QuietConsumer":
        """Threads that do what comes, so many jobs at once."""
        return _QuietConsumer(
            self._queue, workers=workers, periodic=False, max_delay=LONGEST_WAIT, shutdown_timeout=LONGEST_FAREWELL
        )


class Worker:
    """Takes jobs from the queues, one a thread at a time, until it is stopped."""

    def __init__(self, lanes: Sequence["_QuietConsumer"], regular: Callable[[Payload], None] | None = None) -> None:
        self._ended = threading.Event()
        self._regular = threading.Thread(target=self._repeat, args=(regular,), daemon=True) if regular else None
        self._lanes = lanes

    def start(self) -> None:
        """Begin; returns at once."""
        for lane in self._lanes:
            lane.start()
        if self._regular:
            self._regular.start()

    def stop(self) -> None:
        """Take no more jobs, and wait a little for the running ones; one that takes longer is begun again later."""
        self._ended.set()
        with ThreadPoolExecutor(len(self._lanes)) as threads:
            list(threads.map(lambda lane: lane.stop(graceful=True), self._lanes))
        if self._regular:
            self._regular.join(LONGEST_FAREWELL)

    def _repeat(self, regular: Callable[[Payload], None]) -> None:
        while not self._ended.wait(EVERY_S):
            regular({})


def open_jobs(data_dir: Path, redis_url: str | None) -> Jobs:
    """The queues on Redis when there is one, else in a file of the data folder."""
    if redis_url:
        return Jobs(*(RedisHuey(name, url=redis_url, read_timeout=1, **_OPTIONS) for name in LANES))
    data_dir.mkdir(parents=True, exist_ok=True)
    return Jobs(*(SqliteHuey(name, filename=str(data_dir / "jobs.db"), timeout=10, **_OPTIONS) for name in LANES))


class PlainMessages(Serializer):  # type: ignore[misc]  # huey carries no types
    """Messages as JSON: huey's own pickles would let whoever writes to the queue run code here."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps([data.id, data.name, data.args]).encode()

    def _deserialize(self, data: bytes) -> Message:
        id_, name, args = json.loads(data)
        return Message(id=id_, name=name, eta=None, retries=0, args=tuple(args), kwargs={})


_OPTIONS: dict[str, Any] = {"results": False, "serializer": PlainMessages()}


class _QuietConsumer(Consumer):  # type: ignore[misc]  # huey carries no types
    """A consumer inside a process that has its own signal handlers."""

    def _set_signal_handlers(self) -> None:
        """Leave them as they are."""
