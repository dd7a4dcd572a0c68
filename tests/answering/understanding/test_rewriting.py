"""Follow-up questions are completed; questions that stand alone are left as they are."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.answering.understanding.leaning import is_follow_up
from app.answering.understanding.rewriting import standalone


@dataclass(frozen=True)
class Said:
    author: str
    text: str


def talk(*questions: str) -> list[Said]:
    return [said for question in questions for said in (Said("customer", question), Said("bot", "So it is. [1]"))]


@pytest.mark.parametrize(
    ("earlier", "question", "complete"),
    [
        ("How do I reset my password?", "and on mobile?", "How do I reset my password on mobile?"),
        ("What does the Pro plan cost?", "What about the Free plan?", "What does the Free plan cost?"),
        ("Can I export conversations?", "How do I do that?", "How do I export conversations?"),
        ("Can I export conversations?", "Does it cost extra?", "Does it cost extra (export conversations)?"),
        (
            "How do I export conversations?",
            "What about contacts?",
            "How do I export conversations? What about contacts?",
        ),
        ("How do I reset my password?", "why?", "Why (reset my password)?"),
        ("How do I reset my password?", "ok, and how long does it take?", "How long does it take (reset my password)?"),
        ("What does the Pro plan cost?", "for teams?", "What does the Pro plan cost for teams?"),
        (
            "How do I keep an article internal?",
            "Who can still see it?",
            "Who can still see it (keep an article internal)?",
        ),
    ],
)
def test_a_follow_up_gets_what_it_leaves_out(earlier: str, question: str, complete: str) -> None:
    assert standalone(question, talk(earlier)) == complete


@pytest.mark.parametrize(
    ("earlier", "question", "complete"),
    [
        (
            "the widget isn't showing up on our site",
            "can I hide the button?",
            "Can I hide the button (the widget isn't showing up on our site)?",
        ),
        (
            "How do I embed the chat widget?",
            "Can I change the colour?",
            "Can I change the colour (embed the chat widget)?",
        ),
        ("How do I upload documents?", "What is the size limit?", "What is the size limit (upload documents)?"),
        (
            "How do I publish a snapshot?",
            "How do I go back to the old one?",
            "How do I go back to the old one (publish a snapshot)?",
        ),
    ],
)
def test_a_part_gets_the_whole_that_was_spoken_of(earlier: str, question: str, complete: str) -> None:
    assert standalone(question, talk(earlier)) == complete


@pytest.mark.parametrize(
    "question",
    [
        "How do I install the widget?",
        "Where is the audit log?",
        "Can I change the language of the bot?",
        "How do I change my password?",
        "How do I set the address for the webhook?",
        "What is the price of the Pro plan?",
    ],
)
def test_another_thing_is_another_topic(question: str) -> None:
    assert standalone(question, talk("How do I set a budget?")) == question


def test_the_topic_is_the_latest_question_that_stood_alone() -> None:
    history = talk("How do I invite an agent?", "How do I reset my password?", "and on mobile?")
    assert standalone("Can I undo that?", history) == "Can I undo that (reset my password)?"


@pytest.mark.parametrize("answer", ["the second one", "2", "the widget", "Reset the widget"])
def test_the_choice_that_we_asked_for_completes_the_question(answer: str) -> None:
    history = [
        Said("customer", "How do I reset?"),
        Said("bot", "Do you mean “Reset your password” or “Reset the widget”?"),
    ]
    assert standalone(answer, history) == "How do I reset (Reset the widget)?"


@pytest.mark.parametrize(
    "question",
    [
        "How do I invite a colleague?",
        "Is it possible to export data?",
        "If I delete an article, can I restore it?",
        "What is a snapshot?",
        "Is there a limit on uploads?",
        "How long does it take to publish a snapshot?",
        "What happens to my data when I delete my account? It has personal files in it.",
    ],
)
def test_a_question_that_stands_alone_stays_as_it_is(question: str) -> None:
    assert standalone(question, talk("How do I reset my password?")) == question


def test_without_a_history_nothing_is_changed() -> None:
    assert standalone("and on mobile?", []) == "and on mobile?"


@pytest.mark.parametrize(("name", "most"), [("feedbackqa", 0.01), ("bitwarden_help", 0.01), ("stackfaq", 0.01)])
def test_real_first_questions_are_hardly_ever_taken_for_follow_ups(shared: Path, name: str, most: float) -> None:
    lines = (shared / f"data/retrieval/{name}/queries.jsonl").read_text(encoding="utf-8").strip().split("\n")
    questions = [json.loads(line)["text"] for line in lines]
    share = sum(map(is_follow_up, questions)) / len(questions)
    print(f"{name}: {share:.3f} of {len(questions)} taken for follow-ups")
    assert share <= most
