"""ZIP: every file inside is read as if it lay in a folder."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from app.knowledge.readings import Reading
from ingest.loaders.refusal import Refused, Unreadable
from ingest.opening.child import opened

MOST_SECONDS = 300
TOO_SLOW = (
    f"Reading this archive took longer than {MOST_SECONDS // 60} minutes, and this file is still to come. Split it."
)
NESTED = "This is an archive inside an archive, which is not opened. Unpack it first."


def load(
    read: Callable[[str, bytes], list[Reading | Refused]], name: str, data: bytes, seconds: float = MOST_SECONDS
) -> Iterator[Reading | Refused]:
    """What is in its files, and what of them could not be read."""
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="answerdesk-") as folder:
        found = opened("archive", data, Path(folder))
        if found.reason:
            raise Unreadable(found.reason)
        for part in found.parts:
            inside = f"{name}#{part['name']}"
            if time.monotonic() > until:
                yield Refused(inside, TOO_SLOW)
            else:
                yield from _file(read, inside, part["name"], Path(folder) / str(part["body"]))


def _file(
    read: Callable[[str, bytes], list[Reading | Refused]], inside: str, name: str, path: Path
) -> Iterator[Reading | Refused]:
    if name.lower().endswith(".zip"):
        yield Refused(inside, NESTED)
        return
    try:
        for one in read(name, path.read_bytes()):
            if isinstance(one, Refused):
                yield Refused(inside + one.name.removeprefix(name), one.reason)
            else:
                yield replace(one, external_id=inside + one.external_id.removeprefix(name))
    except Unreadable as refusal:
        yield Refused(inside, refusal.detail)
