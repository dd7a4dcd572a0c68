"""The shape of a Markdown text: its sections, and the paragraphs, lists, tables and code in them, as offsets."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t#]*$")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
_INDENTED = re.compile(r"[ \t]+\S")


class Block(NamedTuple):
    """A stretch of text that belongs together."""

    kind: str
    start: int
    end: int


class Section(NamedTuple):
    """What stands under one heading, down to the next heading of any level."""

    path: tuple[str, ...]
    heading_start: int
    blocks: tuple[Block, ...]

    @property
    def start(self) -> int:
        """Where its first block begins."""
        return self.blocks[0].start

    @property
    def end(self) -> int:
        """Where its last block ends."""
        return self.blocks[-1].end


class _Line(NamedTuple):
    kind: str
    start: int
    end: int
    text: str


def kinds(text: str) -> Iterator[tuple[str, str]]:
    """Each line with what it is: blank, heading, code, list, table or paragraph."""
    return ((line.kind, line.text) for line in _lines(text))


def outline(text: str) -> list[Section]:
    """The sections in order; the first has no heading when the text does not begin with one."""
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    start, lines = 0, []
    for line in _lines(text):
        if line.kind != "heading":
            lines.append(line)
            continue
        sections.append(_section(path, start, lines))
        level, name = _heading(line.text)
        path = [*(one for one in path if one[0] < level), (level, name)]
        start, lines = line.start, []
    sections.append(_section(path, start, lines))
    return sections


def _section(path: list[tuple[int, str]], start: int, lines: list[_Line]) -> Section:
    return Section(tuple(name for _, name in path), start, tuple(_blocks(lines)))


def _heading(line: str) -> tuple[int, str]:
    match = _HEADING.match(line)
    marks, name = match.groups() if match else ("#", line)
    return len(marks), name.strip()


def _lines(text: str) -> Iterator[_Line]:
    offset, fence = 0, ""
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip()
        kind, fence = _kind(line, fence)
        yield _Line(kind, offset, offset + len(line), line)
        offset += len(raw)


def _kind(line: str, fence: str) -> tuple[str, str]:
    """What a line is, and the mark of the code that it is in, if any."""
    mark = _FENCE.match(line)
    if fence:
        return "code", "" if mark and mark[1].startswith(fence) and mark.end() == len(line) else fence
    if mark:
        return "code", mark[1]
    return _plain_kind(line), ""


def _plain_kind(line: str) -> str:
    if not line:
        return "blank"
    if _HEADING.match(line):
        return "heading"
    if _ITEM.match(line):
        return "list"
    return "table" if line.lstrip().startswith("|") else "paragraph"


def _blocks(lines: list[_Line]) -> Iterator[Block]:
    """Lines of one kind belong together; a list goes on over blank lines and what is indented."""
    open_block: Block | None = None
    blank = False
    for line in lines:
        if line.kind == "blank":
            blank = True
            continue
        if open_block and _continues(open_block.kind, line, blank=blank):
            open_block = open_block._replace(end=line.end)
        else:
            if open_block:
                yield open_block
            open_block = Block(line.kind, line.start + _indent(line), line.end)
        blank = False
    if open_block:
        yield open_block


def _continues(kind: str, line: _Line, *, blank: bool) -> bool:
    if kind == "list":
        return line.kind == "list" or bool(_INDENTED.match(line.text)) or (not blank and line.kind == "paragraph")
    return kind == line.kind and not (blank and kind != "code")


def _indent(line: _Line) -> int:
    return len(line.text) - len(line.text.lstrip()) if line.kind != "code" else 0
