"""CSV, with a line of names first."""

import csv
import io
from collections.abc import Iterator

from app.knowledge.readings import Reading
from ingest.loaders.refusal import Refused, Unreadable
from ingest.loaders.rows import Row, documents

SEPARATORS = ",;\t|"
SAMPLE = 8192


def load(name: str, text: str) -> Iterator[Reading | Refused]:
    """The rows, separated by whatever separates the names."""
    return documents(name, _rows(text.lstrip("\ufeff").replace("\0", "")))


def _rows(text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        names = [cell.strip() for cell in next(reader, [])]
        if len(set(names)) < len(names):
            raise Unreadable("Two columns of this table have the same name.")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Row(reader.line_num, dict(zip(names, cells, strict=False)))
    except csv.Error as error:
        raise Unreadable(f"This table is damaged at line {reader.line_num}: {error}.") from error


def _separator(text: str) -> str:
    first = text[:SAMPLE].split("\n", 1)[0]
    return max(SEPARATORS, key=first.count)
