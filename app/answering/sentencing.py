"""Cuts a model's stream into sentences that can be checked and shown one at a time, and says what joins them again.

A list item, a heading, a table and a code block count as one sentence each; citation markers stay with the sentence
before them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.language import Block, Kind, blocks, sentences_of

_MAY_END = re.compile(r"[.!?…。！？\n]")
_MARKERS_TO_COME = re.compile(r"\s*(?:[\[【]\^?[\d,\s]*[\]】]?\s*)*[.。]?\s*")
_OWN_LINE: frozenset[Kind] = frozenset({"item", "quote"})
_NO_SPACE_AFTER = "。！？"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in Markdown, its list marker and its citation markers included.

    `block` and `line` count from the start of the answer, so that any two shown sentences know what stands between
    them, whatever was dropped in the middle.
    """

    text: str
    kind: Kind = "paragraph"
    block: int = 0
    line: int = 0


def joint(before: Sentence | None, sentence: Sentence) -> str:
    """What stands between two shown sentences: nothing, a space, a line break or a blank line."""
    if before is None:
        return ""
    if before.block != sentence.block:
        return "\n\n"
    if before.line != sentence.line:
        return "\n"
    return "" if before.text[-1:] in _NO_SPACE_AFTER else " "


@dataclass(slots=True)
class Cutter:
    """Takes an answer as it is written and gives its sentences as soon as each is whole."""

    _pending: str = ""
    _midline: bool = False
    _block: int = 0
    _line: int = 0
    _last: Kind | None = None
    _gap: str = field(default="")

    def feed(self, text: str) -> list[Sentence]:
        """Take a piece of the stream; the sentences that it completes."""
        self._pending += text
        if not _MAY_END.search(self._pending):
            return []
        return self._cut(last_is_whole=False)

    def flush(self) -> list[Sentence]:
        """The stream is over: whatever is left."""
        return self._cut(last_is_whole=True)

    def _cut(self, *, last_is_whole: bool) -> list[Sentence]:
        units = list(_units(self._pending, midline=self._midline))
        whole = units if last_is_whole else units[: _whole(self._pending, units)]
        cut = [
            self._sentence(start, end, kind, units[at - 1][1] if at else 0)
            for at, (start, end, kind) in enumerate(whole)
        ]
        if whole:
            _, end, kind = whole[-1]
            self._midline = kind == "paragraph" and "\n" not in self._pending[end - 1 : end]
            self._pending = self._pending[end:]
        return cut

    def _sentence(self, start: int, end: int, kind: Kind, before: int) -> Sentence:
        gap = self._gap + self._pending[before:start]
        raw = self._pending[start:end]
        if self._last is not None:
            self._count(gap, kind)
        self._last = kind
        self._gap = raw[len(raw.rstrip()) :]
        return Sentence(
            raw.strip("\n").rstrip() if kind in ("item", "code", "table") else raw.strip(),
            kind,
            self._block,
            self._line,
        )

    def _count(self, gap: str, kind: Kind) -> None:
        apart = kind != self._last and not {kind, self._last} <= _OWN_LINE
        if gap.count("\n") > 1 or (apart and "\n" in gap):
            self._block += 1
        elif "\n" in gap:
            self._line += 1


def _units(text: str, *, midline: bool) -> Iterator[tuple[int, int, Kind]]:
    for block in blocks(text, midline=midline):
        if block.kind == "paragraph":
            yield from _prose(text, block)
        else:
            yield block.start, block.end, block.kind


def _prose(text: str, block: Block) -> Iterator[tuple[int, int, Kind]]:
    """The paragraph's sentences, each reaching to where the next one begins."""
    spans = [span for span in sentences_of(text, block) if span.text]
    for at, span in enumerate(spans):
        last = at + 1 == len(spans)
        yield span.start, block.end if last else span.end, "paragraph"


def _whole(text: str, units: list[tuple[int, int, Kind]]) -> int:
    """How many of the units cannot grow any more: all but the last, and not the one whose markers may still come."""
    whole = len(units) - 1
    if whole > 0 and _MARKERS_TO_COME.fullmatch(text, units[whole][0]):
        whole -= 1
    return max(whole, 0)
