"""Which reader was asked for: our own, none, or a larger one by name or folder."""

from pathlib import Path
from typing import Protocol

from app.knowledge.reading.artefact import SHIPPED, newest
from app.knowledge.reading.onnx import open_trained
from app.knowledge.reranking import Reader

OURS, NONE = "ours", "none"


class Choice(Protocol):
    """What the settings say about reading: `ReaderSettings` has this shape."""

    @property
    def model(self) -> str:
        """`ours`, `none`, or a cross-encoder's name or folder."""
        ...

    @property
    def allow_download(self) -> bool:
        """Whether a named model may be fetched from its hub."""
        ...


def open_reader(choice: Choice) -> Reader | None:
    """What orders the passages that were found: a model that was named, and none else.

    Raises:
        Misconfigured: a named model is not on this machine, or torch is missing.
    """
    if choice.model in (NONE, OURS):
        return None
    from app.knowledge.reading.torch import open_torch  # noqa: PLC0415  # six seconds, and our own needs none of it

    return open_torch(choice.model, allow_download=choice.allow_download)


def open_ours(choice: Choice, model_dir: Path) -> Reader | None:
    """Our own reader, which looks at answers; none when there shall be none, or when none of ours is whole."""
    found = newest(SHIPPED, model_dir) if choice.model != NONE else None
    return open_trained(*found) if found else None
