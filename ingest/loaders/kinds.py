"""Knows by its first bytes what a file really is."""

from ingest.loaders.refusal import Unreadable

PDF = "a PDF document"
OFFICE = "an Office document"
BOOK = "an EPUB book"
ZIP = "a zip archive"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_BEGINNINGS = (
    (b"%PDF", PDF),
    (b"PK\x03\x04", "a zip archive or an Office document"),
    (_OLD_OFFICE, "an old Office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture or a recording"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "a rich-text document"),
    (b"-----BEGIN PGP MESSAGE", "an encrypted text"),
)
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_HTML = (b"<!doctype html", b"<html")


def refuse_mislabelled(expected: str, data: bytes) -> None:
    """Refuse a file whose name promises something else than it holds."""
    real = _real(data)
    if real is None and expected not in ("HTML", "text") and _beginning(data).startswith(_HTML):
        real = "a web page; give it the ending .html"
    if real:
        raise Unreadable(f"The name of this file says {expected}, but it is {real}.")


def refuse_unless(expected: str, data: bytes) -> None:
    """Refuse a file of a binary format that does not begin as such files do."""
    if (b"%PDF" in data[:1024]) if expected == PDF else data.startswith(b"PK"):
        return
    if data.startswith(_OLD_OFFICE) and expected == OFFICE:
        raise Unreadable("This document has a password or an old format. Save a copy in the current one without it.")
    real = _real(data) or ("a web page" if _beginning(data).startswith(_HTML) else "something else")
    raise Unreadable(f"The name of this file says {expected}, but it is {real}.")


def _real(data: bytes) -> str | None:
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    return "a binary file" if b"\0" in data[:4096] and not _wide(data) else None


def _wide(data: bytes) -> bool:
    """UTF-16 and UTF-32 are full of zeros; a byte-order mark, or a zero in every other place, gives them away."""
    if data.startswith((*_WIDE, b"\0\0\xfe\xff")):
        return True
    sample = data[:400]
    return (
        max(sample[0::2].count(0), sample[1::2].count(0)) > len(sample) * 0.4 and sample.count(0) <= len(sample) * 0.6
    )


def _beginning(data: bytes) -> bytes:
    return data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
