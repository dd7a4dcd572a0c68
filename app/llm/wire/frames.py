"""AWS event-stream frames from bytes that come in any pieces, each with its two checksums."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from zlib import crc32

import orjson

from app.llm.wire.sse import Event

_PRELUDE = struct.Struct(">III")  # length of the frame, length of its headers, checksum of the two
_CHECKSUM = struct.Struct(">I")
_AROUND = _PRELUDE.size + _CHECKSUM.size
_MOST_HEADERS = 128 * 1024  # bytes, as botocore sets them
_MOST_PAYLOAD = 24 * 1024 * 1024
_STRING = 7
_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
_WITH_LENGTH = frozenset({6, _STRING})


class Damaged(ValueError):
    """A frame's checksum is wrong, or it cannot be what it says it is."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: its headers that are text, and its payload."""

    headers: dict[str, str]
    payload: bytes

    @property
    def event(self) -> Event:
        """The frame as a server-sent event would have told it; an exception or error is an event of that name."""
        told = self.headers.get
        if told(":message-type") in {"exception", "error"}:
            return Event("error", orjson.dumps(self._failure()))
        return Event(told(":event-type", ""), self.payload)

    def _failure(self) -> dict[str, str]:
        told = self.headers.get
        code, message = told(":exception-type") or told(":error-code", ""), told(":error-message", "")
        try:
            said = orjson.loads(self.payload)
        except orjson.JSONDecodeError:
            said = {}
        words = said.get("message") or said.get("Message") if isinstance(said, dict) else None
        return {"code": code, "message": str(words or message)}


@dataclass(slots=True)
class Parser:
    """Feed it bytes, get the events that are whole: https://smithy.io/2.0/aws/amazon-eventstream.html."""

    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, piece: bytes) -> list[Event]:
        """The events that this piece completes. Raises `Damaged`."""
        return [frame.event for frame in self.frames(piece)]

    def close(self) -> list[Event]:
        """Nothing: a frame that the end of the stream cuts off is none."""
        return []

    def frames(self, piece: bytes) -> Iterator[Frame]:
        """The frames that this piece completes. Raises `Damaged`."""
        self._rest += piece
        while len(self._rest) >= _PRELUDE.size:
            length, headers = self._prelude()
            if len(self._rest) < length:
                return
            whole = bytes(self._rest[:length])
            del self._rest[:length]
            yield _frame(whole, headers)

    def _prelude(self) -> tuple[int, int]:
        length, headers, checksum = _PRELUDE.unpack_from(self._rest)
        if crc32(self._rest[:8]) != checksum:
            raise Damaged("prelude checksum")
        if headers > _MOST_HEADERS or not 0 <= length - headers - _AROUND <= _MOST_PAYLOAD:
            raise Damaged("length")
        return length, headers


def _frame(whole: bytes, headers: int) -> Frame:
    (checksum,) = _CHECKSUM.unpack(whole[-4:])
    if crc32(whole[:-4]) != checksum:
        raise Damaged("message checksum")
    end = _PRELUDE.size + headers
    return Frame(_headers(whole[_PRELUDE.size : end]), whole[end:-4])


def _headers(block: bytes) -> dict[str, str]:
    texts: dict[str, str] = {}
    seen: set[bytes] = set()
    at = 0
    while at < len(block):
        name, kind, start, end = _header(block, at)
        if name in seen:
            raise Damaged("header twice")
        seen.add(name)
        if kind == _STRING:
            texts[name.decode("utf-8", "replace")] = block[start:end].decode("utf-8", "replace")
        at = end
    return texts


def _header(block: bytes, at: int) -> tuple[bytes, int, int, int]:
    """Name, type, and where the value begins and ends."""
    start = at + 1 + block[at]
    kind = block[start] if start < len(block) else -1
    start += 1
    if kind in _WITH_LENGTH:
        size = int.from_bytes(block[start : start + 2], "big")
        start += 2
    else:
        size = _SIZES.get(kind, len(block))
    if start + size > len(block):
        raise Damaged("header")
    return block[at + 1 : at + 1 + block[at]], kind, start, start + size
