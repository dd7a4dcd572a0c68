"""The log of a run as a file: CSV for a spreadsheet, JSON Lines for a program."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

Row = dict[str, Any]
COLUMNS = ("name", "outcome", "detail", "remedy", "flags")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Kind(NamedTuple):
    """How such a file begins, and how each row is written."""

    media_type: str
    head: str
    line: Callable[[Row], str]


async def lines(pages: AsyncIterator[list[Row]], kind: Kind) -> AsyncIterator[bytes]:
    """The file, page by page."""
    yield kind.head.encode()
    async for rows in pages:
        yield "".join(kind.line(row) for row in rows).encode()


def _object(row: Row) -> str:
    return json.dumps({name: row[name] for name in COLUMNS}, ensure_ascii=False) + "\n"


def _cells(row: Row) -> str:
    flags = "; ".join(f"{flag['kind']} ({flag['place']}): {flag['quote']}" for flag in row["flags"])
    written = io.StringIO()
    csv.writer(written).writerow([_inert(cell) for cell in (*(row[name] for name in COLUMNS[:-1]), flags)])
    return written.getvalue()


def _inert(cell: str) -> str:
    """A spreadsheet takes what begins like a formula for one; a file's name comes from a stranger."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


CSV = Kind("text/csv; charset=utf-8", "\ufeff" + ",".join(COLUMNS) + "\r\n", _cells)
JSONL = Kind("application/jsonl; charset=utf-8", "", _object)
