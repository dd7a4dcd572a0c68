"""The marks inside a sentence: citation markers, taken off and set again, and links that lead elsewhere."""

import re
from collections.abc import Iterable

from app.language import Kind
from app.safety.links import Hosts

_MARKER = re.compile(r"[\[【]\^?(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)(?:†[^\]】]*)?[\]】](?!\()")
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[([^\]]*)\]\(\s*<?([^)\s>]*)>?(?:\s+[\"'(][^)]*)?\)")
_DEFINITION = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*\S+.*$", re.MULTILINE)


def unmarked(text: str) -> tuple[str, tuple[int, ...]]:
    """The sentence without its citation markers, and the numbers that they named."""
    numbers = tuple(int(number) for match in _MARKER.finditer(text) for number in re.findall(r"\d+", match[1]))
    bare = re.sub(r"[ \t]+([.,;:!?])", r"\1", _MARKER.sub("", text)) if numbers else text
    return re.sub(r"(?<=\S)[ \t]{2,}", " ", bare).rstrip() if numbers else bare, tuple(dict.fromkeys(numbers))


def without_foreign_links(text: str, hosts: Hosts) -> str:
    """Images gone, link definitions gone, and links to other hosts reduced to their text."""
    text = _DEFINITION.sub("", _IMAGE.sub("", text))
    return _LINK.sub(lambda match: match[0] if hosts.allow(match[2]) else match[1], text)


def marked(body: str, numbers: Iterable[int], kind: Kind) -> str:
    """The sentence with its markers at its end: in a table's last cell, below a code block."""
    markers = "".join(f"[{number}]" for number in numbers)
    if kind == "table" and body.endswith("|"):
        return f"{body[:-1].rstrip()} {markers} |"
    return f"{body}\n\n{markers}" if kind == "code" else f"{body} {markers}"
