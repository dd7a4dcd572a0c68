"""PPTX: each slide is a section with its title, its text from top to bottom, its tables and its notes."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pptx
from pptx.enum.shapes import MSO_SHAPE_TYPE

from ingest.opening.container import container
from ingest.opening.offstage import without_unseen
from ingest.opening.parts import Part, part

LARGEST_WRITTEN = 0


def opened(data: bytes, folder: Path) -> list[Part]:
    """All slides that are shown, as one document."""
    del folder
    container(data, "ppt/", "a PowerPoint presentation").close()
    show = pptx.Presentation(io.BytesIO(data))
    flags = without_unseen(show)
    shown = [(number, slide) for number, slide in enumerate(show.slides, start=1) if _shown(slide)]
    text = "\n\n".join(block for number, slide in shown for block in _slide(number, slide))
    return [part("markdown", text, show.core_properties.title or "", flags=flags)]


def _shown(slide: Any) -> bool:  # noqa: ANN401  # python-pptx knows it as an element
    return slide.element.get("show") not in ("0", "false")


def _slide(number: int, slide: Any) -> Iterator[str]:  # noqa: ANN401  # python-pptx's
    title = slide.shapes.title
    name = _line(title.text_frame.text) if title is not None else ""
    blocks = [block for shape in _in_order(slide.shapes) if shape != title for block in _shape(shape)]
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None and notes.text.strip():
        blocks.append(f"Notes: {_line(notes.text)}")
    if name or blocks:
        yield f"## {name} (slide {number})" if name else f"## Slide {number}"
        yield from blocks


def _in_order(shapes: Iterable[Any]) -> list[Any]:
    return sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))


def _shape(shape: Any) -> Iterator[str]:  # noqa: ANN401  # python-pptx's
    if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
        for inside in _in_order(shape.shapes):
            yield from _shape(inside)
    elif shape.has_table:
        yield "\n".join(_table([[_line(cell.text) for cell in row.cells] for row in shape.table.rows]))
    elif shape.has_text_frame:
        yield from _text(shape)


def _text(shape: Any) -> Iterator[str]:  # noqa: ANN401  # python-pptx's
    """Several paragraphs in a shape are the points of a list."""
    said = [(one.level, _line(one.text)) for one in shape.text_frame.paragraphs]
    said = [(level, text) for level, text in said if text]
    if len(said) == 1:
        yield said[0][1]
    elif said:
        yield "\n".join(f"{'  ' * level}- {text}" for level, text in said)


def _table(rows: list[list[str]]) -> Iterator[str]:
    for place, row in enumerate(rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
        if place == 0:
            yield f"|{' --- |' * len(row)}"


def _line(text: str) -> str:
    return " ".join(text.split())
