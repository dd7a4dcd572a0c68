"""What the reader sees of a passage: the stretch that shares most with the question, behind the end of its headings."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tokenizers import Tokenizer

from app.language import STOPWORDS, stem

STRIDE = 12
"""Tokens between the starts of the windows that are compared."""
START, END, COLON = 101, 102, 1024
"""[CLS], [SEP] and the colon after the headings, in the vocabulary of the BERT models."""


@dataclass(frozen=True, slots=True)
class Room:
    """Tokens of a pair, with the three that mark its parts; the reader's time is proportional to `whole`."""

    whole: int
    asked: int
    breadcrumb: int


FOR_QUESTIONS = Room(whole=96, asked=32, breadcrumb=20)
FOR_CLAIMS = Room(whole=96, asked=44, breadcrumb=8)
FOR_PREMISES = Room(whole=200, asked=56, breadcrumb=0)
"""For a claim beside the sentences that were chosen for it (`app.answering.premise`), which mostly fit."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text in tokens; `stems` has the stem of a content word at its first token and "" everywhere else."""

    ids: tuple[int, ...]
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Token ids of [CLS] question [SEP] headings: window [SEP]; the first `asked` of them are the question's."""

    ids: tuple[int, ...]
    asked: int


class Cutter:
    """Cuts pairs to what the reader sees. Passages come again in other turns, so they are tokenised once."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._words = lru_cache(maxsize=4096)(self._read)

    def pairs(self, question: str, passages: Sequence[tuple[str, str]], room: Room = FOR_QUESTIONS) -> list[Pair]:
        """One pair for each (breadcrumb, text)."""
        weights = self._weights(question, [text for _, text in passages])
        return [self._pair(question, breadcrumb, text, weights, room) for breadcrumb, text in passages]

    def _pair(self, question: str, breadcrumb: str, text: str, weights: Mapping[str, float], room: Room) -> Pair:
        asked = self._words(question).ids[: room.asked]
        above = self._words(breadcrumb).ids[-room.breadcrumb :]
        first = (START, *asked, END)
        second = (*above, COLON) if above else ()
        left = room.whole - len(first) - len(second) - 1
        said = self._words(text)
        start = window(said.stems, weights, left)
        return Pair((*first, *second, *said.ids[start : start + left], END), len(first))

    def _weights(self, question: str, texts: Sequence[str]) -> dict[str, float]:
        """How much each of the question's words says: those that fewer of these texts hold say more."""
        asked = {one for one in self._words(question).stems if one}
        held = Counter(one for text in texts for one in asked.intersection(self._words(text).stems))
        return {one: math.log1p((len(texts) + 1) / (held[one] + 0.5)) for one in asked}

    def _read(self, text: str) -> Words:
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        stems = [""] * len(encoded.ids)
        for place, first, last in _whole_words(encoded.word_ids, encoded.offsets):
            word = text[first:last].lower()
            if word[:1].isalnum() and word not in STOPWORDS:
                stems[place] = stem(word)
        return Words(tuple(encoded.ids), tuple(stems))


def window(stems: Sequence[str], weights: Mapping[str, float], room: int) -> int:
    """Where the stretch of `room` tokens starts that holds most of the weight; the earliest of equals."""
    if len(stems) <= room:
        return 0
    starts = [*range(0, len(stems) - room, STRIDE), len(stems) - room]
    best: int = max(starts, key=lambda start: (_held(stems[start : start + room], weights), -start))
    return best


def _held(stems: Iterable[str], weights: Mapping[str, float]) -> float:
    """A word that comes again adds little, but tells two windows apart that hold the same words."""
    counted = Counter(one for one in stems if one in weights)
    return sum(weights[one] * (1 + 0.1 * min(count - 1, 3)) for one, count in counted.items())


def _whole_words(word_ids: Sequence[int | None], offsets: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int, int]]:
    """(place of the first token, start, end) of each word."""
    place = 0
    while place < len(word_ids):
        after = place + 1
        while after < len(word_ids) and word_ids[after] == word_ids[place]:
            after += 1
        yield place, offsets[place][0], offsets[after - 1][1]
        place = after
