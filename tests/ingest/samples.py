"""One good file of each kind that is read, small enough to be cut, renamed and damaged in every way."""

import io
from functools import cache

import pptx
import xlsxwriter

from tests.ingest.manuscripts import paragraph, word
from tests.ingest.packing import packed
from tests.ingest.papers import Words, pdf

SENTENCE = "A parcel can be sent back within thirty days."
TEXTS = {
    ".md": f"# Returns\n\n{SENTENCE}\n",
    ".html": f"<html><body><main><h1>Returns</h1><p>{SENTENCE}</p></main></body></html>",
    ".txt": f"Returns\n\n{SENTENCE}\n",
    ".csv": f"id,question,answer\n1,Returns,{SENTENCE}\n",
    ".json": f'[{{"id": 1, "title": "Returns", "text": "{SENTENCE}"}}]',
    ".jsonl": f'{{"id": 1, "title": "Returns", "text": "{SENTENCE}"}}\n',
    ".rst": f"Returns\n=======\n\n{SENTENCE}\n",
    ".adoc": f"= Returns\n\n{SENTENCE}\n",
    ".srt": f"1\n00:00:01,000 --> 00:00:04,000\n{SENTENCE}\n",
    ".vtt": f"WEBVTT\n\n00:01.000 --> 00:04.000\n{SENTENCE}\n",
    ".eml": f"From: a@example.com\nSubject: Returns\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n\n{SENTENCE}\n",
}
CHAPTER = f"<html><head><title>Returns</title></head><body><h1>Returns</h1><p>{SENTENCE}</p></body></html>"
CONTAINER = "<container><rootfiles><rootfile full-path='content.opf'/></rootfiles></container>"


@cache
def samples() -> dict[str, bytes]:
    """By the ending of their names."""
    found = {ending: text.encode() for ending, text in TEXTS.items()}
    found[".pdf"] = pdf([[Words("Returns", size=20), Words(SENTENCE, bottom=650)]])
    found[".docx"] = word(paragraph("Returns", style="H1") + paragraph(SENTENCE))
    found[".pptx"], found[".xlsx"] = _slides(), _sheet()
    found[".epub"] = book({"one.xhtml": CHAPTER})
    found[".zip"] = packed({"returns.md": TEXTS[".md"]})
    return found


def book(chapters: dict[str, str], spine: str = "") -> bytes:
    """An EPUB book with these chapters, in this order or in that of a spine."""
    items = "".join(f"<item id='{name}' href='{name}' media-type='application/xhtml+xml'/>" for name in chapters)
    order = spine or "".join(f"<itemref idref='{name}'/>" for name in chapters)
    package = f"<package><metadata/><manifest>{items}</manifest><spine>{order}</spine></package>"
    return packed({"META-INF/container.xml": CONTAINER, "content.opf": package, **chapters})


def _slides() -> bytes:
    made, kept = pptx.Presentation(), io.BytesIO()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "Returns", SENTENCE
    made.save(kept)
    return kept.getvalue()


def _sheet() -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as made:
        sheet = made.add_worksheet("Returns")
        for row, cells in enumerate((("question", "answer"), ("Returns", SENTENCE))):
            sheet.write_row(row, 0, cells)
    return kept.getvalue()
