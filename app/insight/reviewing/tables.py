"""The tables of reviews: questions that must keep working, what a review found, and which answers change."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class ProbeRow(SQLModel, table=True):
    """A question with what must come of it. `expects` is document, url or no_answer; `value` says which one."""

    __tablename__ = "probe"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str = Field(index=True)
    question: str
    expects: str
    value: str = ""
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ReviewRow(SQLModel, table=True):
    """The review of one snapshot against the one that answered then; a later review replaces it.

    `probes` tells how each probe question went, `impact` counts the replayed questions by what changes for them.
    """

    __tablename__ = "snapshot_review"
    __table_args__ = (Index("ix_snapshot_review_state", "state"),)

    snapshot_id: str = Field(foreign_key="snapshot.id", primary_key=True)
    workspace_id: str
    against_id: str | None = None
    state: str = "queued"
    done: int = 0
    total: int = 0
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    probes: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    impact: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    cancel_requested: bool = False
    worker: str | None = None
    heartbeat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ImpactRow(SQLModel, table=True):
    """A question whose answer would change: how, how often it was asked, and what each snapshot has for it."""

    __tablename__ = "snapshot_impact"

    snapshot_id: str = Field(foreign_key="snapshot.id", primary_key=True)
    position: int = Field(primary_key=True)
    workspace_id: str
    change: str
    question: str
    asked: int
    before: dict[str, Any] = Field(sa_type=Json)
    after: dict[str, Any] = Field(sa_type=Json)
