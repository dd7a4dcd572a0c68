"""Takes excerpts apart into what can be quoted: sentences, whole lists, tables and code, each under its heading."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from app.language import Block, blocks, sentences, sentences_of, words
from app.llm.types import Excerpt

SHORTEST_SENTENCE = 4  # words; shorter ones are labels and buttons
_ASIDE = re.compile(
    r"(?:related|see also|learn more|read more|further reading|next steps?|back to|table of contents)\b", re.IGNORECASE
)
_POINTER = re.compile(
    r"for (?:more|further|additional|specific|details?)\b.{0,80}\b(?:see|read|refer|visit|check)\b"
    r"|use this (?:article|guide|page)\b|(?:this|the following) (?:article|page|guide|section)s? "
    r"(?:describes?|explains?|covers?|shows?|will)\b",
    re.IGNORECASE,
)
_INLINE_STEP = re.compile(r"(?:(?<=\s)|^)(\d{1,2})[.)]\s+(?=[A-Z*`\[])")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_ORDERED = re.compile(r"\s*(\d{1,3})[.)]\s")
_RULE = re.compile(r"\|[\s:|-]+\|?\s*")

Kind = Literal["sentence", "list", "steps", "table", "code"]
Group = tuple[Kind | Literal["heading", "paragraph"], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Unit:
    """One quotable thing. `pieces` are verbatim: the sentence, or the list's items, the table's rows, the code.

    `lead` is the sentence that announces it ("These files can be uploaded:"), `section` counts headings and excerpts,
    `place` and `paragraph` count within the section.
    """

    number: int
    section: int
    title: str
    heading: str
    place: int
    paragraph: int
    kind: Kind
    pieces: tuple[str, ...]
    lead: str = ""

    @property
    def text(self) -> str:
        """All of it, as it is compared with the question."""
        return " ".join((self.lead, *self.pieces)) if self.lead else " ".join(self.pieces)

    @property
    def first(self) -> int:
        """The number of the first step, 0 when it has none."""
        return _numbers(self)[0]

    @property
    def last(self) -> int:
        """The number of the last step: counted, because some write "1." before each."""
        numbers = _numbers(self)
        return numbers[0] + len(numbers) - 1


def units(excerpts: Sequence[Excerpt]) -> list[Unit]:
    """Everything quotable, in reading order. Headings, questions, labels and pointers to other articles are not."""
    found: list[Unit] = []
    for excerpt in excerpts:
        section = found[-1].section + 1 if found else 0
        found += _excerpt_units(excerpt, section)
    return found


def _excerpt_units(excerpt: Excerpt, section: int) -> Iterator[Unit]:
    heading, lead, place, paragraph = excerpt.heading.rpartition("›")[2].strip(), "", 0, 0
    for kind, pieces in _groups(excerpt.text):
        if kind == "heading":
            heading, lead, section, place = pieces[0], "", section + 1, 0
            continue
        paragraph += 1
        unit = Unit(excerpt.number, section, excerpt.title, heading, place, paragraph, "sentence", ())
        if kind == "paragraph":
            said = [one for one in pieces if _says_something(one)]
            lead = said.pop() if said and said[-1].rstrip("*_ ").endswith(":") else ""
            yield from (replace(unit, pieces=(one,), place=place + at) for at, one in enumerate(said))
            place += len(said)
        elif any(words(_LINK.sub("", piece)) for piece in pieces):
            yield replace(unit, kind=kind, pieces=pieces, lead=lead)
            lead, place = "", place + 1


def _groups(text: str) -> Iterator[Group]:
    """Blocks that belong together: the items of a list with what is indented under them; else one block each."""
    run: list[str] = []
    kind: Kind = "list"
    for block in blocks(text):
        piece = text[block.start : block.end].rstrip()
        if run and _belongs(block, piece, kind):
            run.append(piece)
            continue
        if run:
            yield kind, tuple(run)
            run = []
        inline = _inline_steps(piece) if block.kind == "paragraph" else None
        if inline:
            yield from inline
        elif block.kind == "item":
            run, kind = [piece], "steps" if _ORDERED.match(piece) else "list"
        else:
            yield _alone(text, block, piece)
    if run:
        yield kind, tuple(run)


def _inline_steps(text: str) -> list[Group] | None:
    """Steps that were written, or scraped, into one line: what stands before them, they, and what follows the last."""
    marks = list(_INLINE_STEP.finditer(text))
    run = [match for at, match in enumerate(marks) if int(match.group(1)) == int(marks[0].group(1)) + at]
    if len(run) < 2:  # noqa: PLR2004  # one number alone is no list
        return None
    edges = [match.start() for match in run]
    last = sentences(text[run[-1].end() :])
    end = run[-1].end() + (last[0].end if last else 0)
    steps = tuple(text[start:stop].strip() for start, stop in pairwise([*edges, end]))
    around = [text[: edges[0]], text[end:]]
    before, after = (tuple(span.text for span in sentences(piece)) for piece in around)
    return [("paragraph", before), ("steps", steps), ("paragraph", after)]


def _belongs(block: Block, piece: str, kind: Kind) -> bool:
    indented = piece.startswith(("  ", "\t"))
    if block.kind == "item":
        return indented or (kind == "steps") == bool(_ORDERED.match(piece))
    return indented and block.kind in ("paragraph", "code", "quote")


def _alone(text: str, block: Block, piece: str) -> Group:
    if block.kind == "heading":
        return "heading", (piece.lstrip("# ").rstrip("# "),)
    if block.kind == "table":
        return "table", tuple(piece.split("\n"))
    if block.kind == "code":
        return "code", (piece,)
    said = tuple(span.text for span in sentences_of(text, block) if span.text)
    question = len(said) == 1 and said[0].rstrip("*_ ").endswith("?")
    return ("heading", (said[0].strip("*_ "),)) if question else ("paragraph", said)


def _says_something(sentence: str) -> bool:
    """Whether it can stand in an answer: no question, no label, no pointer to other articles, not only links."""
    bare = sentence.lstrip("*_>-([ ")
    if sentence.endswith("?") or _ASIDE.match(bare) or _POINTER.match(bare):
        return False
    return len(words(_LINK.sub("", sentence))) >= SHORTEST_SENTENCE or (
        sentence.endswith(":") and bool(words(sentence))
    )


def _numbers(steps: Unit) -> list[int]:
    found = [_ORDERED.match(piece) for piece in steps.pieces if not piece.startswith(("  ", "\t"))]
    return [int(match.group(1)) for match in found if match] or [0]


def rows(table: Unit) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A table's head (with the rule under it) and its rows."""
    ruled = next((at for at, row in enumerate(table.pieces) if _RULE.fullmatch(row.strip())), -1)
    return table.pieces[: ruled + 1], table.pieces[ruled + 1 :]
