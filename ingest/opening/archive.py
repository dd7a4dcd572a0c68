"""ZIP: its files, each under a number of ours, so that no name of a stranger ever becomes a path."""

import re
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ingest.opening.container import MOST_UNPACKED, container, unpacked
from ingest.opening.limits import MEGABYTE
from ingest.opening.parts import Closed, Part, part

LARGEST_FILE = 25 * MEGABYTE
LARGEST_WRITTEN = LARGEST_FILE + 1
LONGEST_NAME = 200
_UNSAFE = re.compile(r"^/|^[A-Za-z]:|(?:^|/)\.\.(?:/|$)|[\x00-\x1f\x7f]")

_RESERVED = re.compile(r"(?:^|/)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.[^/]*)?(?:/|$)|:", re.IGNORECASE)
"""Windows opens a device instead, or a stream of another file."""


def opened(data: bytes, folder: Path) -> list[Part]:
    """The files inside, written to the folder. One bad name, and nothing is unpacked at all."""
    archive = container(data)
    for entry in archive.infolist():
        _check(entry)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    names = Counter(_name(entry) for entry in entries)
    twice = next((name for name, times in names.items() if times > 1), "")
    if twice:
        raise Closed(f"This archive holds two files that are called {_shown(twice)}. Pack it anew.")
    return list(_written(archive, [entry for entry in entries if not _hidden(_name(entry))], folder))


def _check(entry: zipfile.ZipInfo) -> None:
    name = _name(entry)
    if _UNSAFE.search(entry.orig_filename.replace("\\", "/")) or _UNSAFE.search(name):
        raise Closed(f"This archive names a file outside of itself, {_shown(name)}. Nothing of it was read.")
    if _RESERVED.search(name) or (entry.is_dir() and entry.file_size):
        raise Closed(f"This archive holds a file with a name that no folder can hold, {_shown(name)}. Rename it.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Closed(f"This archive holds a link, {_shown(name)}. Pack the file itself.")
    if len(name) > LONGEST_NAME:
        raise Closed(f"This archive holds a file whose name is longer than {LONGEST_NAME} characters.")


def _written(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path) -> Iterator[Part]:
    left = MOST_UNPACKED
    for number, entry in enumerate(entries):
        data = unpacked(archive, entry, min(LARGEST_FILE, left))
        left -= len(data)
        (folder / str(number)).write_bytes(data)
        yield part("file", number, name=_name(entry))


def _name(entry: zipfile.ZipInfo) -> str:
    return entry.filename.replace("\\", "/")


def _hidden(name: str) -> bool:
    """As in a folder; and what macOS adds."""
    return any(one.startswith(".") or one == "__MACOSX" for one in PurePosixPath(name).parts)


def _shown(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:80]
