"""What customers ask and nobody wrote: questions by likeness, drafts through batches, and what an admin sees."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from app.conversations.store import ConversationStore
from app.conversations.summaries import SummaryStore
from app.conversations.tables import MessageRow, TurnRow
from app.conversations.types import Utterance
from app.database import Database, new_id
from app.insight.errands import Errands
from app.insight.gaps.drafting import clean, gap_prompt, outline
from app.insight.gaps.grouping import placed
from app.insight.gaps.store import GapStore, Material
from app.insight.gaps.tables import GapQuestionRow
from app.insight.works import Gaps, Summaries
from app.knowledge.types import Vectors
from app.llm.batching.batches import Batches
from app.llm.batching.tables import BatchRow
from app.llm.lineup import Lineup
from app.llm.money.budget import Limits
from app.llm.money.payer import Purpose
from app.llm.money.tables import ModelCallRow
from app.llm.types import Options, Part, Prompt
from tests.llm.batch_child import LIMITS, batches
from tests.llm.batch_house import House, served

SECRET = "ada@example.com"
MATERIAL = Material(
    "g", 3, (f"Can I pay by invoice? I am {SECRET}", "Is invoice possible?"), ("Yes, from 100 euros on.",)
)


@dataclass(frozen=True)
class Named:
    """A model that is only looked up by its name."""

    name: str = "large"

    def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        raise NotImplementedError


async def by_words(texts: list[str]) -> Vectors:
    """Questions are alike by the words that they share."""
    vectors = np.zeros((len(texts), 64), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in text.lower().strip("?").split():
            vectors[row, sum(map(ord, word)) % 64] += 1
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


async def offered(database: Database, text: str, reply: str = "", decision: str = "offer") -> str:
    """A conversation whose question ended in this decision, and perhaps what a person replied."""
    store = ConversationStore(database)
    said = [Utterance("customer", text), *([Utterance("person", reply)] if reply else [])]
    conversation = await store.open("w1", token_hash=new_id(), token_days=1, history=said)

    def answered(session: Session) -> None:
        mine = select(MessageRow).where(MessageRow.conversation_id == conversation, MessageRow.author == "customer")
        question = session.exec(mine).one()
        turn = TurnRow(
            workspace_id="w1", conversation_id=conversation, message_id=question.id, episode=1, worker_id="w"
        )
        answer = MessageRow(
            workspace_id="w1", conversation_id=conversation, turn_id=turn.id, author="bot", text="A person?",
            decision=decision, sequence=9,
        )  # fmt: skip
        session.add_all([turn, answer])

    await database.write(answered)
    return conversation


@pytest.mark.parametrize("times", [1, 2])
async def test_questions_that_ask_alike_become_one_gap_and_count_once(database: Database, times: int) -> None:
    for text in ("Can I pay by invoice?", "Can I pay by invoice please?", "Where is my hamster today?"):
        await offered(database, text)
    await offered(database, "Can I pay by invoice now?", decision="answer")
    gaps = Gaps(GapStore(database), by_words, "Parcel Post")
    for _ in range(times):
        await gaps.jobs("w1", modelled=False)
    listed = await gaps.store.listed("w1")
    assert [(gap["count"], gap["question"]) for gap in listed] == [
        (2, "Can I pay by invoice?"), (1, "Where is my hamster today?"),
    ]  # fmt: skip
    assert "Can I pay by invoice" in listed[0]["draft"]
    assert listed[1]["draft"] == "", "One question is no gap yet."
    assert await gaps.store.listed("w2") == []


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.integers(0, 29))
def test_grouping_does_not_depend_on_when_it_is_done(topics: list[int], cut: int) -> None:
    vectors = np.eye(6, dtype=np.float32)[topics]
    whole, _ = placed(vectors, [], [])
    first, middles = placed(vectors[:cut], [], [])
    counts = [first.count(number) for number in range(len(middles))]
    rest, _ = placed(vectors[cut:], [list(map(float, one)) for one in middles], counts)
    assert [*first, *rest] == whole
    assert len(set(whole)) == len(set(topics))


def test_what_a_model_reads_and_what_an_admin_copies_holds_no_personal_data() -> None:
    sent = gap_prompt(MATERIAL, "Parcel Post").turns[0].text
    assert SECRET not in sent
    assert "from 100 euros on" in sent
    assert SECRET not in outline(MATERIAL)
    shown = clean(f"# Title\n<script>x</script>See [here](https://evil.example) {SECRET}")
    assert shown == "# Title\nxSee here ⟦EMAIL⟧"


@dataclass
class Desk:
    """Errands over a provider that takes batches, under limits that may change."""

    database: Database
    house: House = field(default_factory=House)
    limits: Limits = LIMITS
    errands: Errands = field(init=False)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    desk = Desk(database)
    with served(desk.house) as address:
        async with httpx.AsyncClient() as client:

            def of(_name: str) -> Batches:
                return batches(database, client, address, "openai-chat", desk.limits)

            desk.errands = _errands(database, of)
            yield desk


def _errands(database: Database, of: Callable[[str], Batches]) -> Errands:
    lineups: dict[Purpose, Lineup] = {"draft": Lineup((Named(),)), "summary": Lineup((Named(),))}
    works = (
        Summaries(SummaryStore(database), "Parcel Post"), Gaps(GapStore(database), by_words, "Parcel Post"),
    )  # fmt: skip
    return Errands(database, "w1", of, lineups, works)


async def test_the_night_sums_up_and_drafts_through_batches_on_the_books(desk: Desk) -> None:
    database = desk.database
    conversation = await offered(database, f"Can I pay by invoice? I am {SECRET}", "Yes, from 100 euros on.")
    await offered(database, "Can I pay by invoice please? I am Bob")
    await ConversationStore(database).resolve(conversation)
    await desk.errands.look(at_once=True)
    await desk.errands.look()
    assert len(desk.house.batches) == 2
    prompts = [row["body"]["messages"][-1]["content"] for one in desk.house.batches.values() for row in one["rows"]]
    assert not [text for text in prompts if SECRET in text]
    desk.house.ended = True
    await asyncio.sleep(0.5)
    for _ in range(3):
        await desk.errands.look()
    [gap] = await GapStore(database).listed("w1")
    assert gap["model"] == "large"
    assert gap["draft"].startswith("Answer to")
    calls = await database.read(lambda session: list(session.exec(select(ModelCallRow))))
    assert {call.purpose for call in calls} == {"summary", "draft"}
    rows = await database.read(lambda session: list(session.exec(select(BatchRow))))
    assert [(row.jobs, row.results) for row in rows] == [([], []), ([], [])], "Prompts are not kept any longer."


async def test_the_work_of_a_night_is_begun_once(desk: Desk) -> None:
    for text in ("Can I pay by invoice?", "Can I pay by invoice please?"):
        await offered(desk.database, text)
    await asyncio.gather(*(desk.errands.look() for _ in range(3)))
    await desk.errands.look()
    assert len(desk.house.batches) <= 1
    filed = await desk.database.read(lambda session: list(session.exec(select(GapQuestionRow))))
    assert len(filed) == 2


async def test_a_budget_without_room_begins_nothing_and_loses_nothing(desk: Desk) -> None:
    for text in ("Can I pay by invoice?", "Can I pay by invoice please?"):
        await offered(desk.database, text)
    desk.limits = Limits(workspace_day=0)
    await desk.errands.look(at_once=True)
    assert desk.house.requests == []
    [gap] = await GapStore(desk.database).listed("w1")
    assert (gap["count"], gap["draft"]) == (2, "")
    desk.limits = LIMITS
    await desk.errands.look(at_once=True)
    await desk.errands.look()
    assert len(desk.house.batches) == 1


async def test_a_gap_that_grew_twofold_is_drafted_anew(database: Database) -> None:
    gaps = Gaps(GapStore(database), by_words, "Parcel Post")
    for _ in range(2):
        await offered(database, "Can I pay by invoice?")
    await gaps.jobs("w1", modelled=False)
    assert await gaps.store.undrafted("w1", 9) == []
    for _ in range(2):
        await offered(database, "Can I pay by invoice?", "Yes, from 100 euros on.")
    await gaps.jobs("w1", modelled=False)
    [gap] = await gaps.store.listed("w1")
    assert (gap["count"], "from 100 euros" in gap["draft"]) == (4, True)
