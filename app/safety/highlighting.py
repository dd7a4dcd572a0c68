"""Marks a span of a Markdown text in what the text becomes, across formatting, items and code."""

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

MARK_OPEN, MARK_CLOSE = "mark_open", "mark_close"
Signs = tuple[str, str]
PAIRS: tuple[Signs, ...] = (("\u2e28", "\u2e29"), ("\u2e22", "\u2e23"), ("\u2985", "\u2986"), ("\u2e26", "\u2e27"))
"""Rare punctuation: beside it emphasis opens and closes as it does beside a space."""
NO_SIGNS: Signs = ("", "")

_LEADING = re.compile(r"[ \t]*(?:>[ \t]?|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?|\d{1,9}[.)][ \t]+|#{1,6}[ \t]+|\|[ \t]*)*")
_BARE = re.compile(r"[ \t]*(?:`{3,}[^\n]*|~{3,}[^\n]*|\|?[ \t:|-]*-[ \t:|-]*|=+[ \t]*)?")


def signs_for(text: str) -> Signs:
    """A pair of signs that the text does not hold."""
    return next((pair for pair in PAIRS if not set(pair) & set(text)), NO_SIGNS)


def with_signs(text: str, start: int, end: int, signs: Signs) -> str:
    """The text with a sign before and after the span, moved inwards to where they do not disturb the Markdown."""
    start, end = _start(text, start, end), _end(text, start, end)
    if start >= end:
        return text
    return text[:start] + signs[0] + text[start:end] + signs[1] + text[end:]


def marked_tokens(tokens: Sequence[Token], signs: Signs) -> list[Token]:
    """Turn the two signs into marks around every piece of text between them."""
    inside = False
    for token in tokens:
        if token.children is not None:
            token.children, inside = _marked_children(token.children, signs, inside=inside)
        elif token.type in ("fence", "code_block"):
            inside = _mark_code(token, signs, inside=inside)
    return list(tokens)


def marked_blocks(tokens: Sequence[Token], first: int, last: int) -> list[Token]:
    """Mark all text of the blocks that touch these lines."""
    for token in tokens:
        if token.map and token.map[0] <= last and token.map[1] > first:
            if token.children is not None:
                token.children, _ = _marked_children(token.children, NO_SIGNS, inside=True)
            elif token.type in ("fence", "code_block"):
                _mark_code(token, NO_SIGNS, inside=True)
    return list(tokens)


def _start(text: str, start: int, end: int) -> int:
    while start < end:
        line = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", start)
        stop = end if stop < 0 else stop
        if _BARE.fullmatch(text, line, stop):
            start = stop + 1
            continue
        leading = _LEADING.match(text, line, stop)
        return max(start, leading.end() if leading else start)
    return end


def _end(text: str, start: int, end: int) -> int:
    while end > start:
        end = start + len(text[start:end].rstrip(" \t\n|"))
        line = text.rfind("\n", 0, end) + 1
        stop = text.find("\n", end)
        if line <= start or not _BARE.fullmatch(text, line, len(text) if stop < 0 else stop):
            return end
        end = line - 1
    return start


def _marked_children(children: Sequence[Token], signs: Signs, *, inside: bool) -> tuple[list[Token], bool]:
    kept: list[Token] = []
    for token in children:
        if token.type == "text":
            for piece, is_inside in _pieces(token.content, signs, inside=inside):
                kept += _wrapped(Token("text", "", 0, content=piece), inside=is_inside) if piece else []
                inside = is_inside
            inside = _after(token.content, signs, inside=inside)
        elif token.type == "code_inline":
            inside = _mark_code(token, signs, inside=inside)
            kept.append(token)
        else:
            kept.append(token)
    return kept, inside


def _mark_code(token: Token, signs: Signs, *, inside: bool) -> bool:
    pieces = list(_pieces(token.content, signs, inside=inside))
    after = _after(token.content, signs, inside=inside)
    if any(is_inside for _, is_inside in pieces):
        token.meta = {"pieces": pieces}
        token.type, token.block = "marked_code", token.type != "code_inline"
    token.content = "".join(piece for piece, _ in pieces)
    return after


def _pieces(text: str, signs: Signs, *, inside: bool) -> Iterator[tuple[str, bool]]:
    piece = ""
    for letter in text:
        if letter in signs:
            yield piece, inside
            piece, inside = "", letter == signs[0]
        else:
            piece += letter
    yield piece, inside


def _after(text: str, signs: Signs, *, inside: bool) -> bool:
    found = [letter for letter in text if letter in signs]
    return found[-1] == signs[0] if found else inside


def _wrapped(token: Token, *, inside: bool) -> list[Token]:
    if not inside or not token.content.strip("\n"):
        return [token]
    return [Token(MARK_OPEN, "mark", 1), token, Token(MARK_CLOSE, "mark", -1)]
