"""The table of documents that other software sends, as it sent them."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class PushedRow(SQLModel, table=True):
    """What a source that is pushed to holds now. A run makes the next snapshot equal to it."""

    __tablename__ = "pushed_document"
    __table_args__ = (UniqueConstraint("workspace_id", "source", "external_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    source: str
    external_id: str
    media: str
    content: str
    known: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What the sender says about the document besides its text: title, url, locale, audience, front matter."""
    etag: str
    run_id: str
    pushed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
