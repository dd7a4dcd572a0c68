"""Gives an answer again when the same was asked before, under the same conditions, and watches whether that was right.

A hit is a model that recites: its sentences are checked against the passages of this turn as any model's are, and shown
with citations in the same way. It costs nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import random
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.answering.caching.memory import CacheMemory
from app.answering.caching.phrasing import normal
from app.answering.caching.reciting import MARKERS, Recalled, agree, fitting, whole
from app.answering.caching.sameness import difference
from app.answering.caching.store import CachedAnswer, Hit, Scope
from app.answering.writing import Answer
from app.knowledge.types import Vectors
from app.llm.errors import ModelError

log = structlog.get_logger()
Anew = Callable[[], Awaitable[tuple[Answer, int]]]
"""Writes the same answer anew, without the cache: what came of it, and its cost in millionths of a US dollar."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the cache knows it. `vector` is what the search made of it, if it made one."""

    scope: Scope
    text: str
    vector: Vectors | None = None


class Cache(Protocol):
    """Keeps answers and gives them again."""

    async def recall(self, question: Question, blank: Answer) -> Recalled | None:
        """An answer to the same question that this turn's passages support whole. `blank` is tried on, not changed."""
        ...

    async def remember(self, question: Question, answer: Answer) -> None:
        """Keep an answer, if it is whole and supported."""
        ...

    async def recited(self, question: Question, recalled: Recalled, turn_id: str, anew: Anew) -> None:
        """An answer was given again."""
        ...

    async def close(self) -> None:
        """Give up what is being written anew."""
        ...


@dataclass(frozen=True, slots=True)
class NoCache:
    """Remembers nothing."""

    async def recall(self, question: Question, blank: Answer) -> Recalled | None:  # noqa: ARG002  # as every cache
        """Never."""
        return None

    async def remember(self, question: Question, answer: Answer) -> None:
        """Not here."""

    async def recited(self, question: Question, recalled: Recalled, turn_id: str, anew: Anew) -> None:
        """It was not."""

    async def close(self) -> None:
        """Nothing is under way."""


@dataclass(frozen=True, slots=True)
class AnswerCache:
    """The cache of a process. `least` is the cosine from which questions may be the same; None: only the very same.

    The cache may always fail: then the models answer.
    """

    memory: CacheMemory
    least: float | None
    recheck_share: float
    chance: Callable[[], float] = random
    _rechecks: set[asyncio.Task[None]] = field(default_factory=set)

    async def recall(self, question: Question, blank: Answer) -> Recalled | None:
        """The very same question first, then the nearest that asks the same."""
        try:
            shelf = await self.memory.shelf(question.scope)
        except (SQLAlchemyError, OSError) as error:
            log.warning("cache.unavailable", error=type(error).__name__)
            return None
        text = normal(question.text)
        exact = shelf.exact(text)
        if exact:
            return fitting(exact, "exact", 1.0, blank)
        if question.vector is None or self.least is None:
            return None
        near = shelf.nearest(question.vector, self.least)
        same = ((cosine, answer) for cosine, answer in near if not difference(question.text, answer.asked))
        return next((found for cosine, answer in same if (found := fitting(answer, "semantic", cosine, blank))), None)

    async def remember(self, question: Question, answer: Answer) -> None:
        """Keep it, with the passages that its numbers stand for."""
        if not whole(answer):
            return
        numbers = {int(number) for number in MARKERS.findall(answer.text)}
        passages = {number: answer.evidence.passages[number - 1].id for number in numbers}
        kept = CachedAnswer(normal(question.text), question.text, answer.text, passages, question.vector)
        try:
            await self.memory.store.keep(question.scope, kept)
        except (SQLAlchemyError, OSError) as error:
            log.warning("cache.unavailable", error=type(error).__name__)
        self.memory.look_again(question.scope)

    async def recited(self, question: Question, recalled: Recalled, turn_id: str, anew: Anew) -> None:
        """Note it; a sample is written anew in the background, and an answer that does not hold is withdrawn."""
        hit = Hit(question.scope.workspace_id, turn_id, recalled.answer_id, recalled.kind, recalled.similarity)
        try:
            note = await self.memory.store.note(hit)
        except (SQLAlchemyError, OSError) as error:
            log.warning("cache.unavailable", error=type(error).__name__)
            return
        if self.chance() < self.recheck_share:
            task = asyncio.create_task(self._recheck(question.scope, hit, note, anew), name=f"recheck {turn_id}")
            self._rechecks.add(task)
            task.add_done_callback(self._rechecks.discard)

    async def finish(self) -> None:
        """Let the answers that are being written anew come to their end."""
        await asyncio.gather(*self._rechecks)

    async def close(self) -> None:
        """Give up what is being written anew."""
        for task in self._rechecks:
            task.cancel()
        await asyncio.gather(*self._rechecks, return_exceptions=True)

    async def _recheck(self, scope: Scope, hit: Hit, note: str, anew: Anew) -> None:
        try:
            given = await self.memory.store.answers([hit.answer_id])
            fresh, cost = await anew()
            agreed = all(agree(one, fresh) for one in given)
            await self.memory.store.judge(note, cost, agreed=agreed)
            if not agreed:
                await self.memory.store.drop(hit.answer_id)
                self.memory.look_again(scope)
        except (ModelError, SQLAlchemyError, OSError) as error:
            log.warning("cache.not_rechecked", error=type(error).__name__)
            return
        log.info("cache.rechecked", agreed=agreed, kind=hit.kind, similarity=round(hit.similarity, 4))
