"""What a provider's wire format has to be able to do, and the reading of its bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from app.llm.errors import ModelError
from app.llm.types import Options, Part, Prompt
from app.llm.wire import failures, frames, sse
from app.llm.wire.shapes import mapping

JSON_HEADERS = {"content-type": "application/json"}


def bearer(key: str | None) -> dict[str, str]:
    """The header of most providers."""
    return {"authorization": f"Bearer {key}"} if key else {}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Which model of which provider, and how to reach it."""

    id: str
    base_url: str
    api_key: str | None = field(default=None, repr=False)
    max_output_tokens: int = 800


@dataclass(frozen=True, slots=True)
class Request:
    """A POST that asks a model."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Decoder(Protocol):
    """Turns one answer's JSON values into parts, remembering what it needs between them. Raises only `ModelError`."""

    @property
    def finished(self) -> bool:
        """Whether the provider has said why it stopped, so that nothing that is missing was text."""
        ...

    def event(self, name: str, value: Any) -> Iterator[Part]:  # noqa: ANN401  # any JSON
        """The parts of one event of a stream."""
        ...

    def whole(self, value: Any) -> Iterator[Part]:  # noqa: ANN401  # any JSON
        """The parts of an answer that came at once."""
        ...

    def end(self) -> Iterator[Part]:
        """The last parts: tool calls, usage, stop."""
        ...


class Dialect(Protocol):
    """A provider's wire format: pure functions from our shape to theirs and back."""

    def request(self, endpoint: Endpoint, prompt: Prompt, options: Options, *, stream: bool) -> Request:
        """What to send."""
        ...

    def decoder(self) -> Decoder:
        """A fresh decoder for one answer."""
        ...


@dataclass(slots=True)
class Reading:
    """One answer's bytes, in any pieces, become parts. Raises `ModelError` and nothing else.

    Whether the answer came as a stream or at once is seen in its first byte, not taken from what was asked: servers
    that were asked for one send the other, most often an error.
    """

    decoder: Decoder
    done: bool = False
    _parser: sse.Parser | frames.Parser = field(default_factory=sse.Parser)
    _body: list[bytes] | None = None
    _begun: bool = False

    def feed(self, piece: bytes) -> Iterator[Part]:
        """The parts that this piece completes."""
        self._begun = self._begun or self._begin(piece)
        if self._body is not None:
            self._body.append(piece)
            return
        try:
            events = self._parser.feed(piece)
        except sse.TooLong as error:
            raise ModelError("malformed", "An event of the stream is too long.", at="mid-stream") from error
        except frames.Damaged as error:
            raise ModelError("malformed", f"A frame of the stream is damaged: {error}.", at="mid-stream") from error
        for event in events:
            yield from self._event(event)

    def close(self) -> Iterator[Part]:
        """The last parts, now that the bytes have ended. Raises `cut_off` if the provider never said why it stopped."""
        if self._body is not None:
            yield from self._whole(b"".join(self._body))
        elif not self.done:
            yield from self._remainder()
        yield from self.decoder.end()

    def _begin(self, piece: bytes) -> bool:
        start = piece.lstrip()[:1]
        if start in (b"{", b"["):
            self._body = []
        elif start == b"\0":  # the length of a frame, which never needs its first byte
            self._parser = frames.Parser()
        return bool(start)

    def _event(self, event: sse.Event) -> Iterator[Part]:
        if self.done:
            return
        if event.data.strip() == b"[DONE]":
            self.done = True
            return
        try:
            value = orjson.loads(event.data)
        except orjson.JSONDecodeError as error:
            if event.name != "error":
                raise ModelError("malformed", "An event of the stream is not JSON.", at="mid-stream") from error
            value = {"message": event.data.decode("utf-8", "replace")}
        if event.name == "error" or mapping(value).get("error"):
            raise failures.from_event(value)
        yield from self.decoder.event(event.name, value)

    def _remainder(self) -> Iterator[Part]:
        """What stood at the end without its blank line; half an event is none."""
        try:
            for event in self._parser.close():
                yield from self._event(event)
        except ModelError as error:
            if error.kind != "malformed":
                raise
        if not (self.done or self.decoder.finished):
            raise cut_off()

    def _whole(self, body: bytes) -> Iterator[Part]:
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            if body.lstrip().startswith(b"["):  # a stream too: one array, sent in pieces
                raise cut_off() from error
            raise ModelError("malformed", "The answer is not JSON.", status=200) from error
        if mapping(value[0] if isinstance(value, list) and value else value).get("error"):
            raise failures.from_response(200, {}, body)
        yield from self.decoder.whole(value)
        if isinstance(value, list) and not self.decoder.finished:
            raise cut_off()


def cut_off() -> ModelError:
    """The bytes ended before the provider said why."""
    return ModelError("cut_off", "The stream ended before the answer did.", at="mid-stream")
