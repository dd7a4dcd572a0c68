"""Searches for what a message asks: each of its questions by itself, and what was found for them joined fairly."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Protocol

from app.answering.understanding.context import blended, talk
from app.answering.understanding.parting import Part, parted
from app.answering.understanding.rewriting import leans, standalone
from app.conversations.types import Begun, Utterance
from app.knowledge.types import Found, Hit, Vectors

Complete = Callable[[Begun], Awaitable[str]]
FOUND = 8
DEEP = 24
"""Hits of each of two searches that are blended; a passage that one of them misses counts as nothing there."""
READ = 6
"""Passages that a model reads."""
READ_FOR_EACH = {2: 4, 3: 3}
"""The same for each of several questions: together somewhat more, for none of them may go without."""


class Search(Protocol):
    """The best passages of what customers may read."""

    async def __call__(self, workspace_id: str, question: str, k: int = FOUND) -> Found:
        """The best `k` for this question."""
        ...


@dataclass(frozen=True, slots=True)
class Sought:
    """One question of a message, in the customer's words and as it was searched, and what was found for it."""

    said: str
    question: str
    found: Found


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message asks. `tried` are those of its questions, by their places, that an answer is looked for."""

    parts: tuple[Sought, ...]
    tried: tuple[int, ...] = (0,)

    @property
    def several(self) -> bool:
        """Whether the message asks more than one thing."""
        return len(self.parts) > 1

    @property
    def questions(self) -> list[Sought]:
        """Those that are tried."""
        return [self.parts[place] for place in self.tried]

    @property
    def question(self) -> str:
        """What is asked of a model: the question, or the questions with their numbers."""
        return _numbered([one.question for one in self.questions])

    @property
    def whole(self) -> str:
        """All that the message asks, whatever is tried."""
        return _numbered([one.question for one in self.parts])

    @property
    def found(self) -> Found:
        """What was found for those that are tried, in turns."""
        return joined([one.found for one in self.questions])

    @property
    def read(self) -> tuple[Hit, ...]:
        """The passages that an answer may use."""
        return self.found.hits[: READ if len(self.tried) == 1 else None]

    @property
    def numbers(self) -> list[tuple[int, ...]]:
        """For each question that is tried, the numbers of its own passages among those that are read, best first."""
        places = {hit.passage.id: number for number, hit in enumerate(self.read, start=1)}
        own = [[hit.passage.id for hit in one.found.hits] for one in self.questions]
        return [tuple(places[id_] for id_ in ids if id_ in places) for ids in own]

    @property
    def vector(self) -> Vectors | None:
        """What the embedder made of the question; nothing for several, which are no one point."""
        return None if self.several else self.found.vector

    def said_at(self, places: Sequence[int]) -> tuple[str, ...]:
        """Those questions in the customer's words."""
        return tuple(self.parts[place].said for place in places)

    def trying(self, worth: Callable[[Sought], bool]) -> "Understood":
        """The same without the questions that are not worth it, if any is."""
        places = tuple(place for place, one in enumerate(self.parts) if worth(one))
        return replace(self, tried=places or self.tried)


@dataclass(frozen=True, slots=True)
class _Along:
    """A search that looks at the whole talk as well."""

    search: Search
    talk: str

    async def __call__(self, workspace_id: str, question: str, k: int = FOUND) -> Found:
        while True:
            alone = await self.search(workspace_id, question, DEEP)
            along = await self.search(workspace_id, self.talk, DEEP)
            if alone.snapshot_id == along.snapshot_id:
                return blended(alone, along, k)


async def understand(begun: Begun, search: Search, complete: Complete) -> Understood:
    """What the message asks, completed by what was said before, with what was found for it."""
    parts = parted(begun.question)
    if parts:
        questions = await _completed(begun, parts, complete)
        return await _sought(begun.workspace_id, [one.said for one in parts], questions, search)
    question = await complete(begun)
    by_rules = question == standalone(begun.question, begun.history)
    if by_rules and leans(begun.question, begun.history):
        search = _Along(search, talk(question, begun.history))
    return await _sought(begun.workspace_id, [begun.question], [question], search)


async def look_up(workspace_id: str, question: str, search: Search) -> Understood:
    """The same for a question that stands alone."""
    said = [one.said for one in parted(question)] or [question]
    return await _sought(workspace_id, said, said, search)


async def _sought(workspace_id: str, said: Sequence[str], questions: Sequence[str], search: Search) -> Understood:
    while True:
        founds = await asyncio.gather(*(search(workspace_id, question) for question in questions))
        if len({found.snapshot_id for found in founds}) == 1:
            break
        # Another snapshot was published in between, and an answer must not mix two.
    rows = zip(said, questions, founds, strict=True)
    sought = tuple(Sought(words, found.read_as or question, found) for words, question, found in rows)
    return Understood(sought, tuple(range(len(sought))))


async def _completed(begun: Begun, parts: Sequence[Part], complete: Complete) -> list[str]:
    """Each question with what the message says around it; what the later ones leave out is in those before them."""
    first = await complete(replace(begun, question=f"{parts[0].around} {parts[0].said}".strip()))
    questions, history = [first], (*begun.history, Utterance("customer", parts[0].said))
    for part in parts[1:]:
        asked = await complete(replace(begun, question=part.said, history=history))
        questions.append(f"{part.around} {asked}".strip())
        history = (*history, Utterance("customer", asked))
    return questions


def joined(founds: Sequence[Found]) -> Found:
    """What several searches found: their hits in turns, as many of each, nothing twice."""
    if len(founds) == 1:
        return founds[0]
    each = READ_FOR_EACH[len(founds)]
    in_turns = [hit for row in zip_longest(*(found.hits[:each] for found in founds)) for hit in row if hit]
    first = {hit.passage.id: hit for hit in reversed(in_turns)}
    hits = tuple(first[id_] for id_ in dict.fromkeys(hit.passage.id for hit in in_turns))
    return Found(founds[0].snapshot_id, hits, min(found.coverage for found in founds))


def _numbered(questions: Sequence[str]) -> str:
    if len(questions) == 1:
        return questions[0]
    return "\n".join(f"{number}. {question}" for number, question in enumerate(questions, start=1))
