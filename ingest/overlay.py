"""Lays overrides over a document: another text where a passage was edited, and passages as admins want them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.knowledge.overriding.types import APPLIED, CONFLICT, MOVED, Outcome, Override
from app.knowledge.types import DocumentVersion
from ingest.anchoring import Missing, Place, Span, located, most_alike
from ingest.passages import Laid
from ingest.split import Piece, Window, embedded_text, split


class Overlaid(NamedTuple):
    """A document as it is shown, its passages, and what became of each override."""

    text: str
    passages: list[Laid]
    outcomes: list[Outcome]


class _Placed(NamedTuple):
    """An override that found its passage, and what the passage says now."""

    override: Override
    place: Place
    said: str


def overlaid(version: DocumentVersion, overrides: Sequence[Override], window: Window) -> Overlaid:
    """The version with these overrides. Whatever they are not about keeps its words and its passages."""
    pieces = split(version.title, version.text, window)
    placed: list[_Placed] = []
    outcomes: list[Outcome] = []
    for override in sorted(overrides, key=lambda one: one.id):
        place = located(override.anchor, version.text, pieces, [one.place.span for one in placed])
        if isinstance(place, Missing):
            outcomes.append(_conflict(version, override, pieces, place))
        else:
            placed.append(_Placed(override, place, _said(version, override, place)))
    placed.sort(key=lambda one: one.place.span)
    return _composed(version, pieces, placed, outcomes, window)


def _composed(
    version: DocumentVersion, pieces: list[Piece], placed: list[_Placed], outcomes: list[Outcome], window: Window
) -> Overlaid:
    text, spans = _edited(version.text, placed)
    passages = [Laid(_shifted(piece, placed, spans)) for piece in _carved(version.text, pieces, placed)]
    for one, span in zip(placed, spans, strict=True):
        state = MOVED if one.place.moved else APPLIED
        version_and_state = (version.document_id, version.number, state, "", one.place.heading)
        outcomes.append(Outcome(one.override.id, *version_and_state, *span))
        if not one.override.wish.disabled:
            passages += _own(version.title, text, one, span, window)
    return Overlaid(text, sorted(passages, key=lambda one: one.piece.start), sorted(outcomes))


def _said(version: DocumentVersion, override: Override, place: Place) -> str:
    wish = override.wish
    return version.text[slice(*place.span)] if wish.text is None or wish.disabled else wish.text


def _edited(text: str, placed: Sequence[_Placed]) -> tuple[str, list[Span]]:
    """The text with what was edited, and where each passage is in it."""
    parts: list[str] = []
    spans: list[Span] = []
    read = length = 0
    for one in placed:
        parts += [text[read : one.place.span.start], one.said]
        start = length + one.place.span.start - read
        read, length = one.place.span.end, start + len(one.said)
        spans.append(Span(start, length))
    return "".join([*parts, text[read:]]), spans


def _carved(text: str, pieces: Sequence[Piece], placed: Sequence[_Placed]) -> Iterator[Piece]:
    """What is left of the passages outside of those that overrides are about."""
    for piece in pieces:
        start = piece.start
        for one in placed:
            if one.place.span.overlaps(Span(start, piece.end)):
                yield from _rest(text, piece.heading, start, one.place.span.start)
                start = one.place.span.end
        yield from _rest(text, piece.heading, start, piece.end)


def _rest(text: str, heading: str, start: int, end: int) -> Iterator[Piece]:
    left = text[start:end] if start < end else ""
    if any(line.strip() and not line.startswith("#") for line in left.splitlines()):
        yield Piece(heading, end - len(left.lstrip()), start + len(left.rstrip()))


def _shifted(piece: Piece, placed: Sequence[_Placed], spans: Sequence[Span]) -> Piece:
    """The same passage in the edited text."""
    by = 0
    for one, span in zip(placed, spans, strict=True):
        if one.place.span.end <= piece.start:
            by = span.end - one.place.span.end
    return Piece(piece.heading, piece.start + by, piece.end + by)


def _own(title: str, text: str, one: _Placed, span: Span, window: Window) -> list[Laid]:
    """The passage that the override is about; several when it is longer than the embedder reads at once."""
    wish, heading = one.override.wish, one.place.heading
    fits = window.count(embedded_text(title, heading, text[slice(*span)])) <= window.tokens
    parts = [] if fits else split(title, text[slice(*span)], window)
    spans = [Span(span.start + part.start, span.start + part.end) for part in parts] or [span]
    return [Laid(Piece(heading, *part), wish.added, wish.pins) for part in spans]


def _conflict(version: DocumentVersion, override: Override, pieces: Sequence[Piece], why: Missing) -> Outcome:
    like = most_alike(override.anchor, version.text, pieces)
    where = (like.heading, like.start, like.end) if like else ("", 0, 0)
    return Outcome(override.id, version.document_id, version.number, CONFLICT, why.reason, *where)
