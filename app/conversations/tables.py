"""The tables of what was said."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class ConversationRow(SQLModel, table=True):
    """A customer's conversation. `owner_version` rises whenever the right to speak changes hands."""

    __tablename__ = "conversation"
    __table_args__ = (Index("ix_conversation_inbox", "workspace_id", "status", "updated_at"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    token_hash: str
    token_expires_at: datetime = Field(sa_type=UtcDateTime)
    locale: str = "en"
    page_url: str | None = None
    customer: dict[str, Any] | None = Field(default=None, sa_type=Json)
    contact_email: str | None = None
    subject: str = ""
    reason: str = ""
    owner: str = "bot"
    status: str = "open"
    episode: int = 1
    owner_version: int = 1
    agent_id: str | None = None
    agent_name: str | None = None
    turn_id: str | None = None
    last_event: int = 0
    waiting_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class MessageRow(SQLModel, table=True):
    """Something said, by whomever. `sequence` is the number of the event that announced it."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_message_id"),
        Index("ix_message_order", "conversation_id", "sequence"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    conversation_id: str = Field(foreign_key="conversation.id")
    turn_id: str | None = None
    author: str
    name: str | None = None
    text: str
    citations: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    decision: str | None = None
    probability: float | None = None
    state: str = "complete"
    rating: str | None = None
    rating_reason: str | None = None
    rating_comment: str | None = None
    client_message_id: str | None = None
    sequence: int
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class TurnRow(SQLModel, table=True):
    """One question and what we did about it. `record` holds the decision with all that it was made from."""

    __tablename__ = "turn"
    __table_args__ = (Index("ix_turn_running", "state", "worker_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    conversation_id: str = Field(foreign_key="conversation.id")
    message_id: str
    episode: int
    state: str = "running"
    worker_id: str
    tries: int = 1
    record: dict[str, Any] | None = Field(default=None, sa_type=Json)
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micro_usd: int = 0
    started_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class EventRow(SQLModel, table=True):
    """A milestone of a conversation. Rows are only ever added."""

    __tablename__ = "event"

    conversation_id: str = Field(primary_key=True, foreign_key="conversation.id")
    sequence: int = Field(primary_key=True)
    workspace_id: str
    turn_id: str | None = None
    name: str
    people_only: bool = False
    data: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class DraftRow(SQLModel, table=True):
    """A reply that waits for a person's eyes. `version` rises with every change."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_conversation", "conversation_id", "state"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    conversation_id: str = Field(foreign_key="conversation.id")
    turn_id: str
    question: str
    text: str
    original_text: str
    citations: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    state: str = "ready"
    version: int = 1
    probability: float | None = None
    reason: str = ""
    model: str = ""
    prompt_version: str = ""
    sent_message_id: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SummaryRow(SQLModel, table=True):
    """What an agent reads above a conversation, up to the event `upto`. Personal data stands in it as marks."""

    __tablename__ = "conversation_summary"

    conversation_id: str = Field(primary_key=True, foreign_key="conversation.id")
    workspace_id: str = Field(index=True)
    text: str
    kind: str
    model: str = ""
    prompt_version: str = ""
    upto: int
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class WorkerRow(SQLModel, table=True):
    """A process that answers turns, and when it was last seen alive."""

    __tablename__ = "worker"

    id: str = Field(primary_key=True)
    workspace_id: str = ""
    seen_at: datetime = Field(sa_type=UtcDateTime)
