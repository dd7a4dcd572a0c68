"""The passages of one snapshot in a file beside its indexes, so that a large snapshot opens at once.

Truth is in the database, from where the file is made again. A search reads the few passages that it gives.
"""

import mmap
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from app.database import new_id
from app.errors import Unavailable
from app.knowledge.types import Passage

PASSAGES, PLACES, CONTENTS = "passages.jsonl", "places.npy", "contents.json"
FIELDS = [field.name for field in fields(Passage)]
_said = attrgetter(*FIELDS)


@dataclass(frozen=True, slots=True)
class Bound(Mapping[str, Passage]):
    """Passages by their ids, each read when it is asked for: 5 µs."""

    numbers: Mapping[str, int]
    places: NDArray[np.int64]
    """Where each passage begins, and where the last one ends; in bytes."""
    pages: mmap.mmap | bytes
    pinned: Sequence[Passage]

    def __getitem__(self, id_: str) -> Passage:
        return self._read(self.numbers[id_])

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def _read(self, number: int) -> Passage:
        return _passage(self.pages[self.places[number] : self.places[number + 1]])


def bind(folder: Path, passages: Sequence[Passage]) -> None:
    """Write them aside, and rename the folder when it is whole."""
    aside = folder.with_name(f"{folder.name}-{new_id()}.tmp")
    aside.mkdir(parents=True)
    lines = [orjson.dumps(_said(passage)) + b"\n" for passage in passages]
    (aside / PASSAGES).write_bytes(b"".join(lines))
    np.save(aside / PLACES, np.cumsum([0, *map(len, lines)], dtype=np.int64))
    pinned = [passage.id for passage in passages if passage.pins]
    contents = {"fields": FIELDS, "ids": [passage.id for passage in passages], "pinned": pinned}
    (aside / CONTENTS).write_bytes(orjson.dumps(contents))
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)


def open_bound(folder: Path, count: int) -> Bound:
    """What `bind` wrote; `Unavailable` when it is missing, cut off, of another make, or not so many passages."""
    try:
        contents = orjson.loads((folder / CONTENTS).read_bytes())
        places = np.load(folder / PLACES)
        pages = _mapped(folder / PASSAGES)
    except (OSError, ValueError) as error:
        raise Unavailable(f"The passages of a snapshot do not open: {error}") from error
    numbers = {id_: number for number, id_ in enumerate(contents["ids"])}
    if contents["fields"] != FIELDS or not count == len(numbers) == len(places) - 1 or places[-1] != len(pages):
        raise Unavailable("The file of passages is not that of this snapshot.")
    whole = Bound(numbers, places, pages, ())
    return Bound(numbers, places, pages, [whole[id_] for id_ in contents["pinned"]])


def _mapped(path: Path) -> mmap.mmap | bytes:
    if not path.stat().st_size:
        return b""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _passage(line: bytes) -> Passage:
    said = orjson.loads(line)
    said[-1] = tuple(said[-1])
    return Passage(*said)
