"""Whether two questions ask the same. Strict on purpose: a wrong "no" costs one call, a wrong "yes" a wrong answer.

Two questions are the same when nothing but politeness, word forms and a few plain synonyms lies between them. Vectors
alone cannot say that: "turn it on" and "turn it off" are neighbours.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from app.answering.amounts import Amount, amounts_in
from app.answering.caching.phrasing import normal, opened
from app.answering.statements import CONTRARIES, TELLING, denies, read, root_of
from app.language import STOPWORDS

Difference = Literal["", "asking", "number", "negation", "name", "contrary", "whose", "direction", "words", "order"]

_SYNONYMS = (
    "delete remove erase,change modify edit alter update,cancel terminate,begin start,buy purchase,price cost fee,"
    "picture photo image,phone telephone,big large,quick fast,choose select pick,allow permit,see view,"
    "show display,send submit,get obtain receive,fix solve resolve repair,happen occur,all every each,bill invoice,"
    "email mail,application app,website site,maximum max,minimum min,colleague coworker teammate,document doc,"
    "folder directory"
)
_TELLING = (TELLING - {"on"}) | frozenset(
    "again other between during until while both few out up down through into or too".split()
)
_SIDES = {"to": "to", "into": "to", "onto": "to", "from": "from", "by": "by", "for": "for", "than": "than"}
_STILL = frozenset("a an the my our your their his her its".split())
_PERSONS = dict.fromkeys(("my", "mine", "our", "ours"), "my") | dict.fromkeys(("your", "yours"), "your")
_OTHERS = frozenset("they them their theirs he him his she her hers".split())
_FIRST, _SECOND = frozenset({"i", "me", "we", "us"}), frozenset({"you"})
_MODES = {
    **dict.fromkeys(("must", "should", "shall"), "must"), **dict.fromkeys(("can", "could", "may", "might"), "may"),
    **dict.fromkeys(("was", "were", "did", "had", "been", "have", "has"), "past"),
    **dict.fromkeys(("will", "would"), "future"), **dict.fromkeys(("me", "us"), "to me"),
}  # fmt: skip
_HAVE_TO = re.compile(r"\b(?:have|has|need|needs|got) to\b")
_MARKS = re.compile(r"[<>≤≥±€£¥$%#+&=]")
_WORD = re.compile(r"\d+(?:[.,:]\d+)*(?![^\W\d_])|[^\W_]+(?:['’][^\W\d_]+)?|[$€£%]")


@dataclass(frozen=True, slots=True)
class Question:
    """A question in the parts that must agree."""

    kind: str
    roots: tuple[str, ...]
    amounts: frozenset[Amount]
    marks: frozenset[str]
    names: frozenset[str]
    words: frozenset[str]
    denies: bool
    denied: frozenset[str]
    sides: frozenset[tuple[str, str]]
    whose: frozenset[str]
    others: bool
    speakers: tuple[int, ...]
    modes: frozenset[str]


def difference(one: str, other: str) -> Difference:
    """The first thing in which two questions differ; nothing when they ask the same. Symmetric."""
    first, second = understood(one), understood(other)
    checks: tuple[tuple[Difference, bool], ...] = (
        ("number", first.amounts == second.amounts and first.marks == second.marks),
        ("negation", first.denies == second.denies and first.denied == second.denied),
        ("contrary", not _contrary(first, second)),
        ("name", first.names <= second.words and second.names <= first.words),
        ("asking", first.kind == second.kind and first.modes == second.modes),
        ("whose", _agree_whose(first, second)),
        ("direction", _agree_sides(first, second)),
        ("words", set(first.roots) == set(second.roots) and bool(first.roots)),
        ("order", _ordered(first) == _ordered(second)),
    )
    return next((name for name, holds in checks if not holds), "")


@lru_cache(maxsize=8192)
def understood(question: str) -> Question:
    """Read one question; it is compared with many."""
    kind, rest = opened(normal(question))
    words = _WORD.findall(rest)
    said = read(question)
    every = _WORD.findall(normal(question))
    return Question(
        kind=kind,
        roots=tuple(dict.fromkeys(_root(word) for word in words if _tells(word))),
        amounts=amounts_in(every),
        marks=frozenset(_MARKS.findall(question)),
        names=frozenset(name for name in said.names if name not in STOPWORDS and not name.startswith(("i'", "i’"))),
        words=frozenset([*every, *words]),
        denies=any(denies(word) for word in every),
        denied=frozenset(_root(root) for root in said.heads),
        sides=_sides(words),
        whose=frozenset(_PERSONS[word] for word in every if word in _PERSONS),
        others=not _OTHERS.isdisjoint(every),
        speakers=tuple(dict.fromkeys(1 if word in _FIRST else 2 for word in every if word in _FIRST | _SECOND)),
        modes=frozenset(_MODES[word] for word in words if word in _MODES) | frozenset(_HAVE_TO.findall(rest)),
    )


def _tells(word: str) -> bool:
    return not denies(word) and word[0].isalnum() and (word not in STOPWORDS or word in _TELLING)


def _root(word: str) -> str:
    root = root_of(word)
    return _SAME.get(root, root)


_SAME = {root_of(word): root_of(group.split()[0]) for group in _SYNONYMS.split(",") for word in group.split()}
_PRICE = root_of("price")


def _contrary(one: Question, other: Question) -> bool:
    """Whether one says a word and the other says its opposite instead."""
    here, there = one.words - other.words, other.words - one.words
    return any(not CONTRARIES.get(word, frozenset()).isdisjoint(there) for word in here)


def _sides(words: list[str]) -> frozenset[tuple[str, str]]:
    """What stands behind "from", "to" and the like: exchanged, they make another question of the same words."""
    found = set()
    for at, word in enumerate(words):
        following = next((one for one in words[at + 1 :] if one not in _STILL), "")
        if word in _SIDES and following and _tells(following):
            found.add((_SIDES[word], _root(following)))
    return frozenset(found)


def _agree_sides(one: Question, other: Question) -> bool:
    shared = {root for _, root in one.sides} & {root for _, root in other.sides}
    return all(
        {side for side in one.sides if side[1] == root} == {side for side in other.sides if side[1] == root}
        for root in shared
    )


def _agree_whose(one: Question, other: Question) -> bool:
    """My account is not your account, and neither is theirs; "the account" may be either."""
    exchanged = {one.whose, other.whose} == {frozenset({"my"}), frozenset({"your"})}
    turned = one.speakers == other.speakers[::-1] and one.speakers != other.speakers
    return one.others == other.others and not exchanged and not turned


def _ordered(question: Question) -> tuple[str, ...]:
    """The order of what is asked about; what it costs may be said before or after it."""
    return tuple(root for root in question.roots if root != _PRICE)
