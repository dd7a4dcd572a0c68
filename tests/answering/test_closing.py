"""What the product itself says at the end of a turn."""

import pytest

from app.answering.deciding.outcomes import Decision
from app.answering.recording import closing
from app.answering.tongues import tongue_of
from app.answering.understanding.rewriting import standalone
from app.answering.wording import ENGLISH, GERMAN, Wording
from app.conversations.types import Utterance

NOTHING = Decision("offer", 0.01, "nothing found")
TWO = Decision("clarify", 0.3, "two readings", choices=("Reset your password", "Reset the widget"))


def test_who_says_that_an_answer_was_wrong_is_not_told_that_nothing_was_found() -> None:
    assert closing(NOTHING, ENGLISH, failed=True) == ENGLISH.did_not_help
    assert closing(NOTHING, ENGLISH) == ENGLISH.not_found


@pytest.mark.parametrize("words", [ENGLISH, GERMAN])
@pytest.mark.parametrize("after", [False, True])
def test_what_was_asked_back_is_understood_when_it_is_chosen(words: Wording, *, after: bool) -> None:
    asked = closing(TWO, words, after=after)
    history = (Utterance("customer", "How do I reset it?"), Utterance("bot", asked))
    assert "Reset the widget" in standalone("Reset the widget", history)
    assert "Reset your password" in standalone("the first", history)


@pytest.mark.parametrize(
    ("question", "tongue"),
    [
        ("Wie kann ich mein Gespräch herunterladen?", "de"),
        ("Comment puis-je télécharger ma conversation ?", ""),
        ("How do I download my conversation?", ""),
    ],
)
def test_german_is_told_apart(question: str, tongue: str) -> None:
    assert tongue_of(question) == tongue
