"""Messages of several questions as whole turns: each is searched, answered or said to be missing, and decided."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import SQLModel

from app.answering.caching.cache import AnswerCache
from app.answering.caching.memory import CacheMemory
from app.answering.caching.store import CacheStore
from app.answering.deciding.basis import Basis, Checked
from app.answering.deciding.outcomes import PART_MISSING, conclude, raw_score
from app.answering.deciding.rules import Rules
from app.answering.decision import Signals
from app.answering.understanding.finding import Sought, Understood, joined, look_up, understand
from app.conversations.tables import TurnRow
from app.conversations.types import Begun, Utterance
from app.database import Database, open_database
from app.knowledge.types import Found
from tests.answering.understanding.searching import Events, House, Says, hits, passage

EMBED = passage("embed", "Embed the widget", "To embed the widget, add one script tag to your pages.")
COST = passage("cost", "What the widget costs", "The widget costs nothing on your site.")
HIDE = passage("hide", "Hide the button", "Set the launcher to hidden to hide the button of the widget.")
SHELVES = {"cost": hits(COST, EMBED), "hide": hits(HIDE, EMBED), "embed": hits(EMBED, HIDE)}
ANSWERED = "To embed the widget, add one script tag to your pages. [1] The widget costs nothing on your site. [2]"
BOTH = "How do I embed the widget and how much does it cost?"
HALF = "How do I embed the widget and how do I boil an egg?"


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(f"sqlite:///{tmp_path}/several.db")
    await database.write(lambda session: SQLModel.metadata.create_all(session.connection()))
    yield database
    await database.close()


def end(events: Events) -> dict[str, Any]:
    [last] = [data for name, data in events if name in {"answer.completed", "turn.failed"}]
    return last


def text_of(events: Events) -> str:
    return str(end(events)["message"]["text"])


async def record(database: Database) -> dict[str, Any]:
    rows = await database.read(lambda session: [one.record for one in session.execute(select(TurnRow)).scalars()])
    return dict(rows[-1] or {})


async def test_both_questions_are_searched_and_answered_in_order(opened: Database) -> None:
    house = House(opened, SHELVES)
    events = await house.ask(BOTH)
    assert house.searched == ["How do I embed the widget?", "How much does it cost (embed the widget)?"]
    text = text_of(events)
    assert text.index("add one script tag") < text.index("As for your second question:") < text.index("costs nothing")
    [found] = [data["passages"] for name, data in events if name == "sources.found"]
    assert [one["title"] for one in found] == ["Embed the widget", "What the widget costs", "Hide the button"]
    assert {one["title"] for one in end(events)["citations"]} >= {"Embed the widget", "What the widget costs"}
    assert "nothing in our help" not in text


async def test_a_model_reads_the_passages_of_both_and_is_asked_both_in_order(opened: Database) -> None:
    writer = Says(ANSWERED)
    events = await House(opened, SHELVES, (writer,)).ask(BOTH)
    [prompt] = writer.asked
    assert [one.title for one in prompt.excerpts] == ["Embed the widget", "What the widget costs", "Hide the button"]
    asked = prompt.turns[-1].text.rpartition("The customer's questions, each to be answered, in this order:\n")[2]
    assert asked == "1. How do I embed the widget?\n2. How much does it cost (embed the widget)?"
    assert end(events)["decision"] in {"answer", "caveat"}
    assert "nothing in our help" not in text_of(events)


async def test_what_is_not_found_is_said_and_a_person_is_offered_for_it(opened: Database) -> None:
    events = await House(opened, SHELVES).ask(HALF)
    done, text = end(events), text_of(events)
    assert (done["decision"], done["offers_person"]) == ("caveat", True)
    assert "add one script tag" in text
    assert "I found nothing in our help centre about “How do I boil an egg?”." in text
    assert text.endswith("Would you like to talk to a person about that?")
    assert [name for name, _ in events][-1] == "handoff.offered"


async def test_it_is_said_in_the_language_of_the_conversation(opened: Database) -> None:
    text = text_of(await House(opened, SHELVES).ask(HALF, locale="de"))
    assert "Zu „How do I boil an egg?“ habe ich in unserem Hilfebereich nichts gefunden." in text


async def test_a_model_that_answers_one_question_leaves_the_other_missing(opened: Database) -> None:
    half = Says("To embed the widget, add one script tag to your pages. [1]")
    events = await House(opened, SHELVES, (half,)).ask("How do I embed the widget? How do I hide the launcher?")
    assert "I found nothing in our help centre about “How do I hide the launcher?”." in text_of(events)


async def test_what_declines_one_question_does_not_take_the_answer_to_the_other_away(opened: Database) -> None:
    half = Says(f"I could not find any information on hiding. {ANSWERED}")
    events = await House(opened, SHELVES, (half,)).ask("How do I hide the launcher? How do I embed the widget?")
    assert end(events)["decision"] == "caveat"
    assert "add one script tag" in text_of(events)


async def test_when_nothing_is_found_for_any_a_person_is_offered_as_ever(opened: Database) -> None:
    events = await House(opened, SHELVES).ask("How do I boil an egg and what does a flight take?")
    assert end(events)["decision"] == "offer"
    assert "Would you like to talk to a person?" in text_of(events)


async def test_yes_accepts_the_person_who_was_offered_for_the_rest(opened: Database) -> None:
    assert end(await House(opened, SHELVES).ask(HALF, "yes please"))["decision"] == "escalate"


async def test_the_record_holds_the_parts_and_the_decision_comes_out_again(opened: Database) -> None:
    for message in (BOTH, HALF, "How do I embed the widget?"):
        await House(opened, SHELVES).ask(message)
        kept = await record(opened)
        basis = Basis.of(kept["basis"])
        again = conclude(basis, Rules()).json()
        assert {name: again[name] for name in again} == kept["decision"]
        assert len(kept["parts"]) == len(basis.parts) == (0 if message.startswith("How do I embed the widget?") else 2)


def test_a_record_from_before_there_were_parts_is_read_as_it_was() -> None:
    said = (Checked(True, 1.0, "verbatim"),)
    stored = Basis(signals=Signals(cosine=0.8), written=True, found=True, sentences=said).json()
    old = {name: value for name, value in stored.items() if name != "parts"}
    old["sentences"] = [{name: value for name, value in one.items() if name != "parts"} for one in old["sentences"]]
    assert Basis.of(old) == Basis.of(stored)
    assert conclude(Basis.of(old), Rules()) == conclude(Basis.of(stored), Rules())


@settings(deadline=None)
@given(
    cosines=st.lists(st.floats(0.2, 1.0), min_size=2, max_size=3),
    sentences=st.lists(
        st.tuples(st.booleans(), st.floats(0.4, 1.0), st.sets(st.integers(0, 2), min_size=1)), min_size=1, max_size=6
    ),
)
def test_a_message_is_no_surer_than_its_least_sure_shown_part(
    cosines: list[float], sentences: list[tuple[bool, float, set[int]]]
) -> None:
    parts = tuple(Signals(cosine=one, lexical=one, coverage=one, agreement=one, known=one) for one in cosines)
    said = tuple(Checked(kept, score, "supported", parts=tuple(sorted(of))) for kept, score, of in sentences)
    basis = Basis(signals=max(parts, key=lambda one: one.cosine), found=True, written=True, sentences=said, parts=parts)
    for place in set(range(len(parts))) - set(basis.missing):
        own = tuple(replace(one, parts=()) for one in said if place in one.parts)
        assert raw_score(basis) <= raw_score(replace(basis, signals=parts[place], sentences=own, parts=())) + 1e-9
    decided = conclude(basis, Rules(try_from=0.0))
    assert not (decided.name == "answer" and basis.missing)


def test_a_missing_part_is_a_caveat_of_its_own() -> None:
    sure = Signals(cosine=0.9, gap=0.4, lexical=0.9, coverage=1.0, agreement=1.0, known=1.0, length=1.4)
    said = (Checked(True, 1.0, "verbatim", parts=(0,)),)
    basis = Basis(signals=sure, found=True, written=True, parts=(sure, Signals()), sentences=said)
    assert (conclude(basis, Rules()).name, conclude(basis, Rules()).reason) == ("caveat", PART_MISSING)


async def test_the_same_message_is_answered_from_the_cache_and_a_half_of_it_is_not(opened: Database) -> None:
    writer = Says(ANSWERED)
    cache = AnswerCache(CacheMemory(CacheStore(opened)), 0.8, 0.0)
    house = House(opened, SHELVES, (writer,), Rules(answer_from=0.01, caveat_from=0.005, try_from=0.001), cache)
    first = await house.ask(BOTH)
    assert end(first)["decision"] == "answer"
    again = await house.ask(BOTH)
    assert text_of(again) == text_of(first)
    assert len(writer.asked) == 1
    await house.ask("How do I embed the widget?")
    assert len(writer.asked) == 2


async def test_hits_are_joined_in_turns_and_nothing_stands_there_twice() -> None:
    one, other = hits(EMBED, COST), hits(COST, HIDE, EMBED)
    assert [hit.passage.id for hit in joined([one, other]).hits] == ["embed", "cost", "hide"]
    understood = Understood((Sought("a", "a", one), Sought("b", "b", other)), (0, 1))
    assert understood.numbers == [(1, 2), (2, 3, 1)]


async def test_two_searches_see_one_snapshot() -> None:
    seen: list[str] = []

    async def search(workspace_id: str, question: str, k: int = 8) -> Found:
        seen.append(question)
        return replace(hits(EMBED), snapshot_id="old" if len(seen) == 1 else "new")

    understood = await look_up("w1", "How do I embed it? What does the API cost?", search)
    assert {one.found.snapshot_id for one in understood.parts} == {"new"}
    assert len(seen) == 4


async def test_a_later_question_is_completed_by_those_before_it_and_by_what_was_said_around_them() -> None:
    async def search(workspace_id: str, question: str, k: int = 8) -> Found:
        return hits(EMBED)

    async def complete(begun: Begun) -> str:
        earlier = [one.text for one in begun.history if one.author == "customer"]
        return f"{begun.question} <- {earlier[-1]}" if earlier else begun.question

    message = "We use WordPress. How do I embed the widget? And can I hide it?"
    begun = Begun("w1", "c1", "m1", "t1", None, (), message)
    understood = await understand(begun, search, complete)
    assert [one.question for one in understood.parts] == [
        "We use WordPress. How do I embed the widget?",
        "We use WordPress. Can I hide it? <- How do I embed the widget?",
    ]
    later = replace(begun, question="Can I hide it?", history=(Utterance("customer", "How do I embed the widget?"),))
    [alone] = (await understand(later, search, complete)).parts
    assert alone.said == "Can I hide it?"
