"""The tables of who may come in, and of what they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class WorkspaceRow(SQLModel, table=True):
    """A company's own corner; nothing is seen across. Its row is locked while its audit chain grows."""

    __tablename__ = "workspace"

    workspace_id: str = Field(default_factory=new_id, primary_key=True)
    name: str
    audit_sequence: int = 0
    audit_hash: str = ""
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class PersonRow(SQLModel, table=True):
    """An agent, admin or owner. Without a password hash only an invitation lets them in."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("workspace_id", "email"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.workspace_id")
    email: str
    name: str
    role: str
    password_hash: str | None = None
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SessionRow(SQLModel, table=True):
    """A signed-in browser; the id that it holds is kept as a digest only."""

    __tablename__ = "session"

    token_hash: str = Field(primary_key=True)
    workspace_id: str
    person_id: str = Field(foreign_key="person.id", index=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    seen_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class InvitationRow(SQLModel, table=True):
    """A link that works once: it makes a person of this role, or lets this person set a new password."""

    __tablename__ = "invitation"

    token_hash: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.workspace_id")
    role: str
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class KeyRow(SQLModel, table=True):
    """An API key. `id` stands in the key itself; of its secret only the digest is kept."""

    __tablename__ = "api_key"

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.workspace_id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    name: str
    secret_hash: str
    scopes: list[str] = Field(sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuditRow(SQLModel, table=True):
    """Who changed what, when, from what to what. Rows are only ever added, each bound to the one before by its hash."""

    __tablename__ = "audit_entry"

    workspace_id: str = Field(primary_key=True, foreign_key="workspace.workspace_id")
    sequence: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    actor_name: str
    action: str
    subject: str
    before: dict[str, Any] | None = Field(default=None, sa_type=Json)
    after: dict[str, Any] | None = Field(default=None, sa_type=Json)
    previous_hash: str
    hash: str


class ReceiptRow(SQLModel, table=True):
    """How a request with an `Idempotency-Key` was answered; without a status it is on its way."""

    __tablename__ = "receipt"

    name: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.workspace_id")
    request: str
    status: int | None = None
    body: str = ""
    begun_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)
