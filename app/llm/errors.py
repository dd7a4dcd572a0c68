"""What can go wrong with a model, in one taxonomy, and what to do about it."""

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
Remedy = Literal["retry", "another", "tell"]
REMEDIES: dict[Kind, Remedy] = {
    # It passes: the same model may answer in a moment.
    "rate_limit": "retry",
    "overloaded": "retry",
    "timeout": "retry",
    "server": "retry",
    "cut_off": "retry",
    "unavailable": "retry",
    # It stays, but it is this model's or this provider's: another has another key, window, purse or reading of JSON.
    "auth": "another",
    "permission": "another",
    "not_found": "another",
    "bad_request": "another",
    "context_length": "another",
    "quota": "another",
    "length_limit": "another",
    "malformed": "another",
    # It is about what was asked: shopping around for a model that answers anyway would be wrong.
    "content_filter": "tell",
}
"""Ask again here, try another model, or tell the person."""


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
            self.retryable = REMEDIES[self.kind] == "retry"

    @property
    def remedy(self) -> Remedy:
        """What to do: the kind's remedy, unless the provider said whether asking again helps."""
        if self.retryable:
            return "retry"
        return "tell" if REMEDIES[self.kind] == "tell" else "another"
