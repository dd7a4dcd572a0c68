"""The table of batches."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class BatchRow(SQLModel, table=True):
    """Jobs that wait together. Written before they are handed in, so that no crash loses them or sends them twice.

    `fingerprint` is what they ask. `made`: to be handed in; `sending`: may have arrived; `submitted`: the provider has
    them as `remote_id`; `asking`: the model is asked one after the other; `ended`: `results` are complete, and what
    went wrong with all of them is `trouble`. Whoever works on it holds it until `held_until`. `others` are the models
    that may be asked next for what this one leaves without an answer.
    """

    __tablename__ = "model_batch"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str = Field(index=True)
    fingerprint: str = Field(unique=True)
    model: str
    others: list[str] = Field(default_factory=list, sa_type=Json)
    purpose: str
    work: str = ""
    jobs: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    state: str = Field(default="made", index=True)
    round: int = 1
    remote_id: str | None = None
    promise_id: str | None = None
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    held_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled: bool = False
    trouble: str | None = None
    results: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
