"""The table of batches that were handed in."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class BatchRow(SQLModel, table=True):
    """Jobs that were handed in together. `fingerprint` is what they ask, so that nothing is handed in twice."""

    __tablename__ = "model_batch"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str = Field(index=True)
    fingerprint: str = Field(unique=True)
    model: str
    purpose: str
    remote_id: str | None = None
    state: str = "made"
    results: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
