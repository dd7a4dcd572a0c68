import re

from hypothesis import given, settings
from hypothesis import strategies as st

from app.knowledge.embedding.hashing import HashEmbedder
from app.knowledge.types import DocumentVersion
from app.language import beginning
from ingest.outline import outline
from ingest.passages import cuttings_of
from ingest.split import Piece, Window, embedded_text, split

COUNT = HashEmbedder().count_tokens
WINDOW = Window(40, COUNT)
LINES = st.sampled_from(
    [
        "# Title",
        "## Part",
        "### Detail",
        "Some words of a sentence. And another one!",
        "1. Open the page",
        "   and wait",
        "- A point",
        "| a | b |",
        "```",
        "To do it:",
        "",
        "",
        "word " * 60,
        "é日本語 " * 30,
        "x" * 300,
    ]
)


@settings(max_examples=200)
@given(st.lists(LINES, max_size=25).map("\n".join))
def test_pieces_are_stretches_of_the_text_in_order_that_lose_nothing(text: str) -> None:
    pieces = split("Title", text, WINDOW)
    ends = [0, *(piece.end for piece in pieces)]
    for piece, before in zip(pieces, ends, strict=False):
        assert before <= piece.start < piece.end <= len(text)
        assert text[piece.start : piece.end].strip()
    between = "\n".join(
        text[end:start] for end, start in zip(ends, [*(p.start for p in pieces), len(text)], strict=True)
    )
    assert re.sub(r"^\s*#.*$", "", between, flags=re.MULTILINE).strip() == ""


@settings(max_examples=200)
@given(st.lists(LINES, max_size=25).map("\n".join))
def test_the_embedder_reads_every_piece_to_its_end(text: str) -> None:
    for piece in split("Title", text, WINDOW):
        assert COUNT(embedded_text("Title", piece.heading, text[piece.start : piece.end])) <= WINDOW.tokens


@settings(max_examples=100)
@given(st.text(max_size=500))
def test_any_text_can_be_split(text: str) -> None:
    for piece in split("", text, WINDOW):
        assert text[piece.start : piece.end]


def test_a_section_that_fits_is_one_passage_under_its_path() -> None:
    text = (
        "# Guide\n\nIntro.\n\n## Install\n\n"
        + "Install it with care. " * 6
        + "\n\n### Linux\n\n"
        + "Use the shell now. " * 6
    )
    said = [(piece.heading, text[piece.start :][:7]) for piece in split("Guide", text, WINDOW)]
    assert said == [("", "Intro.\n"), ("Install", "Install"), ("Install › Linux", "Use the")]


def test_steps_stay_together_with_the_line_that_introduces_them() -> None:
    steps = "To reset it:\n\n1. Open Settings.\n2. Choose Reset.\n3. Wait for the mail."
    text = (
        "# A\n\n" + "Words about the matter here. " * 8 + "\n\n" + steps + "\n\n" + "More words follow after this. " * 8
    )
    assert any(steps in piece for piece in _texts(text))


def test_a_long_list_is_cut_between_items() -> None:
    items = [f"- Item {number} says some words\n  and goes on here" for number in range(12)]
    for piece in _texts("\n".join(items)):
        assert piece.startswith("- Item")
        assert piece.endswith("goes on here")


def test_a_long_paragraph_is_cut_between_sentences_into_even_parts() -> None:
    text = " ".join(f"Sentence number {number} has seven words here." for number in range(12))
    pieces = _texts(text)
    assert all(piece.endswith(".") for piece in pieces)
    assert max(map(len, pieces)) < 2 * min(map(len, pieces))


def test_tiny_sections_under_one_heading_are_put_together() -> None:
    text = "# Words\n\n## Bot\n\nA program.\n\n## Agent\n\nA person.\n\n# Other\n\n## Else\n\nA thing."
    assert _texts(text) == ["## Bot\n\nA program.\n\n## Agent\n\nA person.", "A thing."]


def test_a_heading_in_code_is_none() -> None:
    text = "# A\n\n```\n# a comment\n```\n\nAfter."
    assert [section.path for section in outline(text) if section.blocks] == [("A",)]


def test_a_title_is_not_repeated_in_the_path() -> None:
    assert split("Guide", "# guide\n\nText.", WINDOW) == [Piece("", 9, 14)]
    assert split("Other", "# guide\n\nText.", WINDOW) == [Piece("guide", 9, 14)]


def test_the_embedded_text_says_where_it_stands() -> None:
    assert embedded_text("Guide", "Install › Linux", "Do it.") == "Guide › Install › Linux\nDo it."
    assert embedded_text("", "", "Do it.") == "Do it."


def test_a_title_that_only_repeats_the_beginning_is_not_read_twice() -> None:
    assert embedded_text("Do it.", "", "Do it.") == "Do it."
    assert embedded_text("Do it.", "Install", "Do it.") == "Install\nDo it."
    long = "Open the console, choose the settings and click on security, then wait until we send you a mail."
    assert embedded_text(beginning(long), "", long) == long
    assert embedded_text("Security", "", long) == f"Security\n{long}"


def test_the_middle_of_a_very_long_path_is_left_out() -> None:
    text = embedded_text("Beginning " + "word " * 200, "The end", "Do it.")
    assert len(text) < 420
    assert text.startswith("Beginning")
    assert text.endswith("The end\nDo it.")


def _texts(text: str) -> list[str]:
    return [text[piece.start : piece.end] for piece in split("Title", text, WINDOW)]


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=25).map("\n".join), st.integers(0, 20), st.booleans())
def test_what_is_read_along_comes_from_next_door_and_fits(text: str, overlap: int, neighbours: bool) -> None:  # drawn
    window = Window(40, COUNT, overlap, neighbours, whole=80)
    version = DocumentVersion("d", 1, "Title", "", text)
    pieces = cuttings_of(version, window)
    assert [(one.start, one.end) for one in pieces] == [(one.start, one.end) for one in split("Title", text, WINDOW)]
    for one in pieces:
        assert COUNT(embedded_text("Title", one.heading, text[one.start : one.end], one.added)) <= 80
        assert one.added == "" or overlap or neighbours


def test_the_end_of_the_passage_before_is_read_along_under_the_same_heading_only() -> None:
    text = "## A\n\n" + "One is here. " * 6 + "\n\n" + "Two is here. " * 6 + "\n\n## B\n\n" + "Three is here. " * 8
    version = DocumentVersion("d", 1, "Title", "", text)
    added = [one.added for one in cuttings_of(version, Window(30, COUNT, overlap=8))]
    assert added[0] == ""
    assert "One is here." in added[1]
    assert "Two is here." not in added[-1]
