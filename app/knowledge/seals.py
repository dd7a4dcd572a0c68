"""Tells a cut-off index before it is opened: Chroma's own reader of a truncated file may end the whole process."""

import json
from pathlib import Path

SEAL = "seal.json"
DATABASE = "chroma.sqlite3"
"""Grows and shrinks as it likes, and tells damage by itself."""


def seal(folder: Path) -> None:
    """Write down how large the files of the folder are."""
    sizes = {str(path.relative_to(folder)): path.stat().st_size for path in _files(folder)}
    (folder / SEAL).write_text(json.dumps(sizes))


def whole(folder: Path) -> bool:
    """Whether no file is gone or shorter than it was; Chroma rewrites some, and a folder without a seal is believed."""
    try:
        sealed: dict[str, int] = json.loads((folder / SEAL).read_text())
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return all((folder / name).is_file() and (folder / name).stat().st_size >= size for name, size in sealed.items())


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((DATABASE, SEAL))]
