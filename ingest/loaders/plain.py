"""Plain text, whose first short line is its title."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from app.knowledge.readings import Reading
from ingest.loaders.encoding import normal
from ingest.loaders.refusal import Refused

LONGEST_TITLE = 100


def load(name: str, text: str) -> Iterator[Reading | Refused]:
    """One document."""
    body = normal(text)
    if body:
        yield Reading(name, _title(body) or title_from(name), body)


def title_from(name: str) -> str:
    """A readable title from a file's name."""
    return re.sub(r"[-_\s]+", " ", PurePath(name).stem).strip().capitalize() or name


def _title(body: str) -> str:
    first, _, rest = body.partition("\n")
    return first if rest.startswith("\n") and len(first) <= LONGEST_TITLE else ""
