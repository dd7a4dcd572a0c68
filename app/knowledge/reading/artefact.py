"""The readers of our own that were trained: which of them is whole and may serve."""

import logging
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import Misconfigured
from app.knowledge.embedding.manifest import sha256

FILE = "reader.json"
GRAPH = "reader.onnx"
TOKENIZER = "tokenizer.json"
SHIPPED = Path(__file__).parent
"""Where those stand that the product comes with."""
log = logging.getLogger(__name__)


class Manifest(BaseModel):
    """What is in the folder; `files` maps names to SHA-256."""

    model_config = ConfigDict(frozen=True)

    layout: Literal[1] = 1
    version: str
    trained_on: tuple[str, ...]
    licence: str
    files: dict[str, str]


def whole(folder: Path) -> Manifest:
    """The manifest of a reader whose files are those that were published.

    Raises:
        Misconfigured: a file is missing, damaged or another.
    """
    try:
        manifest = Manifest.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError) as error:
        message = f"{folder / FILE} is missing or damaged. Copy the reader's folder again."
        raise Misconfigured(message) from error
    for name, digest in manifest.files.items():
        if not (folder / name).is_file() or sha256(folder / name) != digest:
            message = f"{folder / name} is not the file that was published. Copy the reader's folder again."
            raise Misconfigured(message)
    return manifest


def newest(*places: Path) -> tuple[Path, Manifest] | None:
    """The newest reader that is whole among the folders `reader-NUMBER` of these places.

    One that is not whole is refused with a warning, and the one before it serves.
    """
    folders = [folder for place in places for folder in place.glob("reader-*")]
    for folder in sorted(folders, key=_number, reverse=True):
        try:
            return folder, whole(folder)
        except Misconfigured as error:
            log.warning("this reader is refused: %s", error.detail)
    log.warning("no reader of our own in %s is whole, so answers get no second look", " or ".join(map(str, places)))
    return None


def _number(folder: Path) -> tuple[int, str]:
    number = folder.name.rpartition("-")[2]
    return (int(number) if number.isdigit() else -1, folder.name)
