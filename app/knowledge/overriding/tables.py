"""The tables of what admins change about single passages, and of what became of that in each snapshot."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class OverrideRow(SQLModel, table=True):
    """A wish about one passage, which is known by what it says (`quote`) and by the headings above it.

    `start` is where it stood when the wish was made, in code points; it only decides between equal passages.
    """

    __tablename__ = "passage_override"
    __table_args__ = (Index("ix_passage_override_document", "workspace_id", "document_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    document_id: str = Field(foreign_key="document.id")
    heading: str
    quote: str
    start: int
    disabled: bool = False
    text: str | None = None
    questions: list[str] = Field(default_factory=list, sa_type=Json)
    keywords: list[str] = Field(default_factory=list, sa_type=Json)
    pins: list[str] = Field(default_factory=list, sa_type=Json)
    revision: int = 1
    changed_by: str
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class OutcomeRow(SQLModel, table=True):
    """What became of an override in one snapshot: `applied`, `moved` or `conflict`.

    The span is that of the passage in the version that the snapshot shows; in a conflict it is the passage of the
    source's own version that is most like the one that is gone, if there is any (`end` is 0 when there is none).
    """

    __tablename__ = "override_outcome"

    snapshot_id: str = Field(foreign_key="snapshot.id", primary_key=True)
    override_id: str = Field(primary_key=True)
    workspace_id: str
    document_id: str
    version: int
    state: str
    reason: str = ""
    heading: str = ""
    start: int = 0
    end: int = 0
