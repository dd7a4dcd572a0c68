"""XLSX: each sheet is a table whose first full row names its columns. Hidden sheets stay hidden."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ingest.opening.container import container
from ingest.opening.parts import Part, part

LARGEST_WRITTEN = 0
FEWEST_NAMES = 2
"""Above a table there often stands a line with its title alone."""


def opened(data: bytes, folder: Path) -> list[Part]:
    """One part for each sheet that holds something."""
    del folder
    container(data, "xl/", "an Excel workbook").close()
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    shown = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    return [made for name in shown for made in _sheet(book, name)]


def _sheet(book: CalamineWorkbook, name: str) -> Iterator[Part]:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    said = [(line, [_said(cell) for cell in row]) for line, row in enumerate(rows, start=1)]
    filled = [(line, cells) for line, cells in said if any(cells)]
    heads = next((place for place, (_, cells) in enumerate(filled) if _names_columns(cells)), 0)
    if len(filled) > heads + 1:
        names = _names(filled[heads][1])
        yield part("rows", {"names": names, "rows": filled[heads + 1 :]}, name=name)


def _names_columns(cells: Sequence[str]) -> bool:
    return sum(bool(cell) for cell in cells) >= FEWEST_NAMES


def _names(cells: Sequence[str]) -> list[str]:
    """A name for every column, and no name twice."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.split()) or f"Column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return names


def _said(cell: Any) -> str:  # noqa: ANN401  # whatever a cell holds
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.strip() if isinstance(cell, str) else str(cell)
