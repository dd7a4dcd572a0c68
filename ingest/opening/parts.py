"""What comes back from opening a file: plain values that can pass between processes."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TypedDict

Kind = Literal["markdown", "html", "rows", "file"]


class Part(TypedDict):
    """One document, one table, or one file that lay inside."""

    kind: Kind
    name: str
    title: str
    body: Any
    flags: list[dict[str, str]]


class Closed(Exception):
    """This file cannot be opened; the message says why and what to do."""


class Opened(NamedTuple):
    """The parts, or the reason for there being none."""

    parts: list[Part]
    reason: str = ""


def part(
    kind: Kind,
    body: Any,  # noqa: ANN401  # text or rows
    title: str = "",
    name: str = "",
    flags: Sequence[dict[str, str]] = (),
) -> Part:
    """A part with what is known of it; `flags` tell what was hidden in the file and is left out."""
    return {"kind": kind, "name": name, "title": title, "body": body, "flags": list(flags)}
