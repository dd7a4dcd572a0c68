"""Questions to which an admin chose the first answer."""

import asyncio
import string
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from app.errors import Unavailable
from app.knowledge.retriever import lexical_text
from app.knowledge.types import Embedder, Found, Hit, LexicalIndex, Passage, Retriever
from app.language import STOPWORDS

SAME_QUESTION = 0.92
"""The cosine from which two questions count as one. A pin that is too eager answers the wrong question."""
DEEP = 50


@dataclass(frozen=True)
class Pinned:
    """Another retriever, whose hits begin with the passages that are pinned to the question; they stay in one snapshot.

    A question is that of a pin when both have the same words but for those that say nothing, or nearly the same vector.
    """

    retriever: Retriever
    passages: Sequence[Passage]
    lexical: LexicalIndex
    embedder: Embedder

    async def search(self, question: str, k: int) -> Found:
        """The pinned passages first, with at least the score of the best other hit, then the rest."""
        chosen = await asyncio.to_thread(self._chosen, question)
        if not chosen:
            return await self.retriever.search(question, k)
        found = await self.retriever.search(question, max(k, DEEP))
        rest = tuple(hit for hit in found.hits if hit.passage.id not in chosen)
        first = tuple(self._first(passage, alike, found) for passage, alike in chosen.values())
        coverage = self.lexical.coverage(question, lexical_text(first[0].passage))
        return replace(found, hits=(first + rest)[:k], coverage=coverage)

    def _first(self, passage: Passage, alike: float, found: Found) -> Hit:
        """Its own scores where the search found it, else how much alike the two questions are."""
        own = next((hit for hit in found.hits if hit.passage.id == passage.id), Hit(passage, 0.0, alike, 0.0))
        return replace(own, score=max([own.score, *(hit.score for hit in found.hits[:1])]))

    def _chosen(self, question: str) -> dict[str, tuple[Passage, float]]:
        """Passages by their ids, the most alike first."""
        alike = self._alike(question)
        best: dict[str, tuple[Passage, float]] = {}
        for at in sorted(range(len(self._pins)), key=lambda at: -alike[at]):
            passage = self._pins[at][1]
            if alike[at] >= SAME_QUESTION:
                best.setdefault(passage.id, (passage, alike[at]))
        return best

    def _alike(self, question: str) -> list[float]:
        words = _words(question)
        same = [float(words == _words(pin)) for pin, _ in self._pins]
        try:
            cosines = self._vectors @ self.embedder.embed_questions([question])[0]
        except Unavailable:
            return same
        return [max(pair) for pair in zip(same, map(float, cosines), strict=True)]

    @cached_property
    def _pins(self) -> list[tuple[str, Passage]]:
        return [(pin, passage) for passage in self.passages for pin in passage.pins]

    @cached_property
    def _vectors(self) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return self.embedder.embed_questions([pin for pin, _ in self._pins])


def _words(text: str) -> frozenset[str]:
    words = frozenset(word.strip(string.punctuation) for word in text.casefold().split())
    return words - STOPWORDS - {""} or words
