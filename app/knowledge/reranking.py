"""Search with a reader behind it: the first hits in the order in which it would put them."""

import asyncio
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from app.errors import Unavailable
from app.knowledge.types import Found, Hit, Passage, Reading, Retriever

READ = 8
"""Hits that are read; what the product shows and decides by lies among them."""
SHARE = 0.01
"""How much the logit of a relevance adds to a score of the search. docs/reader.md has the figures."""
log = logging.getLogger(__name__)


class Reader(Protocol):
    """Looks at a question and passages together. `read` blocks, and raises `Unavailable` when it is broken."""

    @property
    def name(self) -> str:
        """Which reader it is, and which version of it."""
        ...

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """One reading a passage, in their order."""
        ...


class ClaimReader(Protocol):
    """Knows paraphrase. `supports` blocks for about ten milliseconds, and raises `Unavailable` when it is broken."""

    def supports(self, claim: str, said: str) -> float:
        """How probably what is said carries the claim, in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class Reranked:
    """A retriever whose first hits are read and put in order. With a broken reader, the search's own order."""

    retriever: Retriever
    reader: Reader

    async def search(self, question: str, k: int) -> Found:
        """The best `k`; as many hits are read as the reader has time for."""
        found = await self.retriever.search(question, max(k, READ))
        try:
            readings = await asyncio.to_thread(self.reader.read, question, [hit.passage for hit in found.hits[:READ]])
        except Unavailable as error:
            log.warning("searching without the reader: %s", error.detail)
            return replace(found, hits=found.hits[:k])
        return replace(found, hits=reordered(found.hits, readings)[:k])


def reordered(hits: Sequence[Hit], readings: Sequence[Reading]) -> tuple[Hit, ...]:
    """The hits that were read, best first by search and reader together, and then the others.

    The scores stay at their ranks, so that they fall along the list and mean the same with and without a reader.
    """
    seen = [replace(hit, reading=reading) for hit, reading in zip(hits, readings, strict=False)]
    ordered = sorted(seen, key=lambda hit: -_together(hit))
    ranked = [replace(hit, score=before.score) for hit, before in zip(ordered, hits, strict=False)]
    return (*ranked, *hits[len(seen) :])


def _together(hit: Hit) -> float:
    relevance = hit.reading.relevance if hit.reading else 0.5
    held = min(max(relevance, 1e-4), 1 - 1e-4)
    return hit.score + SHARE * math.log(held / (1 - held))
