"""Files to documents. Each format is one file here, or in `ingest.opening`, and one line below."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePath

from app.knowledge.readings import Reading
from ingest.loaders import (
    apart,
    archive,
    asciidoc,
    captions,
    exports,
    hiding,
    html,
    markdown,
    plain,
    records,
    restructured,
    table,
)
from ingest.loaders.encoding import text_of
from ingest.loaders.kinds import BOOK, OFFICE, PDF, ZIP, refuse_mislabelled, refuse_unless
from ingest.loaders.refusal import Refused, Unreadable

__all__ = ["ENDINGS", "MEGABYTE", "Refused", "Unreadable", "load", "supported"]

MEGABYTE = 1_000_000
ENDINGS = tuple(".md .html .txt .csv .json .jsonl .rst .adoc .srt .vtt .pdf .docx .pptx .xlsx .epub .eml .zip".split())
"""One of each kind, to be named where a file is refused."""
Loader = Callable[[str, bytes], Iterator[Reading | Refused]]
OF_TEXT = {
    ".md": ("Markdown", markdown.load),
    ".markdown": ("Markdown", markdown.load),
    ".html": ("HTML", html.load),
    ".htm": ("HTML", html.load),
    ".xhtml": ("HTML", html.load),
    ".txt": ("text", plain.load),
    ".text": ("text", plain.load),
    ".csv": ("CSV", table.load),
    ".tsv": ("CSV", table.load),
    ".json": ("JSON", exports.load),
    ".jsonl": ("JSONL", records.load),
    ".ndjson": ("JSONL", records.load),
    ".rst": ("reStructuredText", restructured.load),
    ".adoc": ("AsciiDoc", asciidoc.load),
    ".asciidoc": ("AsciiDoc", asciidoc.load),
    ".srt": ("subtitles", captions.load),
    ".vtt": ("subtitles", captions.load),
}
"""What such a file says that it is, and what reads its text."""
OPENED_APART = {
    ".pdf": (PDF, "pages"),
    ".docx": (OFFICE, "document"),
    ".pptx": (OFFICE, "slides"),
    ".xlsx": (OFFICE, "sheets"),
    ".epub": (BOOK, "book"),
}
"""What such a file says that it is, and what opens it."""


def load(name: str, data: bytes, largest: int = 25 * MEGABYTE, called: str = "") -> list[Reading | Refused]:
    """The documents in a file, and what of it could not be read; `Unreadable` when nothing could.

    The ending of its name says what it is, unless it is called otherwise.
    """
    read = _format(called or name)
    if not data.strip():
        raise Unreadable("This file is empty.")
    if len(data) > largest:
        raise Unreadable(f"This file is larger than {largest / MEGABYTE:g} MB. Split it into smaller ones.")
    try:
        found = [_visible(one) for one in read(name, data)]
    except RecursionError as error:
        raise Unreadable("This file is nested too deeply to be read.") from error
    if not found:
        raise Unreadable("There is no text in this file.")
    return found


def _visible(one: Reading | Refused) -> Reading | Refused:
    if isinstance(one, Refused):
        return one
    text, flags = hiding.visible(one.text)
    title, more = hiding.visible(one.title)
    return replace(one, text=text, title=title, flags=(*one.flags, *flags, *more))


def supported(name: str) -> bool:
    """Whether a file with this name can be read."""
    try:
        _format(name)
    except Unreadable:
        return False
    return True


def _format(name: str) -> Loader:
    suffix = PurePath(name).suffix.lower()
    if suffix in OF_TEXT:
        return _of_text(*OF_TEXT[suffix])
    if suffix in OPENED_APART:
        return _of_bytes(*OPENED_APART[suffix])
    if suffix in (".eml", ".zip"):
        return _mail if suffix == ".eml" else _archive
    kind = f"Files ending in {suffix}" if suffix else "Files without an ending"
    raise Unreadable(f"{kind} cannot be read. Use {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")


def _of_text(kind: str, loader: Callable[[str, str], Iterator[Reading | Refused]]) -> Loader:
    def read(name: str, data: bytes) -> Iterator[Reading | Refused]:
        refuse_mislabelled(kind, data)
        return loader(name, text_of(data))

    return read


def _of_bytes(kind: str, opener: str) -> Loader:
    def read(name: str, data: bytes) -> Iterator[Reading | Refused]:
        refuse_unless(kind, data)
        return apart.load(opener, name, data)

    return read


def _mail(name: str, data: bytes) -> Iterator[Reading | Refused]:
    refuse_mislabelled("a mail", data)
    return apart.load("mail", name, data)


def _archive(name: str, data: bytes) -> Iterator[Reading | Refused]:
    refuse_unless(ZIP, data)
    return archive.load(load, name, data)
