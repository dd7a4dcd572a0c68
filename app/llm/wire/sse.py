"""Server-sent events from bytes that come in any pieces."""

from dataclasses import dataclass, field

LONGEST_EVENT = 8 * 1024 * 1024
"""Bytes. A server that never ends a line must not fill the memory."""


class TooLong(ValueError):
    """An event grew past `LONGEST_EVENT`."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name ("" when it has none) and its data lines joined by line feeds, not yet decoded."""

    name: str
    data: bytes


@dataclass(slots=True)
class Parser:
    """Feed it bytes, get the events that are whole. The same bytes give the same events however they are cut.

    After https://html.spec.whatwg.org/multipage/server-sent-events.html, with two differences: an event that the end of
    the stream cuts off is given by `close`, and a field `error:`, which llama-box sends and the standard drops, comes
    out as an event of that name.
    """

    _rest: list[bytes] = field(default_factory=list)
    _size: int = 0
    _data: list[bytes] = field(default_factory=list)
    _name: str = ""
    _after_return: bool = False
    _begun: bool = False

    def feed(self, piece: bytes) -> list[Event]:
        """The events that this piece completes. Raises `TooLong`."""
        if self._after_return and piece:
            piece, self._after_return = piece.removeprefix(b"\n"), False
        if b"\n" in piece or b"\r" in piece:
            return self._lines(b"".join([*self._rest, piece]))
        self._rest.append(piece)
        self._grown(len(piece))
        return []

    def close(self) -> list[Event]:
        """What was left without its blank line when the bytes ended."""
        return self._lines(b"".join(self._rest) + b"\n\n")

    def _lines(self, whole: bytes) -> list[Event]:
        lines = whole.splitlines(keepends=True)
        last = lines[-1]
        self._rest = [] if last.endswith((b"\n", b"\r")) else [lines.pop()]
        self._after_return = last.endswith(b"\r")
        events: list[Event] = []
        for line in lines:
            self._line(line.rstrip(b"\r\n"), events)
        self._size = 0
        self._grown(sum(map(len, self._rest)) + sum(map(len, self._data)))
        return events

    def _grown(self, by: int) -> None:
        self._size += by
        if self._size > LONGEST_EVENT:
            raise TooLong

    def _line(self, line: bytes, events: list[Event]) -> None:
        if not self._begun:
            line, self._begun = line.removeprefix(b"\xef\xbb\xbf"), True
        if line.startswith(b"data:"):
            self._data.append(line[6:] if line[5:6] == b" " else line[5:])
        elif not line:
            self._finish(events)
        elif not line.startswith(b":"):
            self._field(line)

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._name = value.decode("utf-8", "replace")
        elif name == b"data":
            self._data.append(value)
        elif name == b"error":
            self._name = "error"
            self._data.append(value)

    def _finish(self, events: list[Event]) -> None:
        if self._data:
            events.append(Event(self._name, b"\n".join(self._data)))
        self._data, self._name = [], ""
