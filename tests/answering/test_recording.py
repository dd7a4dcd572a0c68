"""What a turn leaves behind of its sentences and passages, for whoever looks into its decision."""

from typing import Any

from app.answering.deciding.outcomes import Decision
from app.answering.evidence import Evidence
from app.answering.recording import record
from app.answering.sentencing import Sentence
from app.answering.understanding.finding import Sought, Understood
from app.answering.writing import Answer
from app.conversations.types import Begun
from app.knowledge.types import Found, Hit, Passage, Reading
from app.safety.links import Hosts
from app.safety.redaction import redact

TEXT = "You get a mail within 14 days. Only admins can export rows."
PASSAGE = Passage("p1", "d1", 1, "Passwords", "", "Account", TEXT, 0, len(TEXT))
QUESTION = "When do I get the mail?"
BEGUN = Begun("w", "c", "m", "t", None, (), QUESTION)
DECISION = Decision("caveat", 0.4, "not sure")


def answer() -> Answer:
    return Answer("t", Evidence.of([PASSAGE]), Hosts.of([]), redact(QUESTION))


def recorded(answer: Answer, part: str, *hits: Hit) -> list[dict[str, Any]]:
    told: Any = record(BEGUN, Understood((Sought(QUESTION, QUESTION, Found("s", hits)),)), answer, DECISION)
    return list(told[part])


def test_a_sentence_that_was_kept_back_is_recorded_without_personal_data() -> None:
    said = answer()
    said.new_hand("luna")
    assert said.take(Sentence("You get a mail within 14 days. [1]"))
    assert said.take(Sentence("Write to ada@example.com within 90 days. [1]")) is None
    kept, dropped = recorded(said, "verdicts")
    assert (kept["text"], kept["kept"], kept["counts"]) == ("You get a mail within 14 days. [1]", True, True)
    assert (dropped["text"], dropped["kept"]) == ("Write to ⟦EMAIL⟧ within 90 days. [1]", False)


def test_what_an_earlier_writer_said_in_vain_does_not_count() -> None:
    said = answer()
    for model in ("luna", "sonnet"):
        said.new_hand(model)
        said.take(Sentence("It takes 90 days. [1]"))
    assert [one["counts"] for one in recorded(said, "verdicts")] == [False, True]
    assert len(said.standing) == 1


def test_a_passage_is_recorded_with_each_score() -> None:
    hits = (Hit(PASSAGE, 0.51234, 0.6, 0.3, Reading(0.9, 0.7)), Hit(PASSAGE, 0.4, 0.5, 0.2))
    first, second = recorded(answer(), "hits", *hits)
    assert first == {"passage_id": "p1", "score": 0.5123, "cosine": 0.6, "lexical": 0.3, "answers": 0.7}
    assert second == {"passage_id": "p1", "score": 0.4, "cosine": 0.5, "lexical": 0.2}
