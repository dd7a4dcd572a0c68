"""A house in which each question finds passages of its own, for turns of messages that ask several things."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.answering.assistant import Assistant
from app.answering.caching.cache import Cache, NoCache
from app.answering.cascading import Writers
from app.answering.composing import Answering
from app.answering.deciding.rules import Rules, always
from app.answering.drafting import Drafter
from app.answering.second_look import SecondLook
from app.conversations.bus import MemoryBus
from app.conversations.live import Live
from app.conversations.store import ConversationStore
from app.conversations.turns import TurnStore
from app.database import Database
from app.knowledge.types import Found, Hit, Passage
from app.llm.extractive import ExtractiveModel
from app.llm.types import Model, Options, Part, Prompt, Stop, Text, Usage
from app.safety.links import Hosts

Events = list[tuple[str, dict[str, Any]]]


def passage(name: str, title: str, text: str) -> Passage:
    return Passage(name, f"d-{name}", 1, title, f"/help/{name}", "", text, 0, len(text))


def hits(*passages: Passage, score: float = 0.9) -> Found:
    listed = tuple(Hit(one, score - at / 10, score - at / 10, score) for at, one in enumerate(passages))
    return Found("s1", listed, 1.0)


async def alike(texts: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Vectors by which all texts mean much the same, so that words decide."""
    return np.ones((len(texts), 1), dtype=np.float32)


@dataclass(frozen=True)
class Says:
    """Writes what it is given, and keeps what it is asked."""

    text: str
    name: str = "says"
    asked: list[Prompt] = field(default_factory=list)

    def __hash__(self) -> int:
        return id(self)

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        self.asked.append(prompt)
        yield Text(self.text)
        yield Usage(100, 20)
        yield Stop("stop")


@dataclass(frozen=True)
class House:
    """Finds by the first key that stands in a question; what is searched is kept."""

    database: Database
    shelves: Mapping[str, Found]
    models: tuple[Model, ...] = ()
    rules: Rules = field(default_factory=Rules)
    cache: Cache = field(default_factory=NoCache)
    second_look: SecondLook = field(default_factory=SecondLook)
    searched: list[str] = field(default_factory=list)

    async def search(self, workspace_id: str, question: str, k: int = 8) -> Found:
        self.searched.append(question)
        return next((found for key, found in self.shelves.items() if key in question.lower()), Found("s1", ()))

    @property
    def store(self) -> ConversationStore:
        return ConversationStore(self.database)

    @property
    def turns(self) -> TurnStore:
        return TurnStore(self.database)

    def assistant(self) -> Assistant:
        hosts, last = Hosts.of(["help.example.com"]), ExtractiveModel(alike)
        answering = Answering(
            self.search,
            Writers(self.models, self.models, last),
            Drafter(last, (), hosts, "Answerdesk"),
            lambda name, usage: 7,
            always(self.rules),
            hosts,
            "Answerdesk",
            cache=self.cache,
            second_look=self.second_look,
        )
        return Assistant(self.turns, Live(self.store, MemoryBus()), answering, "worker", 4000)

    async def ask(self, *texts: str, locale: str = "en") -> Events:
        """Ask one after the other in one conversation: the events of the last turn."""
        conversation = await self.store.open("w1", token_hash="t", token_days=1, locale=locale)
        assistant, before = self.assistant(), 0
        for text in texts:
            before = max((one.sequence for one in await self.store.events_after(conversation, 0)), default=0)
            await assistant.hear(conversation, text)
            await asyncio.gather(*assistant.running.values())
        return [(event.name, event.data) for event in await self.store.events_after(conversation, before)]
