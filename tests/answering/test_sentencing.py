"""Cutting a stream into sentences, and joining the shown ones."""

import re
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.answering.sentencing import Cutter, Sentence, joint

ANSWER = """Open the console. [1] Then click **Save**[2]. It costs $5.00, e.g. in the U.S. market.[1][2] Next one!

Follow these steps:
1. Open Settings. Then wait. [1]
2. Click Save [2]
   - a nested one [1]

| Plan | Users |
|------|-------|
| Free | 5 [1] |

```bash
make run. Twice

make test
```

## Later
The last one"""
MARKDOWN = st.lists(
    st.sampled_from(
        [*"aA1.!?:\n \n*-|`[]()#>", "[1]", " [2]", "\n\n", "e.g. ", "1. ", "- ", "```", "| a |\n", "Word ", "你好。"]
    ),
    max_size=60,
).map("".join)


def assemble(sentences: Iterable[Sentence]) -> str:
    return "".join(joint(before, one) + one.text for before, one in pairwise([None, *sentences]) if one)


def cut(*pieces: str) -> list[Sentence]:
    cutter = Cutter()
    return [sentence for piece in pieces for sentence in cutter.feed(piece)] + cutter.flush()


def texts(*pieces: str) -> list[str]:
    return [sentence.text for sentence in cut(*pieces)]


def test_an_answer_is_cut_into_its_sentences_items_and_blocks() -> None:
    assert texts(ANSWER) == [
        "Open the console. [1]",
        "Then click **Save**[2].",
        "It costs $5.00, e.g. in the U.S. market.[1][2]",
        "Next one!",
        "Follow these steps:",
        "1. Open Settings. Then wait. [1]",
        "2. Click Save [2]",
        "   - a nested one [1]",
        "| Plan | Users |\n|------|-------|\n| Free | 5 [1] |",
        "```bash\nmake run. Twice\n\nmake test\n```",
        "## Later",
        "The last one",
    ]


def test_a_sentence_comes_as_soon_as_the_next_begins() -> None:
    cutter = Cutter()
    assert cutter.feed("Open the console. ") == []
    assert cutter.feed("[1") == []
    assert cutter.feed("] T")[0].text == "Open the console. [1]"


def test_a_marker_that_comes_late_stays_with_its_sentence() -> None:
    assert texts("It is free.", " ", "[", "1", "]", " ", "Try it.") == ["It is free. [1]", "Try it."]


def test_a_list_item_that_goes_on_after_a_full_stop_is_one_sentence() -> None:
    assert texts("1. Open it. Then close", " it. [1]\n2. Done.") == ["1. Open it. Then close it. [1]", "2. Done."]


def test_a_line_that_an_editor_wrapped_is_no_new_sentence() -> None:
    wrapped = "An upload of many documents may take a few minutes, because\neach of them is embedded."
    assert texts(wrapped) == [wrapped]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=200))
def test_the_pieces_of_the_stream_do_not_matter(sizes: list[int]) -> None:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(ANSWER[at : at + size])
        at += size
    assert cut(*pieces, ANSWER[at:]) == cut(ANSWER)


@given(MARKDOWN, st.integers(1, 5))
@example("a.\n[1] b", 1)
def test_no_word_is_lost_or_doubled(text: str, size: int) -> None:
    whole = assemble(cut(*(text[at : at + size] for at in range(0, len(text), size))))
    assert re.sub(r"\s", "", whole) == re.sub(r"\s", "", text)


def test_the_assembled_answer_reads_as_it_was_written() -> None:
    whole = assemble(cut(ANSWER))
    assert "1. Open Settings. Then wait. [1]\n2. Click Save [2]\n   - a nested one [1]\n\n| Plan" in whole
    assert "market.[1][2] Next one!\n\nFollow these steps:\n\n1. Open" in whole


def test_what_was_dropped_in_the_middle_does_not_glue_its_neighbours() -> None:
    first, _, third = cut("One.\n\nTwo.\n\nThree.")
    assert assemble([first, third]) == "One.\n\nThree."


@pytest.mark.parametrize(
    ("before", "after", "between"),
    [
        (None, Sentence("a"), ""),
        (Sentence("a."), Sentence("b"), " "),
        (Sentence("你好。"), Sentence("b"), ""),
        (Sentence("a", line=0), Sentence("b", line=1), "\n"),
        (Sentence("a", block=0, line=0), Sentence("b", block=1, line=0), "\n\n"),
    ],
)
def test_what_stands_between_two_sentences(before: Sentence | None, after: Sentence, between: str) -> None:
    assert joint(before, after) == between
