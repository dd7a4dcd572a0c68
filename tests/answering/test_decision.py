"""When the bot answers, asks back, offers a person or hands over."""

from dataclasses import replace

import pytest

from app.answering.deciding.basis import Basis, Checked, rivals
from app.answering.deciding.outcomes import before_writing, conclude, may_show, p_correct
from app.answering.deciding.rules import Rules
from app.answering.decision import Signals, p_answerable, signals
from app.answering.intent import Intent, read_intent
from app.answering.judging import Reason
from app.knowledge.types import Found, Hit, Passage

RULES = Rules(never_auto=("legal threat", "self-harm", "data breach notice"))
SURE = Signals(cosine=0.8, gap=0.2, lexical=0.8, coverage=1.0, agreement=1.0, known=1.0, length=1.6)
UNSURE = Signals(cosine=0.4, gap=0.05, lexical=0.3, coverage=0.6, agreement=0.6, known=0.8, length=1.1)
STRANGE = Signals(cosine=0.1, gap=0.02, lexical=0.3, coverage=0.0, agreement=0.4, known=0.0, length=1.6)


def verdict(reason: Reason = "verbatim", score: float = 1.0, kind: str = "paragraph") -> Checked:
    return Checked(kept=reason in ("verbatim", "supported", "courtesy"), score=score, reason=reason, kind=kind)


def written(
    measured: Signals,
    *sentences: Checked,
    refused: bool = False,
    rivals: tuple[str, ...] = (),
    asked_back: bool = False,
) -> Basis:
    basis = Basis(measured, found=True, written=True, sentences=sentences, rivals=rivals)
    return replace(basis, refused=refused, asked_back=asked_back)


def hit(title: str, score: float, cosine: float = 0.6, lexical: float = 0.5, document: str = "") -> Hit:
    passage = Passage(title, document or title, 1, title, "", "", f"{title} is explained here.", 0, 10)
    return Hit(passage, score, cosine, lexical)


def found(*hits: Hit) -> Found:
    return Found("s", hits, 0.9)


def test_supported_sentences_of_a_likely_question_are_an_answer() -> None:
    decision = conclude(written(SURE, verdict(), verdict("courtesy")), RULES)
    assert (decision.name, decision.reason, decision.policy_version) == ("answer", "confident", "policy-0")
    assert decision.components["kept"] == 1


def test_an_unlikely_question_gets_an_answer_with_a_caveat() -> None:
    assert conclude(written(UNSURE, verdict()), RULES).name == "caveat"


def test_a_review_day_that_has_passed_is_a_caveat_and_no_part_of_the_probability() -> None:
    fresh = written(SURE, verdict())
    late = replace(fresh, overdue=("2026-01-31", "2026-03-01"))
    decision = conclude(Basis.of(late.json()), RULES)
    assert (decision.name, decision.reason, decision.components["review_due"]) == (
        "caveat", "review overdue", "2026-01-31",
    )  # fmt: skip
    assert decision.probability == conclude(fresh, RULES).probability


def test_without_a_supported_sentence_a_person_is_offered() -> None:
    assert conclude(written(SURE, verdict("unsupported", 0.1)), RULES).reason == "no supported sentence"
    assert conclude(written(SURE), RULES).name == "offer"
    assert conclude(written(SURE, verdict(), refused=True), RULES).name == "offer"


def test_a_strange_question_is_never_an_answer() -> None:
    assert p_answerable(STRANGE) < RULES.try_from
    assert not may_show(Basis(STRANGE), RULES)
    assert conclude(written(STRANGE, verdict()), RULES).name == "offer"


def test_dropped_sentences_lower_the_probability() -> None:
    whole = p_correct(0.6, [verdict(), verdict()], refused=False)
    assert p_correct(0.6, [verdict(), verdict("number", 0.4)], refused=False) < whole


def test_two_readings_of_a_short_question_are_asked_about() -> None:
    both = found(hit("Reset your password", 0.50), hit("Reset the widget", 0.49))
    two = rivals(both)
    decision = conclude(written(UNSURE, verdict(), rivals=two), RULES)
    assert (decision.name, decision.choices) == ("clarify", ("Reset your password", "Reset the widget"))
    assert conclude(written(SURE, verdict(), rivals=two), RULES).name == "answer"
    assert conclude(written(UNSURE, verdict(), rivals=two, asked_back=True), RULES).name == "caveat"


