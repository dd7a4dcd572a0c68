"""The tables of gaps. Personal data stands in their texts as kinds alone."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, now


class GapRow(SQLModel, table=True):
    """Questions that ask alike and found no answer. `drafted_at` is how many they were when the draft was written."""

    __tablename__ = "gap"

    id: str = Field(primary_key=True)
    workspace_id: str = Field(index=True)
    question: str
    vector: list[float] = Field(sa_type=Json)
    count: int = 0
    draft: str = ""
    model: str = ""
    prompt_version: str = ""
    drafted_at: int = 0
    first_asked_at: datetime = Field(sa_type=UtcDateTime)
    last_asked_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class GapQuestionRow(SQLModel, table=True):
    """A question that ended in an offer, and the gap that it belongs to."""

    __tablename__ = "gap_question"

    turn_id: str = Field(primary_key=True)
    workspace_id: str
    gap_id: str = Field(index=True)
    conversation_id: str
    text: str
    asked_at: datetime = Field(sa_type=UtcDateTime)


class ErrandRow(SQLModel, table=True):
    """When work that waits for the night was last begun in a workspace."""

    __tablename__ = "errand"

    workspace_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    begun_at: datetime = Field(sa_type=UtcDateTime)
