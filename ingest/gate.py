"""Reading in processes of their own: a stranger's file is parsed with little memory, little time and no secrets.

A child serves many files, because starting one costs as much as reading hundreds. One that dies or takes too long takes
only its file with it. They give way to everything else on the machine, so that answers stay quick while a run reads.
"""

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import IO, Any, cast

from app.knowledge.readings import Reading
from ingest.loaders import Refused, Unreadable
from ingest.loaders.archive import MOST_SECONDS
from ingest.loaders.hiding import Flag, flag
from ingest.opening.child import DAMAGED, ROOT, TOO_SLOW, surroundings
from ingest.opening.limits import PATIENCE_SECONDS

FILES_EACH = 1000
"""So many files one child reads before a fresh one takes over."""


class Gone(Exception):
    """The child ended before it had answered; the message says what that tells of the file."""


@dataclass(slots=True)
class _Child:
    """One process, asked by one thread at a time."""

    process: subprocess.Popen[bytes]
    asked: int = 0
    late: bool = False
    broken: bool = False

    def ask(self, head: dict[str, Any], body: bytes, patience: float) -> Any:  # noqa: ANN401  # what JSON holds
        """Its answer; `Gone` when it died or had to be ended."""
        self.asked += 1
        into, out = cast(IO[bytes], self.process.stdin), cast(IO[bytes], self.process.stdout)
        timer = threading.Timer(patience, self._end)
        timer.start()
        try:
            into.write(json.dumps({**head, "size": len(body)}).encode() + b"\n" + body)
            into.flush()
            answer = out.readline()
        except OSError:
            answer = b""
        finally:
            timer.cancel()
        self.broken = not answer.endswith(b"\n")
        if self.broken:
            raise Gone(TOO_SLOW if self.late else DAMAGED)
        return json.loads(answer)

    @property
    def usable(self) -> bool:
        """Whether it may be asked once more."""
        return self.asked < FILES_EACH and not self.broken and self.process.poll() is None

    def _end(self) -> None:
        self.late = True
        self.process.kill()

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.communicate()


@dataclass(frozen=True, slots=True)
class Gate:
    """As many children as may read at once, started when they are needed."""

    idle: "queue.LifoQueue[_Child | None]" = field(default_factory=queue.LifoQueue)

    @staticmethod
    def of(size: int) -> "Gate":
        """One with so many children."""
        gate = Gate()
        for _ in range(size):
            gate.idle.put(None)
        return gate

    def load(
        self, name: str, data: bytes, largest: int, called: str = "", patience: float = PATIENCE_SECONDS
    ) -> list[Reading | Refused]:
        """As `ingest.loaders.load`, behind the gate. Blocks: call it in a thread."""
        long = patience + MOST_SECONDS if name.lower().endswith(".zip") else patience
        said = self._asked({"task": "load", "name": name, "largest": largest, "called": called}, data, long)
        if said["reason"]:
            raise Unreadable(said["reason"])
        return [Refused(*one["refused"]) if "refused" in one else _reading(one) for one in said["found"]]

    def screened(self, readings: Sequence[Reading]) -> list[Reading]:
        """As `ingest.screening.screened`, behind the gate."""
        return [replace(one, concerns=tuple(self._concerns(one))) for one in readings]

    def _concerns(self, reading: Reading) -> list[Flag]:
        """A document that takes too long is told of as one that nobody looked through; the run goes on."""
        body = json.dumps([reading.title, reading.text]).encode()
        try:
            found: list[Flag] = self._asked({"task": "screen"}, body, PATIENCE_SECONDS)
        except Unreadable:
            return [flag("not screened", "the whole document", reading.title)]
        return found

    def _asked(self, head: dict[str, Any], body: bytes, patience: float) -> Any:  # noqa: ANN401  # what JSON holds
        """What a child answers. One may have died of something else, so a second is asked."""
        for last in (False, True):
            with self._child() as child:
                try:
                    return child.ask(head, body, patience)
                except Gone as gone:
                    if child.late or last:
                        raise Unreadable(str(gone)) from None
        raise AssertionError

    @contextlib.contextmanager
    def _child(self) -> Iterator[_Child]:
        child = _usable(self.idle.get())
        try:
            if child is None:
                child = _started()
            yield child
        finally:
            self.idle.put(_usable(child))

    def close(self) -> None:
        """End the children that wait; a later file starts new ones."""
        for child in [self.idle.get() for _ in range(self.idle.qsize())]:
            if child is not None:
                child.close()
            self.idle.put(None)


def _usable(child: _Child | None) -> _Child | None:
    """This child, unless it is worn or dead; then it is ended for good."""
    if child is None or child.usable:
        return child
    child.close()
    return None


@lru_cache(1)
def the_gate() -> Gate:
    """The one of this process."""
    gate = Gate.of(max(1, os.cpu_count() or 1))
    atexit.register(gate.close)
    return gate


def _started() -> _Child:
    words = [sys.executable, "-P", "-m", "ingest.opening.reader"]
    process = subprocess.Popen(  # noqa: S603  # our own module
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=surroundings(), cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    return _Child(process)


def _reading(fields: dict[str, Any]) -> Reading:
    flags = tuple(fields.pop("flags"))
    return Reading(**fields, flags=flags)
