"""The parts of a block that is too long: items of a list, else lines, sentences, words, halves."""

from collections.abc import Sequence

from app.language import sentences
from ingest.outline import Block


def finer(text: str, block: Block) -> list[Block]:
    """The largest parts that a block has; the block alone when it is one letter."""
    for cut in (_items, _lines, _sentences, _words, _halves):
        parts = cut(text, block)
        if len(parts) > 1:
            return parts
    return [block]


def _items(text: str, block: Block) -> list[Block]:
    """The outermost items of a list, with what is indented below each."""
    if block.kind != "list":
        return [block]
    starts = [start for start, line in _line_starts(text, block) if line[:1] not in (" ", "\t", "")]
    return _between("item", text, starts or [block.start], block.end)


def _lines(text: str, block: Block) -> list[Block]:
    return _between("line", text, [start for start, _ in _line_starts(text, block)], block.end)


def _sentences(text: str, block: Block) -> list[Block]:
    spans = sentences(text[block.start : block.end])
    return [Block("sentence", block.start + span.start, block.start + span.end) for span in spans]


def _words(text: str, block: Block) -> list[Block]:
    starts, inside = [], False
    for offset in range(block.start, block.end):
        blank = text[offset].isspace()
        if not blank and not inside:
            starts.append(offset)
        inside = not blank
    return _between("word", text, starts, block.end)


def _halves(_text: str, block: Block) -> list[Block]:
    middle = (block.start + block.end) // 2
    if middle == block.start:
        return [block]
    return [Block(block.kind, block.start, middle), Block(block.kind, middle, block.end)]


def _line_starts(text: str, block: Block) -> list[tuple[int, str]]:
    starts, offset = [], block.start
    for line in text[block.start : block.end].splitlines(keepends=True):
        if line.strip():
            starts.append((offset, line))
        offset += len(line)
    return starts


def _between(kind: str, text: str, starts: Sequence[int], end: int) -> list[Block]:
    ends = [*starts[1:], end]
    return [
        Block(kind, start, start + len(text[start:stop].rstrip())) for start, stop in zip(starts, ends, strict=True)
    ]
