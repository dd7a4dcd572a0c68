"""PDF: lines in their reading order, and what pdfium knows of each."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from ingest.opening.layout import Line, markdown, title_of
from ingest.opening.parts import Closed, Part, part

LARGEST_WRITTEN = 0
MOST_PAGES = 2000
SMALLEST = 2.0
"""Points. What is smaller is not there to be read."""
INVISIBLE = 3
NO_TEXT = "There is no text in this PDF. If it is a scan, run text recognition (OCR) over it first."
PROTECTED = "This PDF is protected with a password. Save a copy without one."
DAMAGED = "This PDF is damaged and cannot be opened. Save it anew in the program that made it."


class _Place(NamedTuple):
    first: int
    text: str


def opened(data: bytes, folder: Path) -> list[Part]:
    """The document as Markdown."""
    del folder
    document = _document(data)
    if len(document) > MOST_PAGES:
        raise Closed(f"This PDF has {len(document):,} pages. Split it into files of at most {MOST_PAGES:,} pages.")
    lines = [line for number in range(len(document)) for line in _page(document, number)]
    if not any(line.text for line in lines):
        raise Closed(NO_TEXT)
    told = document.get_metadata_value("Title")
    return [part("markdown", markdown(lines), title_of(told, lines))]


def _document(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise Closed(PROTECTED if locked else DAMAGED) from error


def _page(document: pypdfium2.PdfDocument, number: int) -> list[Line]:
    """The lines of one page. One that cannot be read is left out; invisible text counts where there is no other."""
    try:
        page = document[number]
        words = page.get_textpage()
        seen = [(line, shown) for place in _places(words) for line, shown in _line(words, place, number + 1)]
        page.close()
    except pypdfium2.PdfiumError:
        return []
    return [line for line, shown in seen if shown] or [line for line, _ in seen]


def _places(words: pypdfium2.PdfTextPage) -> Iterator[_Place]:
    """Each line's text, and the character that it begins with."""
    at = 0
    for text in words.get_text_range().split("\r\n"):
        blank = len(text) - len(text.lstrip())
        if text.strip():
            yield _Place(raw.FPDFText_GetCharIndexFromTextIndex(words, at + blank), " ".join(text.split()))
        at += len(text) + 2


def _line(words: pypdfium2.PdfTextPage, place: _Place, number: int) -> Iterator[tuple[Line, bool]]:
    if place.first < 0:
        return
    size = _size(words, place.first)
    left, bottom, _, top = words.get_charbox(place.first, loose=True)
    glyphs = raw.FPDFText_GetTextObject(words, place.first)
    shown = not glyphs or raw.FPDFTextObj_GetTextRenderMode(glyphs) != INVISIBLE
    if size >= SMALLEST:
        yield Line(place.text, number, round(size * 2) / 2, left, bottom, top), shown


def _size(words: pypdfium2.PdfTextPage, index: int) -> float:
    """In points on the page: a font of one point under a matrix that enlarges it is as large as it looks."""
    _, bottom, _, top = words.get_charbox(index, loose=True)
    said = float(raw.FPDFText_GetFontSize(words, index))
    return said if said > SMALLEST else abs(top - bottom)
