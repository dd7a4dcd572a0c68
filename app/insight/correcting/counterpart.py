"""What a document says now where it said something else before."""

import re
from collections import Counter
from typing import NamedTuple

from app.language import Span, sentences

ALIKE = 0.45
"""The least Dice coefficient of words of a passage that says the same thing otherwise."""
LONGEST_QUOTED = 12  # sentences
_WORD = re.compile(r"\w+")


class Place(NamedTuple):
    """A stretch of a text, in code points."""

    start: int
    end: int
    text: str


def holds(quote: str, text: str) -> bool:
    """Whether the text still says so, word for word; how it is broken into lines does not matter."""
    return quote in text or " ".join(quote.split()) in " ".join(text.split())


def counterpart(quote: str, text: str) -> Place | None:
    """The sentences of the text that say most nearly what the quote said; none when nothing is like it."""
    wanted, spans = _words(quote), sentences(text)
    best, found = ALIKE, None
    for length in _lengths(quote):
        for first in range(len(spans) - length + 1):
            place = _joined(text, spans[first], spans[first + length - 1])
            score = _alike(wanted, _words(place.text))
            if score > best:
                best, found = score, place
    return found


def _lengths(quote: str) -> range:
    """How many sentences may stand for it: as many as it has, one less or one more."""
    count = min(len(sentences(quote)), LONGEST_QUOTED)
    return range(max(1, count - 1), count + 2)


def _joined(text: str, first: Span, last: Span) -> Place:
    return Place(first.start, last.end, text[first.start : last.end])


def _words(text: str) -> Counter[str]:
    return Counter(word.lower() for word in _WORD.findall(text))


def _alike(one: Counter[str], other: Counter[str]) -> float:
    """2·shared / all words."""
    whole = one.total() + other.total()
    return 2 * (one & other).total() / whole if whole else 0.0
