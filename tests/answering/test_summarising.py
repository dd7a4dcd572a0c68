"""Summaries for agents: from redacted text, in seconds or from what was said, and never with what nobody said."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.summarising import LONGEST, Summariser, extract, hidden, summary_prompt, usable
from app.conversations.store import ConversationStore
from app.conversations.summaries import Said, Summary, SummaryStore, Talk
from app.conversations.types import Event, Utterance
from app.database import Database
from app.llm.errors import ModelError
from app.llm.money.budget import BudgetSpent
from app.llm.types import Model
from tests.answering.writer import Writer

SECRET = "ada@example.com"
TALK = Talk(
    "c1", "w1", "queue", "asked for a person", ("Ada Lovelace",),
    (
        Said("customer", f"I am Ada Lovelace, write to {SECRET}. I was charged 40 euros twice."),
        Said("bot", "Charges appear within 3 days. [1]", "answer"),
        Said("customer", "It is 5 days now. Get me a person."),
    ),
    9,
)  # fmt: skip

WRITTEN = "⟦CUSTOMER_1⟧ was charged 40 euros twice."


def test_personal_data_never_reaches_the_model_and_is_put_back() -> None:
    prompt = summary_prompt(TALK, "Parcel Post")
    sent = prompt.system + prompt.turns[0].text
    assert SECRET not in sent
    assert "Lovelace" not in sent
    assert "⟦EMAIL_1⟧" in sent
    assert hidden(TALK)[1].restore("Write to ⟦EMAIL_1⟧.") == f"Write to {SECRET}."


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Charged 40 euros twice. The bank is 0800-12345.", "Charged 40 euros twice."),
        ("**Charged** twice.\n- See [this](https://evil.example)", "Charged twice. See this"),
        ("<img src=x onerror=alert(1)>Charged twice.", "Charged twice."),
        ("It took 99 days.", ""),
        ("", ""),
    ],
)
def test_only_plain_sentences_whose_numbers_were_said_are_shown(said: str, shown: str) -> None:
    assert usable(said, TALK) == shown


@given(st.text(max_size=3_000))
def test_whatever_a_model_says_is_short_and_has_no_address(text: str) -> None:
    shown = usable(text, TALK)
    assert len(shown) <= LONGEST + 2
    assert "http://" not in shown
    assert "https://" not in shown or not shown.split("https://")[1][:1].strip()


def test_without_a_model_it_is_made_of_what_was_said() -> None:
    made = extract(TALK)
    assert made.kind == "extract"
    assert "charged 40 euros twice" in made.text
    assert "Get me a person." in made.text
    assert "asked for a person" in made.text
    assert SECRET not in made.text


async def _conversation(database: Database) -> str:
    said = [Utterance(one.author, one.text) for one in TALK.said]
    store = ConversationStore(database)
    conversation = await store.open("w1", token_hash="t", token_days=1, customer={"name": "Ada Lovelace"}, history=said)
    await store.request_handoff(conversation, "asked for a person")
    return conversation


@dataclass
class Told:
    events: list[Event] = field(default_factory=list)

    async def __call__(self, _workspace_id: str, _conversation_id: str, events: Sequence[Event]) -> None:
        self.events += events


async def summed_up(database: Database, *models: Model, patience_s: float = 4.0) -> tuple[Summariser, str, Told]:
    told = Told()
    one = Summariser(SummaryStore(database), models, "Parcel Post", told, patience_s)
    conversation = await _conversation(database)
    one.soon("w1", conversation)
    one.soon("w1", conversation)
    await asyncio.gather(*one.running)
    return one, conversation, told


async def test_an_agent_reads_it_with_personal_data_while_the_table_has_marks(database: Database) -> None:
    writer = Writer(WRITTEN)
    one, conversation, told = await summed_up(database, writer)
    shown = await one.shown(conversation)
    assert shown is not None
    assert shown["text"] == "Ada Lovelace was charged 40 euros twice."
    assert (shown["kind"], shown["model"], shown["behind"]) == ("model", "luna", False)
    row = await one.store.latest(conversation)
    assert row is not None
    assert row.text.startswith("⟦CUSTOMER_1⟧")
    assert [(event.name, event.people_only) for event in told.events] == [("summary.updated", True)]
    [(_, options)] = writer.asked
    assert options.payer is not None
    assert (options.payer.purpose, options.payer.conversation_id) == ("summary", conversation)


@pytest.mark.parametrize(
    ("writers", "by"),
    [
        ([], ""),
        ([Writer(WRITTEN, error=BudgetSpent("workspace_day"))], ""),
        ([Writer(WRITTEN, error=ModelError("server", "no")), Writer(WRITTEN, name="second")], "second"),
        ([Writer(WRITTEN, seconds=5)], ""),
        ([Writer(text="It took 99 days.")], ""),
    ],
)
async def test_without_a_model_in_time_or_a_budget_there_is_one_all_the_same(
    database: Database, writers: list[Writer], by: str
) -> None:
    one, conversation, _ = await summed_up(database, *writers, patience_s=0.5)
    shown = await one.shown(conversation)
    assert shown is not None
    assert (shown["kind"], shown["model"]) == ("model" if by else "extract", by)
    assert "Ada Lovelace" in shown["text"]


async def test_a_better_one_replaces_it_and_a_lesser_one_does_not(database: Database) -> None:
    store, conversation = SummaryStore(database), await _conversation(database)
    talk = await store.talk(conversation)
    assert talk is not None
    assert await store.keep(talk, Summary("By a model.", "model", "luna", "summary-1"))
    assert await store.keep(talk, Summary("Made of words.", "extract", "", "summary-1")) == []
    assert await store.keep(replace(talk, upto=talk.upto - 1), Summary("Old.", "model", "luna", "summary-1")) == []
    row = await store.latest(conversation)
    assert row is not None
    assert row.text == "By a model."


async def test_resolved_conversations_without_one_by_a_model_wait_for_the_night(database: Database) -> None:
    store, conversation = SummaryStore(database), await _conversation(database)
    assert await store.unwritten("w1", 10) == []
    await ConversationStore(database).resolve(conversation)
    found = await store.unwritten("w1", 10)
    talk = await store.talk(conversation)
    assert talk is not None
    await store.keep(talk, Summary("By a model.", "model", "luna", "summary-1"))
    assert await store.unwritten("w1", 10) == []
    assert await store.unwritten("w2", 10) == []
    assert found == [conversation]
