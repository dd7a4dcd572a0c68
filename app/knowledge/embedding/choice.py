"""Which embedder was asked for, and the name by which its vectors are known."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

DEFAULT_MODEL = "all-MiniLM-L6-v2"


class Secret(Protocol):
    """A value that does not show itself by accident; pydantic's `SecretStr` has this shape."""

    def get_secret_value(self) -> str:
        """The value itself."""
        ...


class Choice(Protocol):
    """What the settings say about embedding: `EmbedSettings` has this shape."""

    @property
    def backend(self) -> str:
        """`onnx`, `torch`, `http` or `hash`."""
        ...

    @property
    def model(self) -> str:
        """A sentence-transformers name, or the name that the endpoint knows."""
        ...

    @property
    def path(self) -> Path | None:
        """A folder with the model, prepared or as sentence-transformers saves it."""
        ...

    @property
    def url(self) -> str | None:
        """The endpoint, up to `/v1`."""
        ...

    @property
    def api_key(self) -> Secret | None:
        """The endpoint's key."""
        ...

    @property
    def precision(self) -> str:
        """`int8` or `fp32`, for the onnx backend."""
        ...

    @property
    def query_prefix(self) -> str:
        """Put before each question; the e5 models want `query: `."""
        ...

    @property
    def passage_prefix(self) -> str:
        """Put before each passage; the e5 models want `passage: `."""
        ...

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text to read, if the model can read as many."""
        ...

    @property
    def allow_download(self) -> bool:
        """Whether the model may be fetched from its hub when it is prepared."""
        ...


@dataclass(frozen=True, slots=True)
class Traits:
    """What makes one embedder's vectors differ from another's."""

    model: str
    revision: str
    pooling: str
    precision: str
    dimension: int
    max_tokens: int
    query_prefix: str = ""
    passage_prefix: str = ""

    @property
    def fingerprint(self) -> str:
        """All of it as one string. Vectors of two fingerprints are never compared."""
        name = f"{self.model}@{self.revision}"
        prefixes = f"{self.query_prefix!r},{self.passage_prefix!r}" if self.query_prefix or self.passage_prefix else ""
        parts = (name, self.pooling, self.precision, f"{self.dimension}d", f"{self.max_tokens}t", prefixes)
        return "/".join(part for part in parts if part)
