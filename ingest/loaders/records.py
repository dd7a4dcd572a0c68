"""JSON Lines: one object a line."""

import json
from collections.abc import Iterator

from app.knowledge.readings import Reading
from ingest.loaders.refusal import Refused
from ingest.loaders.rows import Row, documents


def load(name: str, text: str) -> Iterator[Reading | Refused]:
    """The objects; a line that is none is reported and does not stop the others."""
    return documents(name, _rows(name, text))


def _rows(name: str, text: str) -> Iterator[Row | Refused]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _row(name, number, line)


def _row(name: str, number: int, line: str) -> Row | Refused:
    try:
        value = json.loads(line)
    except ValueError:
        return Refused(f"{name}#{number}", f"Line {number} is not valid JSON.")
    if not isinstance(value, dict):
        return Refused(f"{name}#{number}", f"Line {number} is not a JSON object.")
    return Row(number, value)
