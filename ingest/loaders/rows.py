"""Rows with names and values: those with a text are documents, the others are records."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from app.knowledge.readings import Reading
from app.language import beginning
from ingest.loaders.addresses import web_address
from ingest.loaders.encoding import normal
from ingest.loaders.helpdesk import articles_of, readings_of
from ingest.loaders.plain import title_from
from ingest.loaders.refusal import Refused, Unreadable

MOST_ROWS = 100_000
TEXT = ("text", "answer", "body", "content")
TITLE = ("title", "question", "heading", "subject", "name")
ID = ("id", "key", "slug")
URL = ("url", "link", "href")
LOCALE = ("locale", "lang", "language")
AUDIENCE = ("audience",)
KNOWN = frozenset((*TEXT, *TITLE, *ID, *URL, *LOCALE, *AUDIENCE))


class Row(NamedTuple):
    """A row and the line that it stands on."""

    line: int
    values: Mapping[str, Any]


def documents(name: str, rows: Iterable[Row | Refused]) -> Iterator[Reading | Refused]:
    """One document for each row with a text; the rest become the sections of one document."""
    records: list[Row] = []
    for count, row in enumerate(rows):
        if count >= MOST_ROWS:
            raise Unreadable(f"This file has more than {MOST_ROWS:,} rows. Split it into smaller ones.")
        if isinstance(row, Refused):
            yield row
        elif (articles := articles_of(row.values)) is not None:
            for article in articles:
                yield from readings_of(article)
        elif any(key.lower() in TEXT for key in row.values):
            yield _document(name, row)
        else:
            records.append(row)
    text = normal("\n\n".join(_record(row) for row in records))
    if text:
        yield Reading(name, title_from(name), text)


def _document(name: str, row: Row) -> Reading | Refused:
    values = {key.lower(): _said(value) for key, value in row.values.items()}
    text = _first(values, TEXT)
    if not text:
        return Refused(f"{name}#{row.line}", f"The row on line {row.line} has no text.")
    return Reading(
        external_id=f"{name}#{_first(values, ID) or row.line}",
        title=_first(values, TITLE) or beginning(text),
        text=text,
        url=web_address(_first(values, URL)),
        locale=_first(values, LOCALE),
        audience=_first(values, AUDIENCE).lower(),
        front_matter={key: value for key, value in values.items() if key not in KNOWN and value},
    )


def _record(row: Row) -> str:
    said = {key: _said(value) for key, value in row.values.items()}
    filled = {key: value for key, value in said.items() if value}
    if not filled:
        return ""
    heading = next(iter(filled.values())).replace("\n", " ")
    return "\n".join([f"## {heading}", "", *(f"- {key}: {value}" for key, value in filled.items())])


def _said(value: Any) -> str:  # noqa: ANN401  # whatever a cell holds
    return "" if value is None else normal(str(value))


def _first(values: Mapping[str, str], names: Iterable[str]) -> str:
    return next((values[name] for name in names if values.get(name)), "")
