"""Files to documents. Each format is one file here and one `case`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from app.knowledge.store import Reading
from ingest.loaders import html, markdown, plain, records, table
from ingest.loaders.encoding import text_of
from ingest.loaders.kinds import refuse_mislabelled
from ingest.loaders.refusal import Refused, Unreadable

__all__ = ["MEGABYTE", "Refused", "Unreadable", "load", "supported"]

MEGABYTE = 1_000_000
Loader = Callable[[str, str], Iterator[Reading | Refused]]


@dataclass(frozen=True, slots=True)
class _Format:
    name: str
    load: Loader


def load(name: str, data: bytes, largest: int = 25 * MEGABYTE) -> list[Reading | Refused]:
    """The documents in a file, and what of it could not be read; `Unreadable` when nothing could."""
    chosen = _format(name)
    if not data.strip():
        raise Unreadable("This file is empty.")
    if len(data) > largest:
        raise Unreadable(f"This file is larger than {largest / MEGABYTE:g} MB. Split it into smaller ones.")
    refuse_mislabelled(chosen.name, data)
    try:
        found = list(chosen.load(name, text_of(data)))
    except RecursionError as error:
        raise Unreadable("This file is nested too deeply to be read.") from error
    if not found:
        raise Unreadable("There is no text in this file.")
    return found


def supported(name: str) -> bool:
    """Whether a file with this name can be read."""
    try:
        _format(name)
    except Unreadable:
        return False
    return True


def _format(name: str) -> _Format:
    match PurePath(name).suffix.lower():
        case ".md" | ".markdown":
            return _Format("Markdown", markdown.load)
        case ".html" | ".htm" | ".xhtml":
            return _Format("HTML", html.load)
        case ".txt" | ".text":
            return _Format("text", plain.load)
        case ".csv" | ".tsv":
            return _Format("CSV", table.load)
        case ".jsonl" | ".ndjson":
            return _Format("JSONL", records.load)
        case suffix:
            kind = f"Files ending in {suffix}" if suffix else "Files without an ending"
            raise Unreadable(f"{kind} cannot be read. Use .md, .html, .txt, .csv or .jsonl.")
