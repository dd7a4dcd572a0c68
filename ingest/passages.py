"""The passages of a document as they are stored: with what is read along, and the name of the text that is embedded."""

from collections.abc import Sequence
from typing import NamedTuple

from app.knowledge.derived import Cutting
from app.knowledge.types import DocumentVersion
from ingest.split import Piece, Window, embedded_text, hash_of, split
from ingest.surroundings import surroundings


class Laid(NamedTuple):
    """A passage to be, and what an admin added to it."""

    piece: Piece
    added: str = ""
    pins: tuple[str, ...] = ()


def cuttings_of(version: DocumentVersion, window: Window) -> list[Cutting]:
    """The passages of a version without overrides."""
    pieces = split(version.title, version.text, window)
    return cuttings(version.title, version.text, [Laid(piece) for piece in pieces], window)


def cuttings(title: str, text: str, laid: Sequence[Laid], window: Window) -> list[Cutting]:
    """These passages of a text."""
    pieces = [one.piece for one in laid]
    return [_cutting(title, text, one, surroundings(title, text, pieces, at, window)) for at, one in enumerate(laid)]


def _cutting(title: str, text: str, one: Laid, around: str) -> Cutting:
    heading, start, end = one.piece
    added = "\n".join(part for part in (one.added, around) if part)
    return Cutting(heading, start, end, hash_of(embedded_text(title, heading, text[start:end], added)), added, one.pins)
