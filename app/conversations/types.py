"""The values that leave the store: no rows, no sessions."""

from dataclasses import dataclass
from typing import Any, Protocol

from app.errors import Conflict


class Publishable(Protocol):
    """A fact with the name of its event."""

    @property
    def name(self) -> str:
        """The event's name in the contract."""
        ...

    def data(self) -> dict[str, Any]:
        """The event's JSON object."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """A stored milestone; `sequence` rises within its conversation."""

    sequence: int
    name: str
    data: dict[str, Any]
    people_only: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one turn to speak, while nobody else has taken the conversation over."""

    workspace_id: str
    conversation_id: str
    turn_id: str
    message_id: str
    episode: int
    owner_version: int
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something said earlier, as a prompt needs it."""

    author: str
    text: str
    decision: str | None = None
    rating: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A question that was heard. Without a lease nobody answers it by machine: a person holds the conversation."""

    workspace_id: str
    conversation_id: str
    message_id: str
    turn_id: str | None
    lease: Lease | None
    events: tuple[Event, ...]
    question: str
    history: tuple[Utterance, ...] = ()
    already: tuple[dict[str, Any], ...] = ()
    repeated: bool = False
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks: a conversation that was found for its token."""

    id: str
    workspace_id: str
    locale: str


@dataclass(frozen=True, slots=True)
class Agent:
    """A signed-in person, as conversations know them."""

    id: str
    name: str
    workspace_id: str


class LeaseLost(Conflict):
    """Somebody else has taken this conversation over."""


class StillAnswering(Conflict):
    """The previous question is still being answered. Wait for it, or stop it first."""
