"""What is read along with a passage: the end of the one before and the beginning of the next, never cited with it."""

from collections.abc import Iterable, Sequence

from app.language import sentences
from ingest.split import Count, Piece, Window, embedded_text


def surroundings(title: str, text: str, pieces: Sequence[Piece], at: int, window: Window) -> str:
    """Whole sentences: of the passage before under the same headings as far as the overlap reaches.

    With `neighbours`, of those before and behind, under whatever headings, as far as the embedder still reads.
    """
    if not window.overlap and not window.neighbours:
        return ""
    piece, before = pieces[at], pieces[at - 1] if at else None
    room = _room(title, text, piece, window) // 2 if window.neighbours else 0
    overlap = window.overlap if before and before.heading == piece.heading else 0
    end = _tail(text[before.start : before.end], max(room, overlap), window.count) if before else ""
    after = pieces[at + 1] if at + 1 < len(pieces) else None
    beginning = _head(text[after.start : after.end], room, window.count) if after else ""
    return "\n".join(part for part in (end, beginning) if part)


def _room(title: str, text: str, piece: Piece, window: Window) -> int:
    said = embedded_text(title, piece.heading, text[piece.start : piece.end])
    return max(0, window.whole - window.count(said))


def _tail(text: str, tokens: int, count: Count) -> str:
    return " ".join(reversed(_fitting((one.text for one in reversed(sentences(text))), tokens, count)))


def _head(text: str, tokens: int, count: Count) -> str:
    return " ".join(_fitting((one.text for one in sentences(text)), tokens, count))


def _fitting(said: Iterable[str], tokens: int, count: Count) -> list[str]:
    fitting: list[str] = []
    for one in said:
        tokens -= count(one)
        if tokens < 0:
            break
        fitting.append(one)
    return fitting
