"""Finds the files that were named, and gives each the name by which its document is known."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from app.errors import Invalid
from app.knowledge.readings import Reading
from app.safety.addresses import place_of
from ingest.gate import the_gate
from ingest.loaders import Refused, Unreadable
from ingest.memory import Content, Memory


class File(NamedTuple):
    """A file, and its name inside its source.

    What was fetched has the address that it was fetched from, and is `called` what its content is, such as `page.html`.
    """

    name: str
    path: Path
    called: str = ""
    url: str = ""

    async def load(self, memory: Memory) -> Content:
        """The documents in it."""
        return await asyncio.to_thread(_remembered, self, memory)


def discover(places: Sequence[str]) -> list[File]:
    """The files in these places, in the order of their names. Hidden ones are left out.

    With several places, each name begins with that of its place, so that two `index.md` stay two documents.
    """
    roots = [_existing(place) for place in places]
    several = len({root.resolve() for root in roots}) > 1
    files = [file for root in roots for file in _below(root, several=several)]
    if not files:
        raise Invalid(f"There are no files in {', '.join(places)}.")
    return sorted(dict.fromkeys(files))


def is_web(place: str) -> bool:
    """Whether this is a web address rather than a path."""
    return place.lower().startswith(("http://", "https://"))


def source_name(places: Sequence[str]) -> str:
    """What to call a source that nobody named: after its folder, its file, or its site."""
    if is_web(places[0]):
        return place_of(places[0]).host
    first = Path(places[0]).resolve()
    return first.name if first.is_dir() else first.stem


def _existing(place: str) -> Path:
    path = Path(place)
    if not path.exists():
        raise Invalid(f"There is no file or folder {place}.")
    return path


def _below(root: Path, *, several: bool) -> Iterator[File]:
    if root.is_file():
        yield File(root.name, root)
        return
    inside = root.resolve()
    prefix = f"{inside.name}/" if several else ""
    for path in root.rglob("*"):
        shown = path.relative_to(root)
        hidden = any(part.startswith(".") for part in shown.parts)
        if not hidden and path.is_file() and path.resolve().is_relative_to(inside):
            yield File(prefix + shown.as_posix(), path)


def _remembered(file: File, memory: Memory) -> Content:
    try:
        if file.path.stat().st_size > memory.largest:
            return [
                Refused(
                    file.name,
                    f"This file is larger than {memory.largest / 1_000_000:g} MB. Split it into smaller ones.",
                )
            ]
        data = file.path.read_bytes()
        return memory.read(file.name, (data, file.called, file.url), lambda: _loaded(file, data, memory.largest))
    except Unreadable as refusal:
        return [Refused(file.name, refusal.detail)]
    except OSError as error:
        return [Refused(file.name, f"This file cannot be opened: {error.strerror}.")]


def _loaded(file: File, data: bytes, largest: int) -> list[Reading | Refused]:
    return [_addressed(one, file) for one in the_gate().load(file.name, data, largest, file.called)]


def _addressed(one: Reading | Refused, file: File) -> Reading | Refused:
    """What was fetched is found where it was fetched; a row or a chapter of it may have an address of its own."""
    if isinstance(one, Refused) or not file.url or (one.url and "#" in one.external_id):
        return one
    return replace(one, url=file.url)
