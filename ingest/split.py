"""Cuts a document into passages along its headings, each small enough for the embedder to read whole.

A passage is a stretch of the text, so that what is quoted is what is stored.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.language import beginning
from ingest.outline import Block, Section, outline
from ingest.parts import finer

VERSION = "headings-1"
TINY = 15
"""Tokens. Sections below it say too little to be found alone; neighbours under one heading are put together."""
LONGEST_BREADCRUMB = 100
"""Tokens, by estimate. Cutting titles at 40 cost 5 points of nDCG@10 on feedbackqa, whose titles are long paths."""
CHARACTERS_A_TOKEN = 4
FIRST_IDEOGRAPH = "\u2e80"
SEPARATOR = " › "
Count = Callable[[str], int]


class Piece(NamedTuple):
    """A passage to be: its place, and the path of headings above it."""

    heading: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Window:
    """How long a passage may be, and what is read along with it: `ingest.surroundings` explains that."""

    tokens: int
    count: Count
    overlap: int = 0
    neighbours: bool = False
    whole: int = 0
    """How much the embedder reads at once; a passage may be shorter."""

    @property
    def name(self) -> str:
        """The same for two windows that cut alike; the tokenizer belongs to the embedder's fingerprint."""
        along = f"+{self.overlap}" if self.overlap else ""
        return f"{VERSION}/{self.tokens}{along}{f'~{self.whole}' if self.neighbours else ''}"


def split(title: str, text: str, window: Window) -> list[Piece]:
    """The passages of a document in order. They never overlap, and only headings and white space lie between them."""
    sections = [section for section in outline(text) if section.blocks]
    measured = [_Measured(section, text, _heading(title, section.path), title, window) for section in sections]
    return [piece for group in _neighbours(measured) for piece in _pieces(group)]


def embedded_text(title: str, heading: str, text: str, added: str = "") -> str:
    """What the embedder reads of a passage: where it stands, what was added to it, then what it says.

    A title that only repeats how the text begins is not read twice.
    """
    said = f"{added}\n{text}" if added else text
    above = _breadcrumb("" if title == beginning(text) else title, heading)
    return f"{above}\n{said}" if above else said


def hash_of(text: str) -> str:
    """Names an embedded text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _heading(title: str, path: Sequence[str]) -> str:
    """The path of headings without the one that only repeats the title."""
    shown = path[1:] if path and path[0].strip().lower() == title.strip().lower() else path
    return SEPARATOR.join(shown)


def _breadcrumb(title: str, heading: str) -> str:
    """The title and the path of headings. From one that is too long the middle is left out."""
    path = SEPARATOR.join(part for part in (title, heading) if part)
    excess = _about_tokens(path) / LONGEST_BREADCRUMB
    if excess <= 1:
        return path
    half = int(len(path) / excess / 2)
    return f"{path[:half]}…{path[-half:]}"


def _about_tokens(text: str) -> float:
    """Counted without the model, so that the embedded text of a passage never depends on it."""
    ideographs = sum(letter >= FIRST_IDEOGRAPH for letter in text)
    return ideographs + (len(text) - ideographs) / CHARACTERS_A_TOKEN


@dataclass(frozen=True, slots=True)
class _Measured:
    """A section and what it costs in tokens."""

    section: Section
    text: str
    heading: str
    title: str
    window: Window

    @property
    def budget(self) -> int:
        """Tokens left for the passage under this heading."""
        around = self.window.count(embedded_text(self.title, self.heading, ""))
        return max(self.window.tokens - around, self.window.tokens // 4)

    def cost(self, start: int, end: int) -> int:
        """Tokens of this stretch, without those that every text has."""
        return self.window.count(self.text[start:end]) - self.window.count("")

    def fits(self, start: int, end: int) -> bool:
        """Whether the embedder would read this stretch to its end."""
        return self.window.count(embedded_text(self.title, self.heading, self.text[start:end])) <= self.window.tokens


def _neighbours(sections: list[_Measured]) -> Iterator[list[_Measured]]:
    """Runs of tiny sections that share their parent heading; all others alone."""
    group: list[_Measured] = []
    for one in sections:
        tiny = len(one.section.path) > 1 and one.cost(one.section.start, one.section.end) < TINY
        if group and not (tiny and one.section.path[:-1] == group[0].section.path[:-1]):
            yield group
            group = []
        group.append(one)
        if not tiny:
            yield group
            group = []
    if group:
        yield group


def _pieces(group: list[_Measured]) -> list[Piece]:
    if len(group) == 1:
        return _cut(group[0], group[0].section.blocks)
    first = group[0]
    parent = _heading(first.title, first.section.path[:-1])
    whole = _Measured(first.section, first.text, parent, first.title, first.window)
    return _cut(whole, [Block("paragraph", one.section.heading_start, one.section.end) for one in group])


def _cut(place: _Measured, blocks: Sequence[Block]) -> list[Piece]:
    if place.fits(blocks[0].start, blocks[-1].end):
        return [Piece(place.heading, blocks[0].start, blocks[-1].end)]
    budget = place.budget
    small = [span for block in _led(place, blocks, budget) for span in _small(place, block, budget)]
    packed = _packed(place, small, budget)
    return [Piece(place.heading, start, end) for one in packed for start, end in _certain(place, one)]


def _led(place: _Measured, blocks: Sequence[Block], budget: int) -> list[Block]:
    """Keep a list with the line that introduces it ("To reset it:") when both fit."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        introduces = before is not None and place.text[before.start : before.end].rstrip().endswith(":")
        if before and block.kind == "list" and introduces and place.cost(before.start, block.end) <= budget:
            joined[-1] = Block("list", before.start, block.end)
        else:
            joined.append(block)
    return joined


def _small(place: _Measured, block: Block, budget: int) -> list[Block]:
    """The block, or its lines, sentences, words or letters: the largest of them that fit."""
    if place.cost(block.start, block.end) <= budget:
        return [block]
    parts = finer(place.text, block)
    return [small for part in parts for small in _small(place, part, budget)] if len(parts) > 1 else [block]


def _packed(place: _Measured, blocks: list[Block], budget: int) -> list[list[Block]]:
    """Neighbours together, in as few passages as possible, of about the same size."""
    costs = [place.cost(block.start, block.end) for block in blocks]
    total = sum(costs)
    goal = total / max(1, -(-total // budget))
    packed: list[list[Block]] = []
    filled = float(budget)
    for block, cost in zip(blocks, costs, strict=True):
        if filled + cost > budget or filled >= goal:
            packed.append([])
            filled = 0
        packed[-1].append(block)
        filled += cost
    return packed


def _certain(place: _Measured, blocks: list[Block]) -> list[tuple[int, int]]:
    """A sum of tokens is an estimate: what does not fit after all is halved."""
    start, end = blocks[0].start, blocks[-1].end
    if len(blocks) == 1 or place.fits(start, end):
        return [(start, end)]
    middle = len(blocks) // 2
    return _certain(place, blocks[:middle]) + _certain(place, blocks[middle:])
