"""How long a provider may take: to be reached, to begin, to go on, and in all."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.llm.errors import ModelError, Where


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to reach the provider, until its first word, between two words, and for all of it."""

    connect: float = 5
    first_token: float = 15
    between_tokens: float = 20
    total: float = 90


@dataclass(slots=True)
class Patience:
    """The time that is left for one call. `heard` is called whenever a word came.

    One timer serves a whole answer and is set anew only when it fires: a time limit of its own around each read would
    cost more than decoding what was read.
    """

    timeouts: Timeouts
    _until: float = 0
    _end: float = 0
    _awaited: str = "first word"
    _reader: asyncio.Task[object] | None = None
    _timer: asyncio.TimerHandle | None = None
    _interrupted: bool = False

    def start(self) -> None:
        """The request goes out now."""
        now = asyncio.get_running_loop().time()
        self._end = now + self.timeouts.total
        self._until = now + self.timeouts.first_token

    def heard(self) -> None:
        """A word came: the time between words begins anew."""
        self._awaited = "next word"
        self._until = asyncio.get_running_loop().time() + self.timeouts.between_tokens

    def limit(self) -> asyncio.Timeout:
        """A time limit around one step."""
        return asyncio.timeout_at(min(self._until, self._end))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around all reads of an answer: raises `TimeoutError` in the one that takes too long."""
        try:
            yield
        except asyncio.CancelledError:
            ours = self._interrupted and self._reader and not self._reader.uncancel()
            if not ours:
                raise
            raise TimeoutError from None
        finally:
            if self._timer:
                self._timer.cancel()

    def reads(self) -> None:
        """From here on somebody waits for the provider."""
        self._reader = asyncio.current_task()
        if self._timer is None:
            self._set()

    def has_read(self) -> None:
        """From here on the provider waits for us, which is not held against it."""
        self._reader = None

    def lost(self) -> ModelError:
        """What to say when the time was up."""
        ended = self._end <= self._until
        waited = "whole answer" if ended else self._awaited
        return ModelError("timeout", f"The {waited} did not come in time.", at=self._at())

    def _set(self) -> None:
        self._timer = asyncio.get_running_loop().call_at(min(self._until, self._end), self._look)

    def _look(self) -> None:
        self._timer = None
        if self._reader is None:
            return
        if asyncio.get_running_loop().time() < min(self._until, self._end):
            self._set()
            return
        self._interrupted = True
        self._reader.cancel()

    def _at(self) -> Where:
        return "http" if self._awaited == "first word" else "mid-stream"
