"""The tables of corrections: one for each conversation that was told something that no longer holds."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.database import UtcDateTime, new_id, now


class CorrectionRow(SQLModel, table=True):
    """What a conversation should be told. `state` is open, dismissed or withdrawn; its draft says how far it is.

    `snapshot_id` is the snapshot under which it was found last.
    """

    __tablename__ = "correction"
    __table_args__ = (Index("ix_correction_conversation", "conversation_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str = Field(index=True)
    conversation_id: str = Field(foreign_key="conversation.id")
    snapshot_id: str
    state: str = "open"
    draft_id: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ToldRow(SQLModel, table=True):
    """A span that an answer cited and that reads otherwise now; `now_version` is none where nothing stands for it."""

    __tablename__ = "correction_span"
    __table_args__ = (Index("ix_correction_span_document", "workspace_id", "document_id"),)

    message_id: str = Field(foreign_key="message.id", primary_key=True)
    document_id: str = Field(foreign_key="document.id", primary_key=True)
    version: int = Field(primary_key=True)
    start: int = Field(primary_key=True)
    end: int
    correction_id: str = Field(foreign_key="correction.id", index=True)
    workspace_id: str
    title: str
    url: str
    quote: str
    now_version: int | None = None
    now_start: int = 0
    now_end: int = 0
    now_quote: str = ""
