"""Lines on pages to Markdown: headings by their size, paragraphs by their distance, the page beside each heading."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

LARGER = 1.12
"""Times the size of ordinary text: from here on a line is a heading."""
LONGEST_HEADING = 140
DEEPEST = 4
APART = 1.75
"""Times its size: two lines that are further from each other belong to two paragraphs."""
FEWEST_REPEATS = 3
_ITEM = re.compile(r"^[•‣◦▪●○■–—*·-]\s+(?=\S)")
_NUMBERED = re.compile(r"^\d{1,3}[.)]\s+\S")
_ENDED = re.compile(r"[.!?:;][\"'”’)\]]*$")
_BROKEN_WORD = re.compile(r"[\x02\ufffe\u00ad-]$")
_DIGITS = re.compile(r"\d+")


class Line(NamedTuple):
    """A line of text, where it stands, and how large it is."""

    text: str
    page: int
    size: float
    left: float
    bottom: float
    top: float


class _Block(NamedTuple):
    page: int
    level: int
    text: str


def markdown(lines: Sequence[Line]) -> str:
    """The whole document. Each page is a section or several, so that whatever is cited names its page."""
    ours = _without_margins(lines)
    levels = _levels(ours)
    return "\n\n".join(_sections(list(_blocks(ours, levels))))


def title_of(told: str, lines: Sequence[Line]) -> str:
    """What the document says of itself, unless that is the name of a file; else the largest line of its first page."""
    told = " ".join(told.split())
    if told and not re.search(r"\.\w{2,4}$|^untitled|^microsoft word", told, re.IGNORECASE):
        return told[:LONGEST_HEADING]
    first = [line for line in lines if line.page == lines[0].page]
    largest = max(first, key=lambda line: line.size)
    return largest.text[:LONGEST_HEADING] if largest.size >= LARGER * _ordinary(lines) else ""


def _ordinary(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0]


def _levels(lines: Sequence[Line]) -> dict[float, int]:
    """Sizes of headings, the largest first."""
    ordinary = _ordinary(lines)
    larger = sorted({line.size for line in lines if _heading_like(line, ordinary)}, reverse=True)
    return {size: min(place, DEEPEST) for place, size in enumerate(larger, start=1)}


def _heading_like(line: Line, ordinary: float) -> bool:
    letters = sum(letter.isalpha() for letter in line.text)
    return line.size >= ordinary * LARGER and letters > 1 and len(line.text) <= LONGEST_HEADING


def _without_margins(lines: Sequence[Line]) -> list[Line]:
    """Running heads and page numbers say the same, numbers aside, at the top or the bottom of many pages."""
    edges = [line for page in _pages(lines) for line in {min(page, key=_height), max(page, key=_height)}]
    said = Counter((_DIGITS.sub("0", line.text), round(line.bottom)) for line in edges)
    most = max(FEWEST_REPEATS, len({line.page for line in lines}) // 4)
    running = {mark for mark, times in said.items() if times >= most}
    kept = [line for line in lines if (_DIGITS.sub("0", line.text), round(line.bottom)) not in running]
    return kept or list(lines)


def _height(line: Line) -> float:
    return line.bottom


def _pages(lines: Sequence[Line]) -> Iterator[list[Line]]:
    page: list[Line] = []
    for line in lines:
        if page and line.page != page[0].page:
            yield page
            page = []
        page.append(line)
    yield page


def _blocks(lines: Sequence[Line], levels: dict[float, int]) -> Iterator[_Block]:
    """Lines that belong together, as one text each."""
    held = [lines[0]]
    for before, line in pairwise(lines):
        if not _goes_on(before, line, heading=line.size in levels or before.size in levels):
            yield _block(held, levels)
            held = []
        held.append(line)
    yield _block(held, levels)


def _goes_on(before: Line, line: Line, *, heading: bool) -> bool:
    if _ITEM.match(line.text) or _NUMBERED.match(line.text):
        return False
    down = before.bottom - line.bottom
    near = before.page == line.page and 0 <= down <= APART * max(line.size, before.size)
    if heading:
        return near and before.size == line.size
    # On to the next column or page in the middle of a sentence.
    onward = (before.page != line.page or down < 0) and not _ENDED.search(before.text) and line.text[0].islower()
    return near or onward


def _block(lines: Sequence[Line], levels: dict[float, int]) -> _Block:
    text = lines[0].text
    for line in lines[1:]:
        broken = _BROKEN_WORD.search(text) and line.text[:1].islower()
        text = text[:-1] + line.text if broken else f"{text} {line.text}"
    text = re.sub("[\x02\ufffe]", "", _ITEM.sub("- ", text))
    level = levels.get(lines[0].size, 0) if len(text) <= LONGEST_HEADING else 0
    return _Block(lines[0].page, level, text)


def _sections(blocks: Sequence[_Block]) -> Iterator[str]:
    heading, level, page = "", 2, 0
    for block in blocks:
        if block.level:
            heading, level, page = block.text, block.level, block.page
            yield f"{'#' * level} {heading} (page {page})"
            continue
        if block.page != page:
            page = block.page
            yield f"{'#' * level} {heading} (page {page})" if heading else f"## Page {page}"
        yield block.text
