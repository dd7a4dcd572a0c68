"""Finding passages for a question in one snapshot."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from app.errors import Unavailable
from app.knowledge.fusion import Blended, blend
from app.knowledge.types import Embedder, Found, Hit, LexicalIndex, Passage, Retriever, VectorIndex, Vectors
from app.language import beginning

LEAST_CANDIDATES = 50
REMEMBERED_QUESTIONS = 512
INTERNAL = "internal"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hybrid:
    """Dense and lexical search blended. Without an embedder or with a broken vector index, lexical alone."""

    snapshot_id: str
    passages: Mapping[str, Passage]
    lexical: LexicalIndex
    vectors: VectorIndex | None
    embedder: Embedder

    async def search(self, question: str, k: int) -> Found:
        """The best `k`; each candidate of either side gets both its scores.

        One way to another thread and back: three, with both sides at once, cost 0.6 ms more than they saved.
        """
        return await asyncio.to_thread(self.found, question, k)

    def found(self, question: str, k: int) -> Found:
        """The same, in the calling thread."""
        depth = max(LEAST_CANDIDATES, 3 * k)
        vector, dense = self._dense(question, depth)
        blended = self._blended(question, vector, dense, dict(self.lexical.search(question, depth)))
        hits = tuple(self._hit(one) for one in blended[:k])
        return Found(self.snapshot_id, hits, self._coverage(question, hits), vector)

    def _dense(self, question: str, depth: int) -> tuple[Vectors | None, dict[str, float]]:
        if self.vectors is None:
            return None, {}
        try:
            vector = self.embedder.embed_questions([question])[0]
            return vector, dict(self.vectors.search(vector, depth))
        except Unavailable as error:
            log.warning("searching without vectors: %s", error.detail)
            return None, {}

    def _blended(
        self, question: str, vector: Vectors | None, dense: dict[str, float], lexical: dict[str, float]
    ) -> list[Blended]:
        return blend(
            dense | self._missing_cosines(vector, [id_ for id_ in lexical if id_ not in dense]),
            lexical | self.lexical.scores(question, [id_ for id_ in dense if id_ not in lexical]),
        )

    def _missing_cosines(self, vector: Vectors | None, ids: list[str]) -> dict[str, float]:
        if self.vectors is None or vector is None:
            return {}
        try:
            return self.vectors.cosines(vector, ids)
        except Unavailable as error:
            log.warning("blending without some cosines: %s", error.detail)
            return {}

    def _hit(self, one: Blended) -> Hit:
        return Hit(self.passages[one.id], one.score, one.cosine, one.lexical)

    def _coverage(self, question: str, hits: tuple[Hit, ...]) -> float:
        return self.lexical.coverage(question, lexical_text(hits[0].passage)) if hits else 0.0


@dataclass(frozen=True, slots=True)
class Public:
    """What customers may see: documents with the audience `internal` are left out."""

    retriever: Retriever

    async def search(self, question: str, k: int) -> Found:
        """The best `k` of what is public among three times as many."""
        found = await self.retriever.search(question, 3 * k)
        public = tuple(hit for hit in found.hits if hit.passage.audience != INTERNAL)
        return replace(found, hits=public[:k])


class RememberedQuestions:
    """An embedder that knows the last questions: rewriting, retries and the gate ask for the same one again."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vector = lru_cache(REMEMBERED_QUESTIONS)(lambda text: embedder.embed_questions([text])[0])

    @property
    def fingerprint(self) -> str:
        """The same, for it is the same model."""
        return self._embedder.fingerprint

    @property
    def dimension(self) -> int:
        """The same."""
        return self._embedder.dimension

    @property
    def max_tokens(self) -> int:
        """The same."""
        return self._embedder.max_tokens

    def count_tokens(self, text: str) -> int:
        """The same."""
        return self._embedder.count_tokens(text)

    def embed_questions(self, texts: list[str]) -> Vectors:
        """Embeds those that it does not remember."""
        return np.stack([self._vector(text) for text in texts])

    def embed_passages(self, texts: list[str]) -> Vectors:
        """Passages are embedded once anyway."""
        return self._embedder.embed_passages(texts)


def lexical_text(passage: Passage) -> str:
    """What BM25 sees of a passage: title and heading path help it much (measured on five sets)."""
    title = "" if passage.title == beginning(passage.text) else passage.title
    return "\n".join(part for part in (title, passage.heading, passage.added, passage.text) if part)
