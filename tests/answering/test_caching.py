"""Answers that are given again: to whom, when no longer, and what is never kept."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from sqlmodel import col, select

from app.answering.assistant import Assistant
from app.answering.caching.cache import AnswerCache
from app.answering.caching.memory import CacheMemory
from app.answering.caching.store import CachedAnswer, CacheStore, Scope, cache_usage
from app.answering.cascading import Writers
from app.answering.composing import Answering
from app.answering.deciding.rules import Rules, always
from app.answering.drafting import Drafter
from app.conversations.bus import MemoryBus
from app.conversations.live import Live
from app.conversations.store import ConversationStore
from app.conversations.tables import TurnRow
from app.conversations.turns import TurnStore
from app.database import Database, now
from app.knowledge.types import Found, Hit, Passage, Vectors
from app.llm.errors import ModelError
from app.llm.resilience.sharing import Shared
from app.llm.types import Model, Options, Part, Prompt, Stop, Text, Usage
from app.safety.links import Hosts

UPLOAD = "Open the console and choose Sources to upload a document."
LIMIT = "A document may have at most 25 megabytes."
TEXT = f"{UPLOAD} {LIMIT} An upload starts an ingest run, and the run page shows its progress."
PASSAGE = Passage("p1", "d1", 1, "Upload documents", "/help/upload-documents", "Uploading", TEXT, 100, 100 + len(TEXT))
OTHER = Passage("p2", "d2", 1, "Roles", "/help/roles", "", "Only admins may publish a snapshot.", 0, 35)
QUESTION = "How do I upload a document?"
Events = list[tuple[str, dict[str, Any]]]


def vector(*numbers: float) -> Vectors:
    row = np.zeros(8, dtype=np.float32)
    row[: len(numbers)] = numbers
    return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


HERE = vector(1.0)
FOUND = Found("s1", (Hit(PASSAGE, 0.9, 0.85, 0.9), Hit(OTHER, 0.5, 0.4, 0.3)), 1.0, HERE)


@dataclass
class Writer:
    """Writes what it is given, and counts."""

    text: str = f"{UPLOAD} [1] {LIMIT} [1]"
    name: str = "writer"
    calls: int = 0
    error: ModelError | None = None
    pause_s: float = 0.0

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        self.calls += 1
        await asyncio.sleep(self.pause_s)
        if self.error:
            raise self.error
        yield Text(self.text)
        yield Usage(100, 20)
        yield Stop("stop")


@dataclass
class House:
    """One process: what it would find, who would write, and its own memory over a shared database."""

    database: Database
    writer: Writer = field(default_factory=Writer)
    found: Found = FOUND
    rules: Rules = field(default_factory=Rules)
    recheck_share: float = 0.0
    shared: bool = False
    cache: AnswerCache = field(init=False)

    def __post_init__(self) -> None:
        self.model: Model = Shared(self.writer) if self.shared else self.writer
        self.cache = AnswerCache(CacheMemory(CacheStore(self.database)), 0.8, self.recheck_share, chance=lambda: 0.01)

    async def ask(
        self, *questions: str, workspace: str = "w1", locale: str = "en", conversation: str | None = None
    ) -> Events:
        """Ask one after the other in one conversation; the events of it all."""
        hosts, store = Hosts.of([]), ConversationStore(self.database)
        writers = Writers((self.model,), (self.model,), Writer(f"{UPLOAD} [1]", "last"))
        drafter = Drafter(writers.last, (), hosts, "Answerdesk")
        answering = Answering(
            self._search,
            writers,
            drafter,
            lambda _, usage: 7 if usage.output_tokens_total else 0,
            always(self.rules),
            hosts,
            "Answerdesk",
            cache=self.cache,
        )
        assistant = Assistant(TurnStore(self.database), Live(store, MemoryBus()), answering, "worker", 4000)
        conversation = conversation or await store.open(workspace, token_hash="t", token_days=1, locale=locale)
        for question in questions:
            await assistant.hear(conversation, question)
            await asyncio.gather(*assistant.running.values())
        return [(event.name, event.data) for event in await store.events_after(conversation, 0)]

    async def _search(self, workspace_id: str, question: str, k: int = 8) -> Found:
        return self.found

    async def turns(self) -> list[dict[str, Any]]:
        """The records of all turns, oldest first."""
        order = select(TurnRow).order_by(col(TurnRow.id))
        rows = await self.database.read(lambda session: list(session.exec(order)))
        return [{"cost": row.cost_micro_usd, "model": row.model, **(row.record or {})} for row in rows]


def sentences(events: Events) -> list[tuple[str, Any]]:
    return [(data["text"], data["citations"]) for name, data in events if name == "answer.sentence"]


async def test_the_same_question_is_answered_again_without_a_model(database: Database) -> None:
    house = House(database)
    first, second = await house.ask(QUESTION), await house.ask("how do I upload a  document")
    assert house.writer.calls == 1
    assert sentences(first) == sentences(second)
    assert sentences(second)[0][1][0]["quote"] == UPLOAD
    [fresh, again] = await house.turns()
    assert (fresh["cost"], fresh["cache"]) == (7, None)
    assert (again["cost"], again["model"]) == (0, "cache")
    assert (again["cache"]["kind"], again["cache"]["similarity"]) == ("exact", 1)


async def test_a_question_in_other_words_is_answered_again(database: Database) -> None:
    house = House(database)
    await house.ask(QUESTION)
    house.found = replace(FOUND, vector=vector(1.0, 0.3))
    await house.ask("Hello, could you tell me how to upload documents please?")
    assert house.writer.calls == 1
    assert (await house.turns())[1]["cache"]["kind"] == "semantic"


@pytest.mark.parametrize(
    "question",
    ["How do I upload 2 documents?", "How do I not upload a document?", "How do I download a document?", "Why upload?"],
)
async def test_a_neighbour_that_asks_something_else_is_not(database: Database, question: str) -> None:
    house = House(database)
    await house.ask(QUESTION)
    await house.ask(question)
    assert house.writer.calls == 2


async def test_no_answer_leaves_its_scope(database: Database) -> None:
    house = House(database)
    await house.ask(QUESTION)
    await house.ask(QUESTION, workspace="w2")
    await house.ask(QUESTION, locale="de")
    house.found = replace(FOUND, snapshot_id="s2")
    await house.ask(QUESTION)
    house.found, house.rules = FOUND, Rules(answer_from=0.4)
    await house.ask(QUESTION)
    assert house.writer.calls == 5


async def test_an_answer_whose_passage_was_not_found_again_is_not_given(database: Database) -> None:
    house = House(database)
    await house.ask(QUESTION)
    elsewhere = replace(PASSAGE, id="p9")
    house.found = replace(FOUND, hits=(Hit(elsewhere, 0.9, 0.85, 0.9),))
    await house.ask(QUESTION)
    assert house.writer.calls == 2


async def test_the_citations_follow_the_order_in_which_the_passages_were_found(database: Database) -> None:
    house = House(database)
    await house.ask(QUESTION)
    house.found = replace(FOUND, hits=FOUND.hits[::-1])
    events = await house.ask(QUESTION)
    assert house.writer.calls == 1
    assert [text[-3:] for text, _ in sentences(events)] == ["[2]", "[2]"]
    assert {one["document_id"] for _, citations in sentences(events) for one in citations} == {"d1"}


@pytest.mark.parametrize(
    "text",
    [
        f"{UPLOAD} [1] A document may have at most 90 megabytes. [1]",  # not whole
        "NO ANSWER",
        "A document may have at most 90 megabytes. [1]",
    ],
)
async def test_what_is_not_whole_and_supported_is_not_kept(database: Database, text: str) -> None:
    house = House(database, Writer(text))
    await house.ask(QUESTION)
    calls = house.writer.calls
    await house.ask(QUESTION)
    assert house.writer.calls == 2 * calls


async def test_a_question_with_personal_data_is_neither_kept_nor_looked_up(database: Database) -> None:
    house = House(database)
    for _ in range(2):
        await house.ask("How do I upload a document as jane.doe@example.org?")
    assert house.writer.calls == 2
    assert await house.cache.memory.store.ids(await _scope(database)) == []


async def test_an_answer_that_a_conversation_may_have_shaped_is_not_kept_but_may_be_given(database: Database) -> None:
    house = House(database)
    await house.ask("What may a document have?", QUESTION)
    assert house.writer.calls == 2
    await house.ask(QUESTION)
    assert house.writer.calls == 3
    await house.ask("What may a document have?", QUESTION)
    assert house.writer.calls == 3


async def test_an_answer_of_a_model_that_only_stood_in_is_not_kept(database: Database) -> None:
    house = House(database, Writer(error=ModelError("server", "down")))
    await house.ask(QUESTION)
    house.writer.error = None
    await house.ask(QUESTION)
    assert house.writer.calls == 2
    assert [turn["model"] for turn in await house.turns()] == ["writer, last", "writer"]


async def test_customers_who_ask_the_same_at_once_are_answered_by_one_call(database: Database) -> None:
    writer = Writer(pause_s=0.3)
    house = House(database, writer, shared=True)
    told = await asyncio.gather(*(house.ask(QUESTION) for _ in range(20)))
    assert writer.calls == 1
    assert {str(sentences(events)) for events in told} == {str(sentences(told[0]))}
    assert sum(turn["cost"] for turn in await house.turns()) == 7


async def test_another_process_finds_it_and_a_restart_too(database: Database) -> None:
    one, other = House(database), House(database)
    await other.ask(QUESTION, workspace="w9")
    await one.ask(QUESTION)
    await other.ask(QUESTION)
    assert other.writer.calls == 1


async def test_a_hit_that_does_not_hold_is_counted_and_withdrawn_everywhere(database: Database) -> None:
    house, other = House(database, recheck_share=1.0), House(database)
    await house.ask(QUESTION)
    house.writer.text = "Only admins may publish a snapshot. [2]"
    await house.ask(QUESTION)
    await house.cache.finish()
    usage = await database.read(lambda session: cache_usage(session, "w1", now().replace(year=2000)))
    assert usage == {
        "exact_hits": 1, "semantic_hits": 0, "checked": 1, "false_hits": 1, "false_hit_rate": 1.0,
        "checking_cost_micro_usd": 7,
    }  # fmt: skip
    await other.ask(QUESTION)
    assert other.writer.calls == 1


async def test_a_hit_that_holds_stays(database: Database) -> None:
    house = House(database, recheck_share=1.0)
    await house.ask(QUESTION)
    for _ in range(3):
        await house.ask(QUESTION)
        await house.cache.finish()
    usage = await database.read(lambda session: cache_usage(session, "w1", now().replace(year=2000)))
    assert (usage["checked"], usage["false_hits"], usage["false_hit_rate"]) == (3, 0, 0.0)
    assert house.writer.calls == 4


async def test_the_oldest_answers_give_way(database: Database) -> None:
    store, scope = CacheStore(database), await _scope(database)
    for number in range(3):
        await store.keep(scope, CachedAnswer(f"q{number}", f"q{number}", "text [1]", {1: "p1"}, HERE), most=2)
    assert [answer.question for answer in await store.answers(await store.ids(scope))] == ["q1", "q2"]
    await store.keep(scope, CachedAnswer("q2", "q2", "better [1]", {1: "p1"}), most=2)
    assert [answer.text for answer in await store.answers(await store.ids(scope))] == ["text [1]", "better [1]"]


async def test_a_database_that_is_gone_leaves_the_models(database: Database) -> None:
    house = House(database)

    class Gone(CacheStore):
        async def state(self, scope: Scope) -> tuple[int, str]:
            raise OSError

    house.cache = replace(house.cache, memory=CacheMemory(Gone(database)))

    await house.ask(QUESTION)
    await house.ask(QUESTION)
    assert house.writer.calls == 2


async def _scope(database: Database) -> Scope:
    return Scope("w1", "public", "en", "answer-1", "", "s1")
