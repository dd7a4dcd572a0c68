"""Cached answers in memory, so that looking one up costs less than a millisecond; the database has the truth."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from app.answering.caching.store import CachedAnswer, CacheStore, Scope
from app.knowledge.types import Vectors

RECHECK_SECONDS = 1.0
"""How long answers that another process has added or withdrawn may go unnoticed."""
MOST_SCOPES = 16
NEIGHBOURS = 5


@dataclass(slots=True)
class Shelf:
    """The answers of one scope."""

    answers: dict[str, CachedAnswer] = field(default_factory=dict)
    state: tuple[int, str] = (0, "")
    checked: float = float("-inf")
    _by_question: dict[str, CachedAnswer] = field(default_factory=dict)
    _near: list[CachedAnswer] = field(default_factory=list)
    _vectors: Vectors | None = None

    def put(self, added: Iterable[CachedAnswer], kept: frozenset[str]) -> None:
        """Add these and let go of those that are not to be kept."""
        self.answers |= {answer.id: answer for answer in added}
        self.answers = {id_: answer for id_, answer in self.answers.items() if id_ in kept}
        self._by_question = {answer.question: answer for answer in self.answers.values()}
        self._near = [answer for answer in self.answers.values() if answer.vector is not None]
        self._vectors = (
            np.stack([answer.vector for answer in self._near if answer.vector is not None]) if self._near else None
        )

    def exact(self, question: str) -> CachedAnswer | None:
        """The answer to this very question."""
        return self._by_question.get(question)

    def nearest(self, vector: Vectors, least: float) -> Iterator[tuple[float, CachedAnswer]]:
        """The few nearest, best first, as far as they are near enough."""
        if self._vectors is None or self._vectors.shape[1:] != vector.shape:
            return
        # Not `@`: on a busy machine the threads of BLAS wait for each other for 5 ms; this takes 0.2.
        cosines = np.einsum("ij,j->i", self._vectors, vector)
        for at in np.argsort(-cosines)[:NEIGHBOURS]:
            if cosines[at] < least:
                return
            yield float(cosines[at]), self._near[at]


@dataclass(frozen=True, slots=True)
class CacheMemory:
    """One shelf a scope, those used last. Follows the database at most a second behind."""

    store: CacheStore
    clock: Callable[[], float] = time.monotonic
    _shelves: OrderedDict[str, Shelf] = field(default_factory=OrderedDict)

    async def shelf(self, scope: Scope) -> Shelf:
        """The answers of a scope, as they are in the database now or were a moment ago."""
        shelf = self._shelves.setdefault(scope.key, Shelf())
        self._shelves.move_to_end(scope.key)
        while len(self._shelves) > MOST_SCOPES:
            self._shelves.popitem(last=False)
        if self.clock() - shelf.checked >= RECHECK_SECONDS:
            await self._follow(scope, shelf)
        return shelf

    def look_again(self, scope: Scope) -> None:
        """Something has changed in this scope."""
        if scope.key in self._shelves:
            self._shelves[scope.key].checked = float("-inf")

    async def _follow(self, scope: Scope, shelf: Shelf) -> None:
        began = self.clock()
        state = await self.store.state(scope)
        if state != shelf.state:
            ids = await self.store.ids(scope)
            shelf.put(await self.store.answers([id_ for id_ in ids if id_ not in shelf.answers]), frozenset(ids))
            shelf.state = state
        shelf.checked = began
