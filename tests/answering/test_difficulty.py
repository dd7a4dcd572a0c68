"""How hard a question is, and whom it goes to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.difficulty import SEVERAL, difficulty, route, signs
from app.knowledge.types import Found, Hit, Passage
from app.llm.registry import STRONG_FROM


def hit(document: str, score: float, cosine: float = 0.6) -> Hit:
    return Hit(Passage(document, document, 1, document, "", "", "Text.", 0, 5), score, cosine, 0.5)


CLEAR = Found("s", (hit("A", 0.8), hit("B", 0.3)))
CLOSE = Found("s", (hit("A", 0.8), hit("B", 0.79), hit("C", 0.78)))
QUESTION = "How do I reset my password?"


def test_one_document_that_fits_best_is_plain() -> None:
    assert route(QUESTION, CLEAR)[::2] == ("cheap", "plain question")


def test_documents_that_fit_as_well_are_hard() -> None:
    first, hard, why = route(QUESTION, CLOSE)
    assert (first, hard > STRONG_FROM) == ("strong", True)
    assert why in {"another document fits as well", "spread over documents"}


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("How do I reset it? And what does it cost?", "several questions"),
        ("What is the difference between Free and Pro?", "compares"),
    ],
)
def test_what_needs_several_passages_is_hard(question: str, why: str) -> None:
    assert route(question, CLEAR) == ("strong", SEVERAL, why)


def test_the_admin_picks_the_point() -> None:
    assert route(QUESTION, CLOSE, 1.0)[0] == "cheap"
    assert route(QUESTION, CLEAR, 0.0)[0] == "strong"


@given(st.text(max_size=80), st.lists(st.tuples(st.sampled_from("ABC"), st.floats(0, 1)), max_size=8))
def test_it_is_a_probability_whatever_was_found(question: str, hits: list[tuple[str, float]]) -> None:
    found = Found("s", tuple(hit(document, score) for document, score in sorted(hits, key=lambda one: -one[1])))
    assert 0 <= difficulty(signs(question, found)) <= 1
