"""What was said before is searched along where a question leans on it, and nowhere else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.understanding.completing import Completion
from app.answering.understanding.context import blended, talk
from app.answering.understanding.finding import DEEP, understand
from app.answering.understanding.rewriting import leans
from app.conversations.types import Begun, Utterance
from app.knowledge.types import Found, Hit, Passage
from tests.answering.understanding.searching import hits, passage

VAN = passage("van", "Holla Van", "Cancelling a van costs 7 euros once a driver has accepted.")
CAR = passage("car", "Cancelling", "Cancelling a car costs 3.50 euros.")
LOST = passage("lost", "Lost things", "Write to the driver within a day.")
BEFORE = (
    Utterance("customer", "how long can I cancel a ride without paying?"),
    Utterance("bot", "Within two minutes of a driver accepting it is free. " + "After that it costs something. " * 9),
)


@pytest.mark.parametrize(
    "question",
    [
        "and with the van?",
        "ok good. we might have to fetch my sister on the way though, does it stay like that then?",
        "which of those two is the cheaper",
        "no I meant the longer one",
        "that's the wrong thing sorry. I mean the tables, orders and customers",
        "phew. and the next time?",
        "My card expired. What happens to it?",
    ],
)
def test_a_question_leans_on_what_was_said(question: str) -> None:
    assert leans(question, BEFORE)
    assert not leans(question, ())


@pytest.mark.parametrize(
    "question",
    [
        "How do I change my phone number?",
        "Is it possible to pay in cash?",
        "How do I stop an answer while it is being written?",
        "Where does the red scooter stand when its battery is empty?",
        "My driver was rude to my daughter yesterday.",
        "Wie ändere ich meine Telefonnummer?",
    ],
)
def test_a_question_of_its_own_does_not_lean(question: str) -> None:
    assert not leans(question, BEFORE)


def test_the_choice_between_two_says_all_that_is_meant() -> None:
    asked = Utterance("bot", "Do you mean “Cancelling a car” or “Cancelling a van”?")
    assert not leans("the second one", (*BEFORE, asked))


def test_the_talk_has_the_newest_first_and_of_our_answers_the_beginning() -> None:
    question, answer, earlier = talk("and with the van?", BEFORE).split("\n")
    assert (question, earlier) == ("and with the van?", BEFORE[0].text)
    assert answer == "Within two minutes of a driver accepting it is free. After that it costs something."


def test_that_we_found_nothing_is_no_part_of_the_talk() -> None:
    nothing = Utterance("bot", "I could not find this in our help centre. Would you like to talk to a person?", "offer")
    asked = Utterance("customer", "what does a van cost?")
    assert talk("and a bus?", (*BEFORE, asked, nothing)).split("\n")[1] == asked.text


def test_what_both_searches_find_comes_first_and_keeps_the_better_of_both_scores() -> None:
    alone = Found("s1", (Hit(LOST, 0.5, 0.5, 0.1), Hit(VAN, 0.4, 0.3, 0.2)), 0.7)
    along = Found("s1", (Hit(VAN, 0.6, 0.7, 0.1), Hit(CAR, 0.5, 0.6, 0.1)), 0.2)
    both = blended(alone, along, 3)
    assert [(hit.passage.id, hit.score, hit.cosine, hit.lexical) for hit in both.hits] == [
        ("van", 0.5, 0.7, 0.2),
        ("car", 0.25, 0.6, 0.1),
        ("lost", 0.25, 0.5, 0.1),
    ]
    assert (both.coverage, both.vector) == (0.7, None)


@given(st.lists(st.sampled_from([VAN, CAR, LOST]), unique_by=lambda one: one.id), st.integers(1, 5))
def test_a_blend_with_itself_changes_no_order(found: list[Passage], most: int) -> None:
    alone = hits(*found)
    assert [one.passage for one in blended(alone, alone, most).hits] == found[:most]


async def _searched(question: str, complete: Completion | None = None) -> list[tuple[str, int]]:
    asked = list[tuple[str, int]]()

    async def search(workspace_id: str, question: str, k: int = 8) -> Found:
        asked.append((question, k))
        return replace(hits(VAN if "two minutes" in question else LOST), snapshot_id="s1")

    begun = Begun("w1", "c1", "m1", "t1", None, (), question, BEFORE)
    understood = await understand(begun, search, complete or Completion())
    assert understood.parts[0].said == question
    return asked


async def test_a_follow_up_is_searched_alone_and_along_with_the_talk() -> None:
    alone, along = await _searched("and with the van?")
    assert (alone[1], along[1]) == (DEEP, DEEP)
    assert BEFORE[0].text in along[0]
    assert "two minutes" not in alone[0]


async def test_a_new_question_is_searched_once_as_it_is() -> None:
    assert await _searched("How do I change my phone number?") == [("How do I change my phone number?", 8)]


async def test_what_a_model_completed_is_searched_once() -> None:
    class Knows(Completion):
        async def __call__(self, begun: Begun) -> str:
            return "What does cancelling a Holla Van cost?"

    assert await _searched("and with the van?", Knows()) == [("What does cancelling a Holla Van cost?", 8)]


async def test_both_searches_look_into_one_snapshot() -> None:
    seen = list[str]()

    async def search(workspace_id: str, question: str, k: int = 8) -> Found:
        seen.append(question)
        return replace(hits(VAN), snapshot_id="old" if len(seen) == 1 else "new")

    begun = Begun("w1", "c1", "m1", "t1", None, (), "and with the van?", BEFORE)
    understood = await understand(begun, search, Completion())
    assert understood.found.snapshot_id == "new"
    assert len(seen) == 4
