"""Two questions in one message are told apart; one question stays one."""

import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.answering.understanding.parting import Part, parted

EVALS = Path(__file__).parents[2] / "evals"


def said(message: str) -> list[str]:
    return [part.said for part in parted(message)]


@pytest.mark.parametrize(
    ("message", "questions"),
    [
        ("How do I embed it, what does it cost?", ["How do I embed it?", "What does it cost?"]),
        (
            "how do I embed the widget\nwhat does the API cost",
            ["How do I embed the widget?", "What does the API cost?"],
        ),
        ("1) How do I pay? 2) Where is my invoice?", ["How do I pay?", "Where is my invoice?"]),
        (
            "Two questions: how do I pay and where is my invoice?",
            ["How do I pay?", "Where is my invoice?"],
        ),
        (
            "How do I add a source, how do I publish it and who may do that for me?",
            ["How do I add a source?", "How do I publish it?", "Who may do that for me?"],
        ),
        (
            "Can you tell me how to pay and what it costs?",
            ["Can you tell me how to pay?", "What it costs?"],
        ),
        ("Wie lade ich eine Datei hoch und was kostet das?", ["Wie lade ich eine Datei hoch?", "Was kostet das?"]),
        (
            "Können Sie mir sagen, wie ich das Widget einbinde und was es kostet?",
            ["Können Sie mir sagen, wie ich das Widget einbinde?", "Was es kostet?"],
        ),
        (
            "Hallo! Wie mache ich ein Backup? Und kann ich es zurückspielen?",
            ["Wie mache ich ein Backup?", "Kann ich es zurückspielen?"],
        ),
    ],
)
def test_two_questions_are_told_apart(message: str, questions: list[str]) -> None:
    assert said(message) == questions


@pytest.mark.parametrize(
    "message",
    [
        "How do I export and import my articles?",
        "If I delete an article, can I restore it?",
        "Wenn ich einen Artikel lösche, kann ich ihn wiederherstellen?",
        "Wie exportiere und importiere ich Artikel?",
        "Wo sehe ich, was der Bot kostet und wie oft er antwortet?",
        "Can I upload a PDF or do I have to convert it?",
        "Can I upload a PDF? Or do I have to convert it?",
        "When I publish, what happens and why?",
        "My upload fails. Why is that? Any ideas?",
        "Can you help me? How do I upload a file?",
        "Why does the bot say “How do I pay and what does it cost?”",
        "Hello! How are you? How do I pay?",
        "I have paid and I have waited. The money is gone and nobody answers.",
        "How do I pay? What does it cost? Where is my invoice? Who may see it?",
        "",
        "and and and and",
    ],
)
def test_one_question_stays_one(message: str) -> None:
    assert parted(message) == ()


def test_what_is_no_question_belongs_to_each() -> None:
    parts = parted("Hi there! We use WordPress. How do I embed the widget? And how do I hide the button?")
    around = "We use WordPress."
    assert parts == (Part("How do I embed the widget?", around), Part("How do I hide the button?", around))


def test_the_labelled_questions_are_understood_as_what_they_are() -> None:
    two, one = (_texts(EVALS / f"{name}_questions.jsonl") for name in ("double", "whole"))
    assert [text for text in two if len(parted(text)) != 2] == []
    assert [text for text in [*one, *_texts(EVALS / "questions.jsonl")] if parted(text)] == []


@pytest.mark.parametrize(("name", "most"), [("feedbackqa", 0.02), ("bitwarden_help", 0.02), ("stackfaq", 0.002)])
def test_real_questions_are_seldom_split(shared: Path, name: str, most: float) -> None:
    texts = _texts(shared / f"data/retrieval/{name}/queries.jsonl")
    split = [text for text in texts if parted(text)]
    print(f"{name}: {len(split)} of {len(texts)} are split, such as")
    for text in random.Random(1).sample(split, min(10, len(split))):  # noqa: S311  # a sample to read
        print(f"  {said(text)}")
    assert len(split) <= most * len(texts)


@settings(deadline=None)
@given(
    st.text(max_size=300) | st.lists(st.sampled_from("how do I and , what ? was ist und it cost".split())).map(" ".join)
)
def test_any_text_is_split_into_two_or_three_or_not_at_all(text: str) -> None:
    assert len(parted(text)) in (0, 2, 3)
    assert all(part.said.strip(" ?") for part in parted(text))


def test_a_message_as_long_as_may_be_is_understood_at_once() -> None:
    began = time.monotonic()
    for message in ("and how do I pay " * 235, "how, do I " * 400, "and " * 1000, "how do I pay? " * 280):
        parted(message[:4000])
        parted(message[:1200])
    assert time.monotonic() - began < 2


def _texts(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").strip().split("\n")]
