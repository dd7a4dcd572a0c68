"""Word, PowerPoint and Excel files, made here, and what is said of those that cannot be read."""

import io
from collections.abc import Callable
from pathlib import Path

import pptx
import pytest
import xlsxwriter

from app.knowledge.readings import Reading
from ingest.loaders import Refused, Unreadable, load
from tests.ingest.manuscripts import paragraph, word
from tests.ingest.packing import packed


def show(fill: Callable[[pptx.presentation.Presentation], None]) -> bytes:
    made, kept = pptx.Presentation(), io.BytesIO()
    fill(made)
    made.save(kept)
    return kept.getvalue()


def book(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as made:
        fill(made)
    return kept.getvalue()


def test_a_word_document_keeps_headings_and_tables() -> None:
    cells = "".join(
        f"<w:tr><w:tc>{paragraph(a)}</w:tc><w:tc>{paragraph(b)}</w:tc></w:tr>" for a, b in [("P", "Q"), ("1", "2")]
    )
    body = (
        paragraph("Refunds", style="H1")
        + paragraph("In 30 days.")
        + paragraph("How", style="H2")
        + f"<w:tbl>{cells}</w:tbl>"
    )
    assert load("a/refunds.docx", word(body)) == [
        Reading(
            "a/refunds.docx",
            "Refunds",
            "# Refunds\n\nIn 30 days.\n\n## How\n\n| P | Q |\n| --- | --- |\n| 1 | 2 |",
        )
    ]


def test_slides_are_sections_in_their_order() -> None:
    def fill(made: pptx.presentation.Presentation) -> None:
        made.core_properties.title = "Onboarding"
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = "Plans"
        slide.placeholders[1].text_frame.text = "Free\nPro"
        slide.notes_slide.notes_text_frame.text = "Pro is new."
        table = made.slides.add_slide(made.slide_layouts[6]).shapes.add_table(2, 2, 0, 0, 100, 100).table
        for place, text in enumerate(["Plan", "Price", "Pro", "2|0"]):
            table.cell(place // 2, place % 2).text = text
        hidden = made.slides.add_slide(made.slide_layouts[5])
        hidden.shapes.title.text = "Not yet"
        hidden.element.set("show", "0")

    assert load("x.pptx", show(fill)) == [
        Reading(
            "x.pptx",
            "Onboarding",
            "## Plans (slide 1)\n\n- Free\n- Pro\n\nNotes: Pro is new.\n\n## Slide 2\n\n"
            "| Plan | Price |\n| --- | --- |\n| Pro | 2\\|0 |",
        )
    ]


def test_rows_of_sheets_are_records_with_the_names_of_their_columns() -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        prices = made.add_worksheet("Prices")
        for line, row in enumerate(
            [["Our prices"], [], ["Plan", "Price", "Price"], ["Pro", 20, 1.5], ["Free", 0, True]]
        ):
            prices.write_row(line, 0, row)
        answers = made.add_worksheet("Answers")
        for line, row in enumerate([["id", "question", "answer"], [7, "How?", "So."], [8, "Why?", ""]]):
            answers.write_row(line, 0, row)
        made.add_worksheet("Empty")
        secret = made.add_worksheet("Secret")
        secret.write_row(0, 0, ["a", "b"])
        secret.write_row(1, 0, ["c", "d"])
        secret.hide()

    prices, answer, refused = load("prices.xlsx", book(fill))
    assert prices == Reading(
        "prices.xlsx#Prices",
        "Prices: Prices",
        "## Pro\n\n- Plan: Pro\n- Price: 20\n- Price (3): 1.5\n\n## Free\n\n- Plan: Free\n- Price: 0\n- Price (3): yes",
    )
    assert isinstance(answer, Reading)
    assert (answer.external_id, answer.title, answer.text) == ("prices.xlsx#Answers#7", "How?", "So.")
    assert refused == Refused("prices.xlsx#Answers#3", "The row on line 3 has no text.")


LAUGHS = "<!DOCTYPE a [<!ENTITY a '{}'>{}]>".format(
    "ha" * 100, "".join(f"<!ENTITY {b} '{f'&{a};' * 20}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.docx", b"\xd0\xcf\x11\xe0 old", "has a password or an old format"),
        ("a.docx", b"%PDF-1.7", "says an Office document, but it is a PDF document"),
        ("a.docx", b"PK\x03\x04 no archive", "damaged"),
        ("a.docx", packed({"xl/workbook.xml": "<x/>"}), "says a Word document, but it is another kind"),
        ("a.xlsx", packed({"word/document.xml": "<x/>"}), "says an Excel workbook, but"),
        ("a.pptx", packed({"word/document.xml": "<x/>"}), "says a PowerPoint presentation, but"),
        ("a.docx", packed({"word/document.xml": "<broken"}), "damaged"),
        ("a.xlsx", packed({"xl/workbook.xml": "<broken"}), "damaged"),
        ("a.pptx", packed({"ppt/presentation.xml": "<broken"}), "damaged"),
        ("a.docx", word(""), "no text"),
        ("a.docx", word(paragraph("&i;"), LAUGHS), "damaged|memory"),
        ("a.docx", packed({"word/document.xml": b"\0" * 20_000_000}), "more than 200 times its size"),
        ("a.xlsx", packed({f"xl/{n}": "" for n in range(2001)}), "holds 2,001 files"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_plain_sentence(name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence) as refusal:
        load(name, data)
    assert refusal.value.detail.endswith(".")


def test_an_external_entity_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary")
    outside = f"<!DOCTYPE a [<!ENTITY x SYSTEM 'file://{tmp_path}/secret'>]>"
    try:
        found = load("a.docx", word(paragraph("Before &x; after."), outside))
    except Unreadable as refusal:
        assert refusal.detail.endswith(".")  # noqa: PT017  # either is right
        return
    assert all(isinstance(one, Reading) and "canary" not in one.text for one in found)
