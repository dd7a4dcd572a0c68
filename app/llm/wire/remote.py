"""A model of a provider: our shape in, its dialect over HTTP, our shape out."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field, replace

import httpx

from app.llm.errors import ModelError
from app.llm.types import Options, Part, Prompt
from app.llm.wire.dialect import Dialect, Endpoint, Reading
from app.llm.wire.http import Notice, nobody, pieces, post
from app.llm.wire.patience import Patience, Timeouts

KEYLESS = "There is no key for this model. Set one on the page Models of the console, or in the environment."
HIDDEN = "[key]"


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where a model's key is looked up, anew for each call: an admin may change it. `look` gives what stands now."""

    look: Callable[[], str | None]
    needed: bool = True


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """Asks a provider once. Close the stream (`contextlib.aclosing`) to hang up before its end."""

    name: str
    place: Endpoint
    dialect: Dialect
    client: httpx.AsyncClient
    streaming: bool = True
    timeouts: Timeouts = field(default_factory=Timeouts)
    notice: Notice = nobody
    key: KeySource | None = None

    @property
    def endpoint(self) -> Endpoint:
        """How it is reached at this moment."""
        return replace(self.place, api_key=self.key.look()) if self.key else self.place

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the parts as they come. Raises `ModelError` and nothing else."""
        if options.tally:
            options.tally.attempts += 1
        endpoint = self._open_door()
        request = self.dialect.request(endpoint, prompt, options, stream=self.streaming)
        patience = Patience(self._times(options.timeout))
        reading = Reading(self.dialect.decoder())
        with hidden(endpoint.api_key):
            async with (
                post(self.client, request, patience, self.notice) as response,
                aclosing(pieces(response, patience)) as body,
            ):
                try:
                    async for piece in body:
                        for part in reading.feed(piece):
                            yield part
                            patience.heard()
                        if reading.done:
                            break
                except ModelError:
                    if not reading.decoder.finished:
                        raise
                    # The answer is whole: only what follows it, the usage or the farewell, was lost.
            for part in reading.close():
                yield part

    def _open_door(self) -> Endpoint:
        """Nobody is asked without the key that is needed."""
        endpoint = self.endpoint
        if self.key and self.key.needed and not endpoint.api_key:
            raise ModelError("auth", KEYLESS)
        return endpoint

    def _times(self, total: float | None) -> Timeouts:
        """The options' time wins. An answer that comes at once has no first word: it may take the whole time."""
        times = replace(self.timeouts, total=total) if total else self.timeouts
        return times if self.streaming else Timeouts(times.connect, times.total, times.total, times.total)


@contextmanager
def hidden(key: str | None) -> Iterator[None]:
    """Let no error tell the key: some servers repeat in their refusal all that they were sent."""
    try:
        yield
    except ModelError as error:
        if key and key in error.message:
            raise replace(error, message=error.message.replace(key, HIDDEN)) from error.__cause__
        raise
