"""Passages that say nearly the same in other documents, by their vectors and by their words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.knowledge.types import Passage, Vectors

ALIKE = 0.9
"""Cosine from which on the words of two passages are compared."""
OVERLAP = 0.7
"""Share of the shorter passage's runs of words that the other holds too."""
RUN = 4
FEWEST_WORDS = 20
BLOCK = 512
"""Rows that are compared with all others at once: with 100,000 passages a block takes 200 MB."""
FORM = 3
"""A text in more documents than this is a form or a footer, and told once."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Repetition:
    """Passages of several documents that say nearly the same, and how much of the shortest the others hold."""

    passages: tuple[Passage, ...]
    overlap: float


def repetitions(passages: Sequence[Passage], vectors: Vectors) -> list[Repetition]:
    """Near-duplicates between documents of one language; two documents are told once, with all that they share."""
    long = [at for at, one in enumerate(passages) if len(one.text.split()) >= FEWEST_WORDS]
    first = _first_of_each(passages, long)
    pairs = [(one, other, 1.0) for other, one in first.items() if one != other]
    kept = sorted(set(first.values()))
    rows = _unit(vectors[kept])
    for one, other in _alike(rows):
        overlap = _overlap(passages[kept[one]], passages[kept[other]])
        if overlap >= OVERLAP:
            pairs.append((kept[one], kept[other], overlap))
    return _gathered(passages, pairs)


def _first_of_each(passages: Sequence[Passage], long: Sequence[int]) -> dict[int, int]:
    """Each passage's first copy, word for word: a footer on 5,000 pages is compared once."""
    seen: dict[tuple[str, str], int] = {}
    return {at: seen.setdefault((passages[at].locale, passages[at].text), at) for at in long}


def _alike(rows: Vectors) -> Iterator[tuple[int, int]]:
    for start in range(0, len(rows), BLOCK):
        cosines = rows[start : start + BLOCK] @ rows[start:].T
        for one, other in np.argwhere(cosines >= ALIKE):
            if one < other:
                yield start + int(one), start + int(other)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = vectors / np.maximum(lengths, np.float32(1e-9))
    return unit


def _overlap(one: Passage, other: Passage) -> float:
    if one.document_id == other.document_id or one.locale != other.locale:
        return 0.0
    mine, theirs = _runs(one.text), _runs(other.text)
    return len(mine & theirs) / max(1, min(len(mine), len(theirs)))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def _gathered(passages: Sequence[Passage], pairs: Sequence[tuple[int, int, float]]) -> list[Repetition]:
    """What is in many documents as one repetition, the rest by pairs of documents."""
    leaders: dict[int, int] = {}

    def leader(at: int) -> int:
        while leaders.setdefault(at, at) != at:
            leaders[at] = at = leaders[leaders[at]]
        return at

    for one, other, _ in pairs:
        leaders[leader(other)] = leader(one)
    groups: dict[int, set[int]] = {}
    for at in list(leaders):
        groups.setdefault(leader(at), set()).add(at)
    least = {leader(one): 1.0 for one, _, _ in pairs}
    for one, _, overlap in pairs:
        least[leader(one)] = min(least[leader(one)], overlap)
    return _by_documents(passages, [(sorted(group), least[name]) for name, group in groups.items()])


def _by_documents(passages: Sequence[Passage], groups: Sequence[tuple[list[int], float]]) -> list[Repetition]:
    found: dict[object, list[Passage]] = {}
    least: dict[object, float] = {}
    for at, (group, overlap) in enumerate(groups):
        documents = frozenset(passages[row].document_id for row in group)
        if len(documents) > 1:
            key: object = at if len(documents) > FORM else documents
            found.setdefault(key, []).extend(passages[row] for row in group)
            least[key] = min(overlap, least.get(key, 1.0))
    return [Repetition(tuple(told), round(least[key], 2)) for key, told in found.items()]
