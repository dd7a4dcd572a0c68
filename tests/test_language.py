"""Blocks, sentences, words and stems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language import LONGEST_BEGINNING, beginning, blocks, content_words, numbers, sentences, stem

PAGE = """# Reset it

Open the console and choose **Settings**, then
click *Security*. You get a mail, e.g. from us. It works in the U.S. market. [1][2] Next.

1. Open Settings. Then go
   on.
- bullet

| a | b. c |
|---|---|
```bash
echo 1. 2

ls
```
Name: X
Phone: Y
> quoted
> on
"""


def test_a_page_has_blocks_of_these_kinds() -> None:
    kinds = [block.kind for block in blocks(PAGE)]
    assert kinds == ["heading", "paragraph", "item", "item", "table", "code", "paragraph", "quote"]


def test_sentences_end_where_a_reader_sees_them_end() -> None:
    assert [span.text for span in sentences(PAGE)] == [
        "# Reset it",
        "Open the console and choose **Settings**, then\nclick *Security*.",
        "You get a mail, e.g. from us.",
        "It works in the U.S. market. [1][2]",
        "Next.",
        "1. Open Settings.",
        "Then go\n   on.",
        "- bullet",
        "| a | b. c |",
        "|---|---|",
        "```bash\necho 1. 2\n\nls\n```",
        "Name: X",
        "Phone: Y",
        "> quoted",
        "> on",
    ]


@given(st.text(alphabet="aA1. !?\n-*|`#>[]e.g。", max_size=200))
def test_spans_are_exact_in_order_and_lose_no_letter(text: str) -> None:
    spans = sentences(text)
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert "".join("".join(span.text.split()) for span in spans) == "".join(text.split())


@pytest.mark.parametrize(
    "family",
    [
        "use uses used using",
        "delete deletes deleted deleting deletion",
        "copy copies copied copying",
        "run runs running",
        "migrate migrates migration migrations",
        "expire expires expired",
        "setting settings",
        "manual manually",
        "box boxes",
        "invite invites inviting",
    ],
)
def test_forms_of_a_word_share_their_stem(family: str) -> None:
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize(("one", "other"), [("status", "state"), ("bring", "brought"), ("policy", "police")])
def test_other_words_do_not(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_content_words_leave_out_what_carries_no_meaning() -> None:
    assert content_words("How do I invite the agents?") == ["invit", "agent"]


def test_numbers_are_one_whatever_their_separators() -> None:
    assert numbers("10,000 rows, 14:30 on 2024-05-01") == {"10000", "14:30", "2024-05-01"}


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("How do I become a seller?", "How do I become a seller?"),
        ("# Refunds\n\nThey take five days.", "Refunds"),
        (" \n* Fish oil \n", "Fish oil"),
        ("", ""),
    ],
)
def test_a_text_is_called_by_its_first_line(text: str, called: str) -> None:
    assert beginning(text) == called


@given(st.text(st.sampled_from("ab 。é"), min_size=LONGEST_BEGINNING + 1))
def test_a_long_line_is_cut_between_words(text: str) -> None:
    called = beginning(f"x{text}y")
    assert len(called) <= LONGEST_BEGINNING + 1
    assert called.endswith("…")
    assert f"x{text}y".startswith(called[:-1])
