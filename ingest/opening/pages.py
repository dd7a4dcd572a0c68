"""PDF: lines in their reading order, and what pdfium knows of each."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from ingest.loaders.hiding import HIDDEN, MOST_FLAGS, Flag, flag, worth_telling
from ingest.opening.ground import Ground
from ingest.opening.layout import Line, markdown, title_of
from ingest.opening.parts import Closed, Part, part

LARGEST_WRITTEN = 0
MOST_PAGES = 2000
SMALLEST = 2.0
"""Points. What is smaller is not there to be read."""
NO_TEXT = "There is no text in this PDF. If it is a scan, run text recognition (OCR) over it first."
UNSEEN = "All the text in this PDF is hidden from its reader, so nothing of it was read. Save a copy that shows it."
PROTECTED = "This PDF is protected with a password. Save a copy without one."
DAMAGED = "This PDF is damaged and cannot be opened. Save it anew in the program that made it."


class _Place(NamedTuple):
    first: int
    text: str


class _Page(NamedTuple):
    seen: list[Line]
    hidden: list[Line]


def opened(data: bytes, folder: Path) -> list[Part]:
    """The document as Markdown."""
    del folder
    document = _document(data)
    if len(document) > MOST_PAGES:
        raise Closed(f"This PDF has {len(document):,} pages. Split it into files of at most {MOST_PAGES:,} pages.")
    pages = [_page(document, number) for number in range(len(document))]
    lines = [line for page in pages for line in page.seen]
    if not any(line.text for line in lines):
        raise Closed(UNSEEN if any(page.hidden for page in pages) else NO_TEXT)
    told = document.get_metadata_value("Title")
    return [part("markdown", markdown(lines), title_of(told, lines), flags=_flags(pages))]


def _flags(pages: Sequence[_Page]) -> list[Flag]:
    texts = [(page.hidden[0].page, " ".join(line.text for line in page.hidden)) for page in pages if page.hidden]
    return [flag(HIDDEN, f"page {number}", text) for number, text in texts if worth_telling(text)][:MOST_FLAGS]


def _document(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise Closed(PROTECTED if locked else DAMAGED) from error


def _page(document: pypdfium2.PdfDocument, number: int) -> _Page:
    """The lines of one page; one that cannot be read has none. Unseen text over a picture is what OCR found there."""
    try:
        page = document[number]
        words = page.get_textpage()
        ground = Ground(page)
        told = [(line, shown) for place in _places(words) for line, shown in _line(words, place, number + 1, ground)]
        scanned = ground.pictured and not any(shown for _, shown in told)
        page.close()
    except pypdfium2.PdfiumError:
        return _Page([], [])
    if scanned:
        return _Page([line for line, _ in told if line.size >= SMALLEST], [])
    return _Page([line for line, shown in told if shown], [line for line, shown in told if not shown])


def _places(words: pypdfium2.PdfTextPage) -> Iterator[_Place]:
    """Each line's text, and the character that it begins with."""
    at = 0
    for text in words.get_text_range().split("\r\n"):
        blank = len(text) - len(text.lstrip())
        if text.strip():
            yield _Place(raw.FPDFText_GetCharIndexFromTextIndex(words, at + blank), " ".join(text.split()))
        at += len(text) + 2


def _line(words: pypdfium2.PdfTextPage, place: _Place, number: int, ground: Ground) -> Iterator[tuple[Line, bool]]:
    if place.first < 0:
        return
    size = _size(words, place.first)
    left, bottom, right, top = words.get_charbox(place.first, loose=True)
    glyphs = raw.FPDFText_GetTextObject(words, place.first)
    shown = not glyphs or ground.shows(glyphs, (left + right) / 2, (bottom + top) / 2)
    yield Line(place.text, number, round(size * 2) / 2, left, bottom, top), shown and size >= SMALLEST


def _size(words: pypdfium2.PdfTextPage, index: int) -> float:
    """In points on the page: a font of one point under a matrix that enlarges it is as large as it looks."""
    _, bottom, _, top = words.get_charbox(index, loose=True)
    said = float(raw.FPDFText_GetFontSize(words, index))
    return said if said > SMALLEST else abs(top - bottom)
