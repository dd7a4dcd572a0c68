"""What can go wrong with a model, in one taxonomy."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "auth",
    "permission",
    "not_found",
    "bad_request",
    "context_length",
    "content_filter",
    "quota",
    "rate_limit",
    "overloaded",
    "timeout",
    "server",
    "length_limit",
    "cut_off",
    "malformed",
    "unavailable",
]
Where = Literal["http", "mid-stream"]
RETRYABLE: frozenset[Kind] = frozenset({"rate_limit", "overloaded", "timeout", "server", "cut_off", "unavailable"})


@dataclass
class ModelError(Exception):
    """A model did not answer. `message` is the provider's and is for admins only, never for a customer."""

    kind: Kind
    message: str
    status: int | None = None
    native_code: str | None = None
    retry_after_s: float | None = None
    at: Where = "http"
    retryable: bool | None = None

    def __post_init__(self) -> None:
        """Fill in whether asking again can help, unless the provider said so."""
        super().__init__(f"{self.kind}: {self.message}")
        if self.retryable is None:
            self.retryable = self.kind in RETRYABLE
