"""Two questions ask the same only when nothing that matters lies between them."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.answering.caching.phrasing import normal
from app.answering.caching.sameness import difference

TOPICS = st.sampled_from(
    ["upload documents", "delete my account", "invite Maya", "pay for 3 agents", "export a CSV file"]
)
QUESTIONS = st.sampled_from([
    "How do I upload a document?", "Can agents publish a snapshot?", "Why is my card declined?", "When do you open?",
    "What does the Pro plan cost for 5 agents?", "Does the widget work in Firefox?",
])  # fmt: skip


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_two_texts_can_be_compared_and_it_does_not_matter_which_came_first(one: str, other: str) -> None:
    assert difference(one, other) == difference(other, one)


@given(
    QUESTIONS,
    st.sampled_from(["Hello, ", "please ", "Could you tell me, "]),
    st.sampled_from(["", "??", " please", " thanks!"]),
)
def test_politeness_case_and_marks_do_not_count(question: str, before: str, after: str) -> None:
    assert difference(question, f"{before}{question[0].lower()}{question[1:].rstrip('?')}{after}") == ""


@given(TOPICS, st.sampled_from(["How can I {}?", "how to {}", "I want to {}", "What is the best way to {}?"]))
def test_ways_to_ask_how_are_one(topic: str, form: str) -> None:
    assert difference(f"How do I {topic}?", form.format(topic)) == ""


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(["{} GB", "{} agents", "{} %", "${}", "error {}"]))
def test_another_number_is_another_question(one: int, other: int, form: str) -> None:
    assume(one != other)
    asked = f"Is {form} too much?"
    assert difference(asked.format(one), asked.format(other)) == "number"


@given(QUESTIONS, st.sampled_from(["not", "never", "no longer"]))
def test_a_negation_is_another_question(question: str, denial: str) -> None:
    words = question.split()
    for at in range(1, len(words)):
        assert difference(question, " ".join([*words[:at], denial, *words[at:]])) != ""


@given(
    st.sampled_from(["Firefox", "Maya Lind", "PostgreSQL", "iPhone"]), st.sampled_from(["Safari", "Jonas", "SQLite"])
)
def test_another_name_is_another_question(one: str, other: str) -> None:
    assert difference(f"Does it work with {one}?", f"Does it work with {other}?") in {"name", "words"}


@given(
    st.lists(
        st.sampled_from("agent admin owner draft answer note run key".split()), min_size=2, max_size=4, unique=True
    )
)
def test_exchanged_things_are_another_question(things: list[str]) -> None:
    turned = list(reversed(things))
    assert difference(f"Can an {' see an '.join(things)}?", f"Can an {' see an '.join(turned)}?") != ""


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("How do I turn it on?", "How do I turn it off?", "contrary"),
        ("How do I log in?", "How do I log out?", "words"),
        ("Why can I pay?", "Why can't I pay?", "negation"),
        ("How do I move from A1 to B2?", "How do I move to A1 from B2?", "direction"),
        ("What is my address?", "What is your address?", "whose"),
        ("Must I pay?", "Can I pay?", "asking"),
        ("Was my card charged?", "Will my card be charged?", "asking"),
    ],
)
def test_what_is_told_apart_is_told_why(one: str, other: str, what: str) -> None:
    assert difference(one, other) == what


@given(st.text(max_size=60))
def test_a_spelling_is_as_normal_as_its_own(text: str) -> None:
    assert normal(normal(text)) == normal(text)
