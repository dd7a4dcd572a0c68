"""What comes back from opening a file: plain values that can pass between processes."""

from typing import Any, Literal, NamedTuple, TypedDict

Kind = Literal["markdown", "html", "rows", "file"]


class Part(TypedDict):
    """One document, one table, or one file that lay inside."""

    kind: Kind
    name: str
    title: str
    body: Any


class Closed(Exception):
    """This file cannot be opened; the message says why and what to do."""


class Opened(NamedTuple):
    """The parts, or the reason for there being none."""

    parts: list[Part]
    reason: str = ""


def part(kind: Kind, body: Any, title: str = "", name: str = "") -> Part:  # noqa: ANN401  # text or rows
    """A part with what is known of it."""
    return {"kind": kind, "name": name, "title": title, "body": body}
