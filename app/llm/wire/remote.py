"""A model of a provider: our shape in, its dialect over HTTP, our shape out."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import httpx

from app.llm.errors import ModelError
from app.llm.types import Options, Part, Prompt
from app.llm.wire.dialect import Dialect, Endpoint, Reading
from app.llm.wire.http import Notice, nobody, pieces, post
from app.llm.wire.patience import Patience, Timeouts


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """Asks a provider once. Close the stream (`contextlib.aclosing`) to hang up before its end."""

    name: str
    endpoint: Endpoint
    dialect: Dialect
    client: httpx.AsyncClient
    streaming: bool = True
    timeouts: Timeouts = field(default_factory=Timeouts)
    notice: Notice = nobody

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        """Yield the parts as they come. Raises `ModelError` and nothing else."""
        if options.tally:
            options.tally.attempts += 1
        request = self.dialect.request(self.endpoint, prompt, options, stream=self.streaming)
        patience = Patience(self._times(options.timeout))
        reading = Reading(self.dialect.decoder())
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

    def _times(self, total: float | None) -> Timeouts:
        """The options' time wins. An answer that comes at once has no first word: it may take the whole time."""
        times = replace(self.timeouts, total=total) if total else self.timeouts
        return times if self.streaming else Timeouts(times.connect, times.total, times.total, times.total)
