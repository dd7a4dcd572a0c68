"""Zip archives, which Office documents and books are as well: measured before anything of them is unpacked."""

import io
import zipfile

from ingest.opening.limits import MEGABYTE
from ingest.opening.parts import Closed

MOST_ENTRIES = 2000
MOST_UNPACKED = 200 * MEGABYTE
MOST_RATIO = 200
"""Ordinary text shrinks to a fifth, and a table of zeros to a fiftieth."""
SMALL = 5 * MEGABYTE
"""Up to here no ratio matters."""
ENCRYPTED = 0x1
DAMAGED = "This archive is damaged and cannot be opened. Pack it anew."


def container(data: bytes, within: str = "", called: str = "") -> zipfile.ZipFile:
    """The archive, when its table of contents promises no harm; with `within` it must have such a folder."""
    try:
        found = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise Closed(DAMAGED) from error
    entries = found.infolist()
    if within and not any(entry.filename.startswith(within) for entry in entries):
        raise Closed(f"The name of this file says {called}, but it is another kind of archive.")
    _measure(entries, len(data))
    return found


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """What an entry really holds: its bytes are counted, because its header may lie."""
    try:
        with archive.open(entry) as inside:
            data = inside.read(most + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Closed(DAMAGED) from error
    if len(data) > most:
        raise Closed(f"A file in this archive is larger than {most // MEGABYTE} MB. Take it out, or split it.")
    return data


def _measure(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Closed(f"This archive holds {len(entries):,} files. Pack at most {MOST_ENTRIES:,} into one.")
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Closed("This archive is protected with a password. Pack it without one.")
    total = sum(entry.file_size for entry in entries)
    if total > MOST_UNPACKED:
        raise Closed(f"Unpacked, this archive would be larger than {MOST_UNPACKED // MEGABYTE} MB. Split it.")
    if total > SMALL and total > MOST_RATIO * size:
        raise Closed(f"This archive would grow to more than {MOST_RATIO} times its size, as no honest one does.")
