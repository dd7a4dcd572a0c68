"""Which reader was asked for: our own, none, or a larger one by name or folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.knowledge.reading.artefact import SHIPPED, newest
from app.knowledge.reading.onnx import OnnxReader, open_trained
from app.knowledge.reranking import ClaimReader, Reader

if TYPE_CHECKING:  # it needs numpy alone to be imported, but names a package that may be absent
    from app.knowledge.reading.torch import TorchReader

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


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads what: one orders what was found, one looks at answers, one holds sentences against passages."""

    ordering: Reader | None = None
    answers: Reader | None = None
    claims: ClaimReader | None = None


def open_readers(choice: Choice, model_dir: Path) -> Readers:
    """Ours, and one that was named; one for inference knows better than ours what carries a claim.

    Raises:
        Misconfigured: a named model is not on this machine, or torch is missing.
    """
    named, ours = open_reader(choice), open_ours(choice, model_dir)
    return Readers(named, ours, named if named and named.infers else ours)


def open_reader(choice: Choice) -> "TorchReader | None":
    """What orders the passages that were found: a model that was named, and none else.

    Raises:
        Misconfigured: a named model is not on this machine, or torch is missing.
    """
    if choice.model in (NONE, OURS):
        return None
    from app.knowledge.reading.torch import open_torch  # noqa: PLC0415  # six seconds, and our own needs none of it

    return open_torch(choice.model, allow_download=choice.allow_download)


def open_ours(choice: Choice, model_dir: Path) -> OnnxReader | None:
    """Our own reader, which looks at answers; none when there shall be none, or when none of ours is whole."""
    found = newest(SHIPPED, model_dir) if choice.model != NONE else None
    return open_trained(*found) if found else None
