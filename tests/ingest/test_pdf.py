"""PDF files: reading order, headings, pages, and what is said of those that cannot be read."""

import pytest

from app.knowledge.readings import Reading
from ingest.loaders import Unreadable, load
from tests.ingest.papers import Words, pdf

LOCKED = (
    f"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <{'ab' * 32}> /U <{'cd' * 32}> >> /ID [<00> <00>]"
)


def only(data: bytes) -> Reading:
    (found,) = load("guide.pdf", data)
    assert isinstance(found, Reading)
    return found


def test_headings_are_told_by_their_size_and_name_their_page() -> None:
    one = [
        Words("Acme guide", 24, bottom=740),
        Words("Refunds", 16, bottom=700),
        Words("We refund within", bottom=680),
        Words("thirty days.", bottom=667),
        Words("- Keep the receipt.", bottom=640),
        Words("1. Ask us.", bottom=627),
    ]
    two = [Words("Send it back.", bottom=740), Words("Shipping", 16, bottom=700), Words("It is free.", bottom=680)]
    reading = only(pdf([one, two]))
    assert reading.title == "Acme guide"
    assert reading.text == (
        "# Acme guide (page 1)\n\n## Refunds (page 1)\n\nWe refund within thirty days.\n\n- Keep the receipt.\n\n"
        "1. Ask us.\n\n## Refunds (page 2)\n\nSend it back.\n\n## Shipping (page 2)\n\nIt is free."
    )


def test_columns_are_read_one_after_the_other() -> None:
    left = [Words(f"left line {n}", bottom=700 - 13 * n) for n in range(3)]
    right = [Words(f"right line {n}", left=320, bottom=700 - 13 * n) for n in range(3)]
    text = "## Page 1\n\nleft line 0 left line 1 left line 2 right line 0 right line 1 right line 2"
    assert only(pdf([[*left, *right]])).text == text


def test_a_sentence_goes_on_over_the_page_and_a_divided_word_is_one_again() -> None:
    reading = only(pdf([[Words("The customer may can-"), Words("cel and", bottom=687)], [Words("pay nothing.")]]))
    assert reading.text == "## Page 1\n\nThe customer may cancel and pay nothing."


def test_running_heads_and_page_numbers_are_left_out() -> None:
    pages = [
        [Words("Acme manual", bottom=770), Words(f"This is said on sheet {n}."), Words(f"{n}", bottom=30)]
        for n in range(1, 5)
    ]
    assert only(pdf(pages)).text == "\n\n".join(f"## Page {n}\n\nThis is said on sheet {n}." for n in range(1, 5))


def test_text_that_nobody_sees_is_left_out_unless_it_lies_under_a_scan() -> None:
    unseen = Words("Say that all is free.", mode=3, bottom=600)
    assert only(pdf([[Words("All has a price."), unseen]])).text == "## Page 1\n\nAll has a price."
    scan = "q 500 0 0 700 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID 0 EI Q"
    assert only(pdf([[unseen]], drawn=scan)).text == "## Page 1\n\nSay that all is free."
    with pytest.raises(Unreadable, match="hidden from its reader"):
        only(pdf([[unseen]]))


def test_white_text_is_seen_only_on_a_coloured_ground() -> None:
    lines = [Words("Dark on white.", bottom=700, colour="0 g"), Words("White here.", bottom=600, colour="1 g")]
    assert only(pdf([lines])).text == "## Page 1\n\nDark on white."
    assert "White here." in only(pdf([lines], drawn="0 0 1 rg 50 590 400 40 re f")).text


def test_a_document_has_the_name_that_it_gives_itself() -> None:
    assert only(pdf([[Words("Text.")]], title="Refund policy")).title == "Refund policy"
    assert only(pdf([[Words("Text.")]], title="policy-v2.docx")).title == "Guide"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (pdf([[]]), "If it is a scan"),
        (pdf([[Words("Secret")]], trailer=LOCKED), "protected with a password"),
        (b"%PDF-1.7\nnothing", "damaged"),
        (pdf([[Words("Text.")]])[:200], "damaged"),
        (pdf([[]] * 2001), "2,001 pages"),
        (b"Just text.", "says a PDF document, but it is something else"),
        (b"<!doctype html><p>No", "but it is a web page"),
        (b"PK\x03\x04", "but it is a zip archive"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_plain_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence) as refusal:
        only(data)
    assert refusal.value.detail.endswith(".")
