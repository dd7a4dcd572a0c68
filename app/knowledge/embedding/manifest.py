"""What lies in the folder of a prepared model, and the proof that it is whole."""

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import Misconfigured

FILE = "manifest.json"
GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"


class Manifest(BaseModel):
    """The prepared model; `files` maps names to SHA-256, `parity` is the worst cosine against sentence-transformers."""

    model_config = ConfigDict(frozen=True)

    layout: Literal[1] = 1
    model: str
    revision: str
    origin: str
    pooling: str
    precision: Literal["int8", "fp32"]
    dimension: int
    max_tokens: int
    files: dict[str, str]
    parity: float


def folder_of(model: str, precision: str, model_dir: Path) -> Path:
    """Where this model lies once it is prepared."""
    name = model.rsplit("/", maxsplit=1)[-1]
    return model_dir / (name if precision == "int8" else f"{name}-{precision}")


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a prepared model; none when nothing is prepared there.

    Raises:
        Misconfigured: a file is missing or not what was prepared.
    """
    try:
        manifest = Manifest.model_validate_json((folder / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        message = f"{folder / FILE} is damaged or of another version. Delete {folder} and run `make run` again."
        raise Misconfigured(message) from error
    for name, digest in manifest.files.items():
        if not (folder / name).is_file() or sha256(folder / name) != digest:
            message = f"{folder / name} is not the file that was prepared. Delete {folder} and run `make run` again."
            raise Misconfigured(message)
    return manifest


def sha256(path: Path) -> str:
    """The digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