@pytest.mark.parametrize(
    ("intent", "name", "reason"),
    [
        (Intent(wants_person=True), "escalate", "asked for a person"),
        (Intent(topic="legal threat"), "escalate", "never-auto: legal threat"),
        (Intent(angry=True), "offer", "upset"),
        (Intent(small_talk="thanks"), "answer", "thanks"),
    ],
)
def test_rules_decide_before_any_model_is_asked(intent: Intent, name: str, reason: str) -> None:
    decision = before_writing(Basis(SURE, intent, found=True), RULES)
    assert decision is not None
    assert (decision.name, decision.reason) == (name, reason)


def test_what_failed_twice_is_not_tried_a_third_time() -> None:
    decision = before_writing(Basis(SURE, Intent(failed=True), 1, found=True), RULES)
    assert decision is not None
    assert decision.reason == "did not help before"
    assert before_writing(Basis(SURE, Intent(failed=True), found=True), RULES) is None


def test_nothing_found_is_an_offer_and_something_found_is_tried() -> None:
    nothing = before_writing(Basis(SURE), RULES)
    assert nothing is not None
    assert (nothing.name, nothing.reason) == ("offer", "nothing found")
    assert before_writing(Basis(SURE, found=True), RULES) is None


def test_the_signals_are_what_they_say() -> None:
    measured = signals("Reset password?", found(hit("Reset your password", 0.7), hit("Other", 0.3, 0.2, 0.1)))
    assert (measured.cosine, measured.lexical, measured.coverage, measured.known) == (0.6, 0.5, 0.9, 1.0)
    assert measured.gap == pytest.approx(0.4)
    assert signals("Reset password?", found()).cosine == 0


@pytest.mark.parametrize(
    "message",
    [
        "I want to talk to a human",
        "can I speak with someone please",
        "Agent!",
        "connect me to a real person",
        "How do I talk to a person?",
        "get me a manager",
        "I need help from a person",
        "I don't want to talk to a bot",
        "is there someone I can talk to?",
    ],
)
def test_a_person_may_be_asked_for_in_many_ways(message: str) -> None:
    assert read_intent(message).wants_person


@pytest.mark.parametrize(
    "message",
    [
        "How do I hand over a conversation to an agent?",
        "How can customers ask for a person?",
        "Can an agent take over a conversation?",
        "How do I invite a person to my workspace?",
        "What does the bot do while a person holds a conversation?",
        "How do I connect OpenAI?",
    ],
)
def test_a_question_about_people_is_an_ordinary_question(message: str) -> None:
    assert read_intent(message) == Intent()


def test_yes_means_a_person_after_one_was_offered() -> None:
    assert read_intent("Yes, please!", offered=True).wants_person
    assert not read_intent("Yes, please!").wants_person
    assert not read_intent("No thanks", offered=True).wants_person


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Hi!", "greeting"),
        ("hello there, how are you?", "greeting"),
        ("Thanks, that helped!", "thanks"),
        ("ok", "thanks"),
        ("bye", "goodbye"),
        ("Are you a bot?", "identity"),
        ("Hi, how do I reset my password?", ""),
        ("thanks but it still fails", ""),
    ],
)
def test_small_talk_is_small_talk_only_when_nothing_else_is_said(message: str, kind: str) -> None:
    assert read_intent(message).small_talk == kind


@pytest.mark.parametrize(
    ("message", "topic"),
    [
        ("I will sue you, my lawyer is informed", "legal threat"),
        ("I want to kill myself", "self-harm"),
        ("Is this a data breach? I need the notice.", "data breach notice"),
        ("How do I suit up the issue tracker?", ""),
    ],
)
def test_topics_that_the_bot_must_leave_alone(message: str, topic: str) -> None:
    assert read_intent(message, RULES.never_auto).topic == topic


@pytest.mark.parametrize("message", ["This is ridiculous!", "WHY IS NOTHING OF THIS WORKING!"])
def test_anger_is_heard(message: str) -> None:
    assert read_intent(message).angry


@pytest.mark.parametrize("message", ["That didn't help", "it still doesn't work", "I already tried that"])
def test_a_failed_answer_is_heard(message: str) -> None:
    assert read_intent(message).failed
