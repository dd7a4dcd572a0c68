"""Formats whose files are opened in a process of their own; what comes back is read as any text is."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.knowledge.store import Reading
from ingest.loaders import html
from ingest.loaders.encoding import normal
from ingest.loaders.plain import title_from
from ingest.loaders.refusal import Refused, Unreadable
from ingest.opening.child import opened
from ingest.opening.parts import Part


def load(opener: str, name: str, data: bytes) -> Iterator[Reading | Refused]:
    """The documents in a file, as the child process that opened it found them."""
    with tempfile.TemporaryDirectory(prefix="answerdesk-") as folder:
        found = opened(opener, data, Path(folder))
    if found.reason:
        raise Unreadable(found.reason)
    for part in found.parts:
        yield from _readings(name, part)


def _readings(name: str, part: Part) -> Iterator[Reading | Refused]:
    match part["kind"]:
        case "html":
            yield from html.load(name, part["body"])
        case _:
            yield from _markdown(name, part)


def _markdown(name: str, part: Part) -> Iterator[Reading]:
    body = normal(part["body"])
    if body:
        yield Reading(name, normal(part["title"]) or title_from(name), body)
