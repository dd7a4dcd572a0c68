"""Formats whose files are opened in a process of their own; what comes back is read as any text is."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.knowledge.readings import Reading
from ingest.loaders import html
from ingest.loaders.encoding import normal
from ingest.loaders.plain import title_from
from ingest.loaders.refusal import Refused, Unreadable
from ingest.loaders.rows import Row, documents
from ingest.opening.child import opened
from ingest.opening.parts import Part


def load(opener: str, name: str, data: bytes) -> Iterator[Reading | Refused]:
    """The documents in a file, as the child process that opened it found them."""
    with tempfile.TemporaryDirectory(prefix="answerdesk-") as folder:
        found = opened(opener, data, Path(folder))
    if found.reason:
        raise Unreadable(found.reason)
    for part in found.parts:
        for one in _readings(name, part):
            yield replace(one, flags=(*part["flags"], *one.flags)) if isinstance(one, Reading) else one


def _readings(name: str, part: Part) -> Iterator[Reading | Refused]:
    match part["kind"]:
        case "html":
            yield from _page(name, part)
        case "rows":
            yield from _rows(name, part)
        case _:
            yield from _markdown(name, part)


def _page(name: str, part: Part) -> Iterator[Reading | Refused]:
    """A page; one of several, as a chapter is, bears the name of the whole as well."""
    inside = f"{name}#{part['name']}" if part["name"] else name
    for one in html.load(part["name"] or name, part["body"]):
        if not isinstance(one, Reading):
            yield one
        elif part["name"] and part["title"] and part["title"] != one.title:
            yield replace(one, external_id=inside, title=f"{part['title']}: {one.title}")
        else:
            yield replace(one, external_id=inside, title=part["title"] or one.title)


def _rows(name: str, part: Part) -> Iterator[Reading | Refused]:
    """A sheet, as a file of its own that lies in the workbook."""
    sheet, names = f"{name}#{part['name']}", part["body"]["names"]
    rows = [Row(line, dict(zip(names, cells, strict=False))) for line, cells in part["body"]["rows"]]
    for one in documents(sheet, rows):
        if isinstance(one, Reading) and one.external_id == sheet:
            yield replace(one, title=f"{title_from(name)}: {part['name']}")
        else:
            yield one


def _markdown(name: str, part: Part) -> Iterator[Reading]:
    body = normal(part["body"])
    if body:
        yield Reading(name, normal(part["title"]) or title_from(name), body)
