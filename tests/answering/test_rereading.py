"""Where the words alone do not settle whether a passage carries a claim, a reader is asked."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.events import AnswerSentence
from app.answering.evidence import Evidence
from app.answering.grounding import Verdict, check
from app.answering.premise import ROOM, premise
from app.answering.sentencing import Sentence
from app.answering.statements import read
from app.answering.writing import Answer, write
from app.errors import Unavailable
from app.knowledge.reranking import ClaimReader
from app.knowledge.types import Passage
from app.llm.types import Options, Prompt
from app.safety.links import Hosts
from app.safety.redaction import redact
from tests.doubles import Double

PARCELS = "Parcels leave our store on the day of the order. You get a mail within 14 days. Shoes cannot be exchanged."
SHOPS = "Our shop in Halle opens at 9. On Sundays it stays closed."


@dataclass
class Believes:
    """Holds every claim for this likely."""

    chance: float
    asked: list[tuple[str, str]] = field(default_factory=list)

    def supports(self, claim: str, said: str) -> float:
        self.asked.append((claim, said))
        return self.chance


class Broken:
    """Cannot read."""

    def supports(self, claim: str, said: str) -> float:
        raise Unavailable("The reader is broken.")


def judged(text: str, reader: ClaimReader | None) -> Verdict:
    passages = [passage("Parcels", PARCELS), passage("Shops", SHOPS)]
    return check(Sentence(f"{text} [1]"), Evidence.of(passages, (), reader), Hosts.of([]))


def passage(title: str, text: str) -> Passage:
    return Passage(title, title, 1, title, "", "", text, 0, len(text))


OTHER_WORDS = "We hand your parcel to the courier straight away on the day that you order."
SAME_WORDS = "You get parcels within 14 days of the order."


def test_a_claim_in_other_words_is_shown_when_the_reader_is_sure_and_cites_what_is_nearest() -> None:
    assert judged(OTHER_WORDS, None).reason == "unsupported"
    verdict = judged(OTHER_WORDS, Believes(0.97))
    assert (verdict.kept, verdict.reason, verdict.score) == (True, "reworded", 0.97)
    assert [one.quote for one in verdict.citations] == ["Parcels leave our store on the day of the order."]
    assert not judged(OTHER_WORDS, Believes(0.6)).kept


def test_a_claim_in_the_same_words_is_not_shown_when_the_reader_is_sure_that_it_does_not_follow() -> None:
    assert judged(SAME_WORDS, None).kept
    verdict = judged(SAME_WORDS, Believes(0.02))
    assert (verdict.kept, verdict.reason) == (False, "doubted")
    assert judged(SAME_WORDS, Believes(0.5)).reason == "supported"


def test_what_is_shown_on_a_readers_word_is_read_beside_the_passage_that_it_cites() -> None:
    kept, doubted = Believes(0.97), Believes(0.02)
    judged(OTHER_WORDS, kept)
    judged(SAME_WORDS, doubted)
    assert [said for _, said in kept.asked] == [f"Parcels: {PARCELS}"]
    assert [said for _, said in doubted.asked] == [f"Parcels: {PARCELS} Shops: {SHOPS}"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("We tell you by post inside a period of 15 days.", "number"),
        ("The Dresden branch serves customers from nine on.", "name"),
        ("It is fine to have shoes exchanged for others.", "negation"),
        ("This service does not exist and never did.", "unsupported"),
        ("We never keep a customer waiting for the courier.", "unsupported"),
    ],
)
def test_no_reader_speaks_against_a_number_a_name_or_a_negation(said: str, reason: str) -> None:
    assert judged(said, Believes(1.0)).reason == reason


@pytest.mark.parametrize("said", ["You get a mail within 14 days.", "You will get a mail within just 14 days."])
def test_copies_are_not_read(said: str) -> None:
    reader = Believes(0.0)
    assert judged(said, reader).kept
    assert reader.asked == []


@pytest.mark.parametrize("said", [OTHER_WORDS, SAME_WORDS])
def test_with_a_broken_reader_the_words_decide(said: str) -> None:
    assert judged(said, Broken()).reason == judged(said, None).reason


class Slow:
    """Takes its time."""

    def supports(self, claim: str, said: str) -> float:
        time.sleep(0.3)
        return 0.97


async def test_while_a_sentence_is_read_other_turns_go_on() -> None:
    answer = Answer("t", Evidence.of([passage("Parcels", PARCELS)], (), Slow()), Hosts.of([]), redact("When?"))
    writer, prompt = Double("writer", lambda _: f"{OTHER_WORDS} [1]"), Prompt("", (), "When?")
    writing = asyncio.create_task(collected(write(writer, prompt, Options(), answer)))
    went_on = 0
    while not writing.done():
        await asyncio.sleep(0.01)
        went_on += 1
    assert [fact.text for fact in await writing] == [f"{OTHER_WORDS} [1]"]
    assert went_on > 10


async def collected(facts: AsyncIterator[AnswerSentence]) -> list[AnswerSentence]:
    return [fact async for fact in facts]


def test_the_reader_sees_the_nearest_sentences_under_their_titles_in_reading_order() -> None:
    seen = premise(
        read("It opens on Sundays in Halle"), Evidence.of([passage("Parcels", PARCELS), passage("Shops", SHOPS)])
    )
    assert seen == f"Parcels: {PARCELS} Shops: {SHOPS}"
    long = passage("Long", " ".join(f"Sentence {number} says little about it." for number in range(60)))
    seen = premise(read("It opens on Sundays in Halle"), Evidence.of([long, passage("Shops", SHOPS)]))
    assert seen.endswith(f"Shops: {SHOPS}")
    assert len(seen.split()) <= ROOM + 2


@given(st.lists(st.text(max_size=400), max_size=4), st.text(max_size=200))
def test_any_text_has_a_premise_of_bounded_length(texts: list[str], claim: str) -> None:
    evidence = Evidence.of([passage(str(number), text) for number, text in enumerate(texts)])
    said = [len(line.statement.sequence) for lines in evidence.lines for line in lines]
    seen = premise(read(claim), evidence)
    assert len(read(seen).sequence) <= max([ROOM, *said]) + 10 * len(texts)
    assert bool(seen) == bool(said)
