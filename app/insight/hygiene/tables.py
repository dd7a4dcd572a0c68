"""The tables of looking after: scans, the tasks that they find, and what readers thought of articles."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class TaskRow(SQLModel, table=True):
    """Something that a person should look at. `state` is open, done or dismissed; `identity` outlives the scans.

    `closed_by` says who closed it: a person, or `scan` when it was no longer found.
    """

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("workspace_id", "identity"),
        Index("ix_task_list", "workspace_id", "state", "created_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    identity: str
    fingerprint: str
    kind: str
    title: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    state: str = "open"
    owner_id: str | None = None
    reason: str = ""
    closed_by: str = ""
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    seen_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ScanRow(SQLModel, table=True):
    """One look at the published snapshot. `links` says whether other sites were asked too."""

    __tablename__ = "hygiene_scan"
    __table_args__ = (Index("ix_hygiene_scan_latest", "workspace_id", "created_at"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    snapshot_id: str | None = None
    links: bool = False
    state: str = "queued"
    stage: str = "queued"
    done: int = 0
    total: int = 0
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    error: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    heartbeat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class FeedbackRow(SQLModel, table=True):
    """How many readers of the help centre said that a version of an article helped them, and how many that not."""

    __tablename__ = "article_feedback"

    workspace_id: str = Field(primary_key=True)
    document_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    helped: int = 0
    not_helped: int = 0
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
