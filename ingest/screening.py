"""Looks through new documents for text that is aimed at the model instead of the reader.

Such text stays in the document, because articles about prompts and robots are legitimate; whatever reaches a prompt is
quoted between random marks and cannot play a role there (`app.answering.prompt`). What is told here is for an admin.
"""

import re
from collections.abc import Iterator

from app.safety.screening import screen
from ingest.loaders.hiding import Flag, flag, line_of

AIMED = "aimed at the model"
LONGEST_WINDOW = 1500
MOST_FLAGS = 20
_BLANK = re.compile(r"\n\s*\n")


def concerns_of(title: str, text: str) -> list[Flag]:
    """What was found in a document; its title is its first line."""
    return list(_concerns(f"{title}\n\n{text}"))


def _concerns(text: str) -> Iterator[Flag]:
    found = 0
    for start, end in _windows(text):
        seen = screen(text[start:end], "passage")
        if seen.flagged and found < MOST_FLAGS:
            found += 1
            yield flag(AIMED, line_of(text, start), seen.quote)


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Paragraphs, as many together as fit; a longer one overlaps with its next half, so that no sentence is split."""
    start = 0
    while start < len(text):
        end = start + LONGEST_WINDOW
        if end < len(text):
            breaks = [one.end() for one in _BLANK.finditer(text, start, end)]
            end = breaks[-1] if breaks else end
        yield start, min(end, len(text))
        start = end if end >= len(text) or text[end - 1] == "\n" else end - LONGEST_WINDOW // 2
