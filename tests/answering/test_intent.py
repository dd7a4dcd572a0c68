"""What a message is, in both directions: what asks for a person or is a threat, and what only sounds like it."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.intent import Intent, read_intent

WISHES = Path(__file__).parent / "wishes"
ASKS_FOR_A_PERSON = (WISHES / "for_a_person.txt").read_text().splitlines()
ORDINARY = (WISHES / "ordinary.txt").read_text().splitlines()
WHO_IS_THERE = (
    "Is this a real person or a robot?",
    "Are you human?",
    "are you an agent or a chatbot",
    "Am I talking to a real person or a bot?",
    "am i chatting with ai right now",
    "Who am I talking to?",
    "Is there a human behind this?",
    "Is a real person reading this?",
    "so are you a real person?",
    "Bist du ein Mensch oder ein Bot?",
    "Spreche ich mit einem echten Menschen?",
    "Sind Sie ein Roboter?",
    "are u a bot",
)
TOPICS = ("legal threat", "self-harm", "chargeback", "legal questions")
LEFT_ALONE = (
    ("I will sue you!", "legal threat"),
    ("My lawyer will contact you", "legal threat"),
    ("Can I sue you?", "legal threat"),
    ("The bot told me nonsense and I will call my lawyer. What now?", "legal threat"),
    ("Ich werde Sie verklagen", "legal threat"),
    ("Mein Anwalt meldet sich bei Ihnen", "legal threat"),
    ("How do I file a chargeback?", "chargeback"),
    ("I want my money back or I'll do a chargeback", "chargeback"),
    ("Ist eine Rückbuchung möglich?", "chargeback"),
    ("I have a legal question. What are my options?", "legal questions"),
    ("Does the bot know that I want to kill myself?", "self-harm"),
    ("Ich will nicht mehr leben", "self-harm"),
)
ABOUT_THE_BOT = (
    "Can I stop the bot from answering legal questions?",
    "What happens when a customer threatens to sue?",
    "How do I keep chargebacks away from the bot?",
    "Does the bot talk about lawsuits?",
    "Which words must someone write so that Answerdesk sees a chargeback?",
    "Was macht der Bot, wenn ein Kunde mit dem Anwalt droht?",
    "Kann ich verhindern, dass der Bot etwas zu einer Rückbuchung sagt?",
)
QUICK_S = 0.5


@pytest.mark.parametrize("message", ASKS_FOR_A_PERSON)
def test_this_asks_for_a_person(message: str) -> None:
    assert read_intent(message).wants_person


@pytest.mark.parametrize("message", [*ORDINARY, *WHO_IS_THERE])
def test_this_asks_for_no_person(message: str) -> None:
    assert not read_intent(message).wants_person


@pytest.mark.parametrize("message", WHO_IS_THERE)
def test_who_asks_what_we_are_is_told(message: str) -> None:
    assert read_intent(message) == Intent(small_talk="identity")


@pytest.mark.parametrize(
    "message",
    ["the answer you gave me was wrong", "Your answer is completely wrong", "You are wrong"],
)
def test_this_says_that_we_did_not_help(message: str) -> None:
    assert read_intent(message).failed


@pytest.mark.parametrize(
    "message", ["What happens if the answer is wrong?", "How do I know whether an answer was wrong?"]
)
def test_to_ask_about_wrong_answers_is_no_complaint(message: str) -> None:
    assert not read_intent(message).failed


@pytest.mark.parametrize("message", ["Is this a bug?", "Is this AI generated?", "Are you open on Sunday?"])
def test_not_every_question_about_this_is_about_us(message: str) -> None:
    assert read_intent(message) == Intent()


@pytest.mark.parametrize(("message", "topic"), LEFT_ALONE)
def test_this_is_left_to_a_person(message: str, topic: str) -> None:
    assert read_intent(message, TOPICS).topic == topic


@pytest.mark.parametrize("message", ABOUT_THE_BOT)
def test_to_ask_how_the_bot_treats_a_topic_is_an_ordinary_question(message: str) -> None:
    assert read_intent(message, TOPICS) == Intent()


@pytest.mark.parametrize(
    ("message", "kind"),
    [("Guten Tag!", "greeting"), ("Vielen Dank für die Hilfe!", "thanks"), ("Danke", "thanks"), ("Tschüss", "goodbye")],
)
def test_small_talk_is_heard_in_german(message: str, kind: str) -> None:
    assert read_intent(message).small_talk == kind


WORDS = st.sampled_from(
    "i we want to talk a real human person bot the is are you can please ich will mit einem menschen , . ?".split()
)


@given(st.lists(WORDS, max_size=400).map(" ".join))
def test_reading_is_quick_whatever_is_repeated(message: str) -> None:
    began = time.perf_counter()
    read_intent(message, TOPICS)
    assert time.perf_counter() - began < QUICK_S
