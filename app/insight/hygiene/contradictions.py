"""Passages that say the opposite of each other, or the same with another number.

A false alarm costs an admin's trust, so two clauses must be about the same in almost the same words, under the same
condition, for the same plans, products, people and places. What differs may only be a figure, a negation or a state.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from app.answering.amounts import unit_of
from app.answering.statements import plain
from app.insight.hygiene.clauses import Clause, canonical, clauses_of, opposite
from app.insight.hygiene.figures import CALENDAR, Figure, conflicts
from app.knowledge.types import Passage

Difference = Literal["number", "negation", "state"]
MOST_ALIKE = 6
"""Clauses about the same in so many documents are a form that each fills in, as the weights of products."""
ENOUGH: Mapping[Difference, int] = {"number": 4, "negation": 3, "state": 3}
"""Words that carry meaning: "support team answers calls" is clear anywhere, "the basket holds 4 litres" is not, because
each thing has numbers of its own. What is said and denied of dogs in holiday flats needs fewer to be about the same.
"""
COMMON = 0.2
"""A name in so large a share of the documents is the product's own, and tells nothing apart."""
_SCOPES = frozenset(
    (
        "basic starter plus pro premium business enterprise family trial personal individual professional education "
        "nonprofit ultimate gold silver bronze standard express economy priority ios android windows mac macos linux "
        "chrome firefox safari edge desktop mobile cli cloud self-hosted admin agent owner member manager guest seller "
        "buyer partner reseller employee student europe international domestic abroad overseas annual monthly "
        "yearly quarterly lifetime beta legacy weekend beginner advanced"
    ).split()
)
"""Plans, platforms, roles and places: what holds for one of them need not hold for another."""
_GENERIC = frozenset(
    "policy guide overview how to faq about rule rules question questions information help term terms detail "
    "details introduction general note notes summary basics our your my you are is do does can i we and or of for "
    "in on with the a an".split()
)
_LOGS = re.compile(
    r"\b(?:release notes?|change ?log|what'?s new|history|archive|minutes|news|roadmap)\b", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_MARK = re.compile(r"\d+(?:\.\d+)*|(?<=[\w,] )[A-HJ-Z]\b")
"""Numbers and single letters of titles and headings: "Model A", "Line 7"."""
_PLAIN = re.compile(r"[^\W_]+")
_INNER = re.compile(r"(?<=[\w,] )[A-Z][^\W_]+")
"""A word that is written large though no sentence begins with it."""


@dataclass(frozen=True, slots=True)
class Said:
    """A clause and the passage that says it."""

    passage: Passage
    clause: Clause


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sentences that cannot both be right, and in what they differ."""

    one: Said
    other: Said
    difference: Difference


@dataclass(frozen=True, slots=True)
class Names:
    """What tells one subject from another: proper names, which nobody writes in lower case, and words of scope."""

    proper: frozenset[str]
    common: frozenset[str]

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> "Names":
        """Learnt from all that is published."""
        lower: set[str] = set()
        documents: dict[str, set[str]] = {}
        for passage in passages:
            for text in (passage.text, passage.title, passage.heading):
                lower.update(word for word in _WORD.findall(text) if word.islower())
                for word in _INNER.findall(text):
                    documents.setdefault(word.lower(), set()).add(passage.document_id)
        total = len({document for found in documents.values() for document in found})
        often = frozenset(word for word, found in documents.items() if len(found) > max(2, COMMON * total))
        return cls(frozenset(documents) - lower, often)

    def within(self, text: str) -> frozenset[str]:
        """The names and scopes that a text mentions."""
        found = set()
        for word in _WORD.findall(plain(text)):
            low = word.lower().removesuffix("'s").removesuffix("’s")
            low = low.removesuffix("s") if low.removesuffix("s") in _SCOPES else low
            if low in _SCOPES or (self._proper(word) and low not in self.common):
                found.add(low)
        return frozenset(found)

    def _proper(self, word: str) -> bool:
        low = word.lower()
        if unit_of(low) or low in CALENDAR or low.removesuffix("s") in CALENDAR:
            return False
        inner = any(sign.isupper() or sign.isdigit() for sign in word[1:])
        return (inner and not word[0].isdigit()) or low in self.proper


def contradictions(passages: Sequence[Passage], names: Names | None = None) -> list[Contradiction]:
    """Every pair of sentences that contradict each other, each pair of sentences once."""
    known = names or Names.of(passages)
    found: dict[tuple[str, int, str, int], Contradiction] = {}
    for group in _groups(passages).values():
        for one, other in _pairs(group):
            difference = differs(one, other, known)
            if difference:
                key = (one.passage.id, one.clause.start, other.passage.id, other.clause.start)
                found.setdefault(key, Contradiction(one, other, difference))
    return list(found.values())


def differs(one: Said, other: Said, names: Names) -> Difference | None:
    """In what two clauses about the same contradict each other, if they do."""
    what = _difference(one.clause, other.clause)
    if what is None or one.clause.condition != other.clause.condition:
        return None
    return what if _same_subject(one, other, names, ENOUGH[what]) else None


def _groups(passages: Sequence[Passage]) -> Mapping[object, list[Said]]:
    """Clauses by what they are about; those that nobody else speaks of are left out soon."""
    groups: dict[object, list[Said]] = {}
    for passage in passages:
        if _LOGS.search(passage.title):
            continue
        for clause in clauses_of(passage):
            groups.setdefault((passage.locale, clause.about), []).append(Said(passage, clause))
    return groups


def _pairs(group: list[Said]) -> Iterator[tuple[Said, Said]]:
    if len(group) < 2 or len({said.passage.document_id for said in group}) > MOST_ALIKE:  # noqa: PLR2004  # a pair
        return
    for one, other in combinations(group, 2):
        if one.passage.document_id != other.passage.document_id:
            yield one, other


def _difference(one: Clause, other: Clause) -> Difference | None:
    if _named(one.figures) != _named(other.figures):
        return None
    if one.denials != other.denials:
        same = one.states == other.states and one.figures == other.figures
        same &= one.relations == other.relations
        return "negation" if same and {one.denials, other.denials} == {0, 1} else None
    if one.states != other.states:
        same = one.figures == other.figures and one.relations == other.relations
        return "state" if same and _turned(one, other) else None
    return "number" if conflicts(one.figures, other.figures) else None


def _turned(one: Clause, other: Clause) -> bool:
    """Whether one state was exchanged for one that excludes it."""
    mine, theirs = one.states - other.states, other.states - one.states
    return len(mine) == len(theirs) == 1 and opposite(*mine, *theirs)


def _named(figures: frozenset[Figure]) -> frozenset[Figure]:
    return frozenset(figure for figure in figures if figure.dimension == "name")


def _same_subject(one: Said, other: Said, names: Names, enough: int) -> bool:
    if _scope(one, names) != _scope(other, names) or not (_clear(one, enough) or _clear(other, enough)):
        return False
    said = one.clause.about
    titles = _siblings(one.passage.title, other.passage.title, said)
    return not titles and not _siblings(one.passage.heading, other.passage.heading, said)


def _clear(said: Said, enough: int) -> bool:
    """Whether it is clear what the clause is about: it says enough, or its title and headings speak of it."""
    if len(said.clause.about) >= enough:
        return True
    return not said.clause.about.isdisjoint(_telling(f"{said.passage.title} {said.passage.heading}"))


def _scope(said: Said, names: Names) -> frozenset[str]:
    passage, clause = said.passage, said.clause
    context = f"{passage.title} | {passage.heading.replace(' › ', ' | ')}"
    sentence = passage.text[clause.start : clause.end]
    return names.within(f"{context} | {sentence}") | frozenset(_MARK.findall(context))


def _siblings(one: str, other: str, said: frozenset[str]) -> bool:
    """Whether two titles tell one kind of thing apart: "Send small parcels" and "Send large parcels".

    Such titles are built alike: they begin or end with the same word, or have as many. What the clause itself says
    tells nothing apart.
    """
    mine, theirs = _telling(one), _telling(other)
    shared = {*mine} & {*theirs}
    if not shared or not {*mine} - shared - said or not {*theirs} - shared - said:
        return False
    return mine[0] == theirs[0] or mine[-1] == theirs[-1] or len(mine) == len(theirs)


def _telling(title: str) -> list[str]:
    return [canonical(word) for word in _PLAIN.findall(title.lower()) if word not in _GENERIC]
