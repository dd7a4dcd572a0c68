"""The values that leave the stores: no rows, no secrets but a new one on its only way out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a person is. Each may do what those before may."""

    AGENT = "agent"
    ADMIN = "admin"
    OWNER = "owner"

    def covers(self, other: "Role") -> bool:
        """Whether this role may do what the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class Scope(StrEnum):
    """What an API key is for."""

    CHAT = "chat"
    SEARCH = "search"
    INBOX = "inbox"
    ADMIN = "admin"


DEFAULT_SCOPES = (Scope.CHAT, Scope.SEARCH)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, as the audit log names them (`person:…`, `key:…` or `system`), and how much they may do."""

    id: str
    name: str
    role: Role
    person_id: str | None = None


SYSTEM = Actor("system", "Answerdesk", Role.OWNER)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a workspace."""

    id: str
    workspace_id: str
    email: str
    name: str
    role: Role
    disabled: bool = False
    created_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        """As the audit log names them."""
        return Actor(f"person:{self.id}", self.name, self.role, self.id)

    def json(self) -> dict[str, Any]:
        """As the API shows them."""
        return {
            "id": self.id,
            "email": self.email,
            "name": self.name,
            "role": self.role.value,
            "disabled": self.disabled,
            "created_at": self.created_at.isoformat() if self.created_at else None,
        }


@dataclass(frozen=True, slots=True)
class Key:
    """An API key without its secret."""

    id: str
    workspace_id: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    person_id: str | None = None

    @property
    def actor(self) -> Actor:
        """As the audit log names it."""
        return Actor(f"key:{self.id}", self.name, Role.ADMIN, self.person_id)

    def json(self) -> dict[str, Any]:
        """As the API and the command line show it."""
        moments = ("created_at", "expires_at", "used_at", "revoked_at")
        shown = {name: moment.isoformat() if (moment := getattr(self, name)) else None for name in moments}
        return {"id": self.id, "name": self.name, "scopes": sorted(self.scopes), **shown}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit log."""

    sequence: int
    at: datetime
    actor: str
    actor_name: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    previous_hash: str
    hash: str

    def json(self) -> dict[str, Any]:
        """As the API and the export show it."""
        return {name: getattr(self, name) for name in self.__slots__} | {"at": self.at.isoformat()}
