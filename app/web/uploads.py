"""Files from outside: checked, and put where nothing but our own naming decides the path."""

import asyncio
import re
import secrets
import shutil
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from fastapi import UploadFile

from app.errors import Invalid, TooLarge
from app.web.bodies import MOST_FILES

KINDS = frozenset(
    ".md .markdown .html .htm .txt .csv .json .jsonl .rst .adoc .srt .vtt"
    " .pdf .docx .pptx .xlsx .epub .eml .zip".split()
)
LONGEST_STEM = 80
DEEPEST = 8
"""Folders that are kept of a dropped folder's; those nearest to the file."""
MEGABYTE = 1024 * 1024


async def keep(files: Sequence[UploadFile], root: Path, largest_megabytes: int) -> Path:
    """Store the files in a new folder with a random name. Raises `Invalid` or `TooLarge` before anything is kept."""
    if len(files) > MOST_FILES:
        raise Invalid(
            f"One upload may hold at most {MOST_FILES} files; this one has {len(files)}. Pack them into a zip."
        )
    names = [_checked(file, largest_megabytes) for file in files]
    folder = root / secrets.token_hex(16)
    await asyncio.to_thread(_store, files, _distinct(names), folder)
    return folder


def _checked(file: UploadFile, largest_megabytes: int) -> str:
    given = (file.filename or "").replace("\\", "/")
    shown = _printable(PurePosixPath(given).name)
    kind = PurePosixPath(given).suffix.lower()
    if kind not in KINDS:
        raise Invalid(f"“{shown}” is not of a kind that we can read. We take {', '.join(sorted(KINDS))}.")
    if not file.size:
        raise Invalid(f"“{shown}” is empty.")
    if file.size > largest_megabytes * MEGABYTE:
        raise TooLarge(f"“{shown}” is larger than the {largest_megabytes} MB that we accept.")
    return "/".join([*_folders(file.filename or ""), _stem(PurePosixPath(given).stem) + kind])


def _folders(given: str) -> list[str]:
    """The folders that a dropped file lay in; none where the name tries to lead elsewhere."""
    parts = given.split("/")[:-1]
    if any(part in ("", ".", "..") or ":" in part or "\\" in part for part in parts):
        return []
    return [_stem(part) for part in parts[-DEEPEST:]]


def _stem(name: str) -> str:
    """What a file is known by from upload to upload: letters, digits and hyphens, which no system reads as a path."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_STEM]
    return f"document-{stem}" if not stem or stem in _RESERVED else stem


_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})


def _distinct(names: Sequence[str]) -> list[str]:
    distinct: list[str] = []
    for name in names:
        path, number = PurePosixPath(name), 2
        while name in distinct:
            name, number = str(path.with_name(f"{path.stem}-{number}{path.suffix}")), number + 1  # noqa: PLW2901  # until it is free
        distinct.append(name)
    return distinct


def _store(files: Sequence[UploadFile], names: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700)
    for file, name in zip(files, names, strict=True):
        (folder / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / name).open("xb") as kept:
            shutil.copyfileobj(file.file, kept, MEGABYTE)


def _printable(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:LONGEST_STEM] or "A file without a name"
