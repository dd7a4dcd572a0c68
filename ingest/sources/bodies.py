"""The content of fetched pages on this machine, under names made from it."""

import hashlib
import os
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bodies:
    """One source's folder. What is half written has another name, so each file is whole."""

    folder: Path

    def keep(self, body: bytes) -> str:
        """Store it; its name."""
        digest = hashlib.sha256(body).hexdigest()
        path = self.path(digest)
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = self.folder / f"{digest}.{os.getpid()}.half"
            half.write_bytes(body)
            half.replace(path)
        return digest

    def path(self, digest: str) -> Path:
        """Where content with this name lies."""
        return self.folder / digest

    def read(self, digest: str) -> bytes | None:
        """What is stored under this name; none when it is not here."""
        try:
            return self.path(digest).read_bytes() if digest else None
        except FileNotFoundError:
            return None

    def forget_others(self, kept: Container[str]) -> None:
        """Delete what no page needs any more."""
        for path in self.folder.glob("*") if self.folder.exists() else ():
            if path.name not in kept:
                path.unlink(missing_ok=True)
