"""Work that outlives a request: a queue of names and payloads, on SQLite in this process or on Redis between many.

The queue only moves work. What a job is about stands in a row of the room it belongs to, from where a job that was lost
with its process is begun again.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
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
LONGEST_WAIT = 1.0
LONGEST_FAREWELL = 5.0
"""Seconds. A container is killed ten seconds after it was asked to stop."""
log = logging.getLogger(__name__)


class Jobs:
    """The queue. Anything may enqueue; only processes that hold a consumer do the work."""

    def __init__(self, queue: Huey) -> None:
        self._queue = queue
        self._known: dict[str, Callable[[Payload], None]] = {}

        def job(name: str, payload: Payload) -> None:
            _work(self._known, name, payload)

        # The one task that huey knows; it looks the job up by name.
        self._task = queue.task(name="job")(job)

    def enqueue(self, name: str, payload: Payload) -> None:
        """Have a worker call the job of this name. Blocks for a moment: call it in a thread."""
        self._queue.enqueue(self._task.s(name, payload))

    def consumer(self, registry: Registry, workers: int = 1) -> "Worker":
        """Threads of this process that do the jobs in the registry."""
        self._known.update(registry)
        return Worker(self._queue, workers, registry.get(AGAIN_AND_AGAIN))


class Worker:
    """Takes jobs from the queue, one a thread at a time, until it is stopped."""

    def __init__(self, queue: Huey, workers: int, regular: Callable[[Payload], None] | None = None) -> None:
        self._ended = threading.Event()
        self._regular = threading.Thread(target=self._repeat, args=(regular,), daemon=True) if regular else None
        self._consumer = _QuietConsumer(
            queue, workers=workers, periodic=False, max_delay=LONGEST_WAIT, shutdown_timeout=LONGEST_FAREWELL
        )

    def start(self) -> None:
        """Begin; returns at once."""
        self._consumer.start()
        if self._regular:
            self._regular.start()

    def stop(self) -> None:
        """Take no more jobs, and wait a little for the running ones; one that takes longer is begun again later."""
        self._ended.set()
        self._consumer.stop(graceful=True)
        if self._regular:
            self._regular.join(LONGEST_FAREWELL)

    def _repeat(self, regular: Callable[[Payload], None]) -> None:
        while not self._ended.wait(EVERY_S):
            regular({})


def open_jobs(data_dir: Path, redis_url: str | None) -> Jobs:
    """The queue on Redis when there is one, else in a file of the data folder."""
    if redis_url:
        return Jobs(RedisHuey("answerdesk", url=redis_url, read_timeout=1, **_OPTIONS))
    data_dir.mkdir(parents=True, exist_ok=True)
    return Jobs(SqliteHuey("answerdesk", filename=str(data_dir / "jobs.db"), timeout=10, **_OPTIONS))


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


def _work(registry: Registry, name: str, payload: Payload) -> None:
    work = registry.get(name)
    if work is None:
        log.error("there is no job named %s", name)
        return
    work(payload)
