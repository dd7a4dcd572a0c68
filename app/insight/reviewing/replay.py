"""Asks many questions of two snapshots at once: embedded in batches and once each, searched in both, decided."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from app.answering.deciding.rules import Rules
from app.insight.reviewing.foreseeing import Foreseen, foresee
from app.knowledge.comparing.differences import Sides
from app.knowledge.shelves import OpenSnapshot, Shelves
from app.knowledge.types import Embedder, Retriever, Snapshot, Vectors

HITS = 8
BATCH = 64
Told = Callable[[int, int], Awaitable[None]]
"""Is told how many of how many steps are done, and raises when the work shall stop."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What becomes of one question in each snapshot; `before` is none where nothing was published."""

    before: Foreseen | None
    after: Foreseen


@dataclass(frozen=True, slots=True)
class Replay:
    """Opens the snapshots for itself, so that customers' searches go on beside."""

    shelves: Shelves
    embedder: Embedder

    async def of(self, sides: Sides, questions: Sequence[str], rules: Rules, told: Told) -> list[Replayed]:
        """What becomes of each question. Half of the steps are embedding, half searching."""
        prepared = Prepared(self.embedder)
        alike = sorted(questions, key=len)  # texts of like length pad each other least
        for start in range(0, len(alike), BATCH):
            await told(start, 2 * len(alike))
            await asyncio.to_thread(prepared.learn, alike[start : start + BATCH])
        async with AsyncExitStack() as opened:
            after = (await opened.enter_async_context(self._open(sides.after, prepared))).public
            old = await opened.enter_async_context(self._open(sides.before, prepared)) if sides.before else None
            return await _all(questions, old.public if old else None, after, rules, told)

    @asynccontextmanager
    async def _open(self, snapshot: Snapshot, embedder: Embedder) -> AsyncIterator[OpenSnapshot]:
        opened = await self.shelves.open(snapshot, embedder)
        try:
            yield opened
        finally:
            await asyncio.to_thread(opened.close)


async def _all(
    questions: Sequence[str], before: Retriever | None, after: Retriever, rules: Rules, told: Told
) -> list[Replayed]:
    replayed = []
    for number, question in enumerate(questions):
        if number % BATCH == 0:
            await told(len(questions) + number, 2 * len(questions))
        new = _foreseen(after, question, rules)
        old, there = await asyncio.gather(_foreseen(before, question, rules), new) if before else (None, await new)
        replayed.append(Replayed(old, there))
    return replayed


async def _foreseen(retriever: Retriever, question: str, rules: Rules) -> Foreseen:
    return foresee(question, await retriever.search(question, HITS), rules)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An embedder that was asked before, many at a time, and then answers from memory."""

    embedder: Embedder
    known: dict[str, Vectors] = field(default_factory=dict)

    def learn(self, texts: Sequence[str]) -> None:
        """Embed these together. Blocks."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            self.known.update(zip(new, self.embedder.embed_questions(new), strict=True))

    @property
    def fingerprint(self) -> str:
        """The same, for it is the same model."""
        return self.embedder.fingerprint

    @property
    def dimension(self) -> int:
        """The same."""
        return self.embedder.dimension

    @property
    def max_tokens(self) -> int:
        """The same."""
        return self.embedder.max_tokens

    def count_tokens(self, text: str) -> int:
        """The same."""
        return self.embedder.count_tokens(text)

    def embed_questions(self, texts: list[str]) -> Vectors:
        """Those that are not known are learnt now."""
        self.learn(texts)
        return np.stack([self.known[text] for text in texts])

    def embed_passages(self, texts: list[str]) -> Vectors:
        """Passages are embedded when they are ingested."""
        return self.embedder.embed_passages(texts)
