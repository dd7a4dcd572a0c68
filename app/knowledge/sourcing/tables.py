"""The tables of what was fetched and read for a source, and of what was looked at before."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, now


class PageRow(SQLModel, table=True):
    """A web page of a source: what came of it in the last round that met it. `key` is the hash of its address."""

    __tablename__ = "source_page"
    __table_args__ = (Index("ix_source_page_round", "source_id", "round", "state", "position"),)

    source_id: str = Field(foreign_key="source.id", primary_key=True)
    key: str = Field(primary_key=True)
    workspace_id: str
    url: str
    round: str
    position: int = 0
    depth: int = 0
    state: str = "waiting"
    reason: str = ""
    name: str = ""
    media: str = ""
    digest: str = ""
    etag: str = ""
    modified: str = ""


class FileRow(SQLModel, table=True):
    """A file of a source as it was read last: a hash of its bytes and of how they were read, and what was in it.

    `documents` holds [name, hash, flags] of each.
    """

    __tablename__ = "source_file"

    source_id: str = Field(foreign_key="source.id", primary_key=True)
    name: str = Field(primary_key=True)
    workspace_id: str
    digest: str
    documents: list[Any] = Field(default_factory=list, sa_type=Json)


class PreviewRow(SQLModel, table=True):
    """What a run of a source would fetch, as far as was looked: the newest such look."""

    __tablename__ = "source_preview"

    source_id: str = Field(foreign_key="source.id", primary_key=True)
    workspace_id: str
    state: str = "queued"
    found: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    error: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
