"""Two versions of a document side by side: passages set against each other, and what changed in them word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

ALIKE = 0.4
"""The least share of words in common (2·common / all, as `difflib.ratio`) of two passages that are one, reworded."""
LONGEST_COMPARED = 1_000_000
"""Pairs of words: a table of cells at the end of a page can hold thousands, and comparing them takes their product."""
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
Kind = Literal["same", "changed", "added", "removed"]


class Said(NamedTuple):
    """A passage as a version has it."""

    heading: str
    text: str


class Stretch(NamedTuple):
    """Part of a text. `kind` is same, or removed on the older side and added on the newer one."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A passage of the older version beside the one of the newer; of many that stayed, only how many."""

    kind: Kind
    heading: str
    before: tuple[Stretch, ...] = ()
    after: tuple[Stretch, ...] = ()
    passages: int = 1


def side_by_side(before: Sequence[Said], after: Sequence[Said]) -> list[Row]:
    """The passages in the order of reading: unchanged ones counted, changed ones with their words."""
    matcher = SequenceMatcher(None, [one.text for one in before], [one.text for one in after], autojunk=False)
    rows: list[Row] = []
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            rows.append(Row("same", after[new_start].heading, passages=new_end - new_start))
        else:
            rows += _paired(before[old_start:old_end], after[new_start:new_end])
    return rows


def _paired(before: Sequence[Said], after: Sequence[Said]) -> Iterator[Row]:
    """Each newer passage beside the next older one that is like it; what has no counterpart stands alone."""
    reached = 0
    for passage in after:
        like = next((at for at in range(reached, len(before)) if _alike(before[at].text, passage.text)), None)
        if like is None:
            yield Row("added", passage.heading, after=(Stretch("added", passage.text),))
            continue
        yield from (_gone(one) for one in before[reached:like])
        older, newer = word_changes(before[like].text, passage.text)
        yield Row("changed", passage.heading, older, newer)
        reached = like + 1
    yield from (_gone(one) for one in before[reached:])


def _gone(passage: Said) -> Row:
    return Row("removed", passage.heading, before=(Stretch("removed", passage.text),))


def _alike(older: str, newer: str) -> bool:
    matcher = SequenceMatcher(None, older.split(), newer.split(), autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE


def word_changes(older: str, newer: str) -> tuple[tuple[Stretch, ...], tuple[Stretch, ...]]:
    """Both texts in stretches that stayed and stretches that changed; joined, each side is its text again."""
    old_words, new_words = _TOKEN.findall(older), _TOKEN.findall(newer)
    if len(old_words) * len(new_words) > LONGEST_COMPARED:
        return (Stretch("removed", older),), (Stretch("added", newer),)
    left: list[Stretch] = []
    right: list[Stretch] = []
    for old, new, stayed in _merged(old_words, new_words):
        _add(left, "same" if stayed else "removed", old)
        _add(right, "same" if stayed else "added", new)
    return tuple(left), tuple(right)


def _merged(old_words: Sequence[str], new_words: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """(older, newer, whether they are equal). White space alone between two changes is part of them."""
    codes = SequenceMatcher(None, old_words, new_words, autojunk=False).get_opcodes()
    for number, (tag, old_start, old_end, new_start, new_end) in enumerate(codes):
        old, new = "".join(old_words[old_start:old_end]), "".join(new_words[new_start:new_end])
        between = 0 < number < len(codes) - 1 and not old.strip()
        yield old, new, tag == "equal" and not between


def _add(side: list[Stretch], kind: Literal["same", "added", "removed"], text: str) -> None:
    if not text:
        return
    if side and side[-1].kind == kind:
        side[-1] = Stretch(kind, side[-1].text + text)
    else:
        side.append(Stretch(kind, text))
