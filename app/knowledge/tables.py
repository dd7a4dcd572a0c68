"""The tables of what we know: documents, versions, passages, the snapshots made of them, the runs that fill them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class SourceRow(SQLModel, table=True):
    """Where documents come from, how often they are fetched, and what holds for those that say nothing themselves.

    `kind` is folder, upload, url, sitemap, crawl, git, export, push or articles; `settings` holds what this kind needs.
    `schedule` is manual, hourly, daily, weekly or a number of minutes. An empty `locale` leaves it to the loaders.
    `publish_rule` says when a run may publish by itself, `cutting` how passages are cut; both are empty by default.
    `seen` is what a watched folder looked like when its last run was queued. One with a `deleted_at` is shown nowhere.
    """

    __tablename__ = "source"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    name: str
    kind: str = "folder"
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    schedule: str = "manual"
    audience: str = "public"
    locale: str = ""
    owner: str | None = None
    enabled: bool = True
    publish_rule: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    cutting: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    last_run_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_run_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen: str = ""
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class DocumentRow(SQLModel, table=True):
    """A document, known by the name that its source gives it. What it says is in its versions."""

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("workspace_id", "source_id", "external_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    source_id: str = Field(foreign_key="source.id")
    external_id: str
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class VersionRow(SQLModel, table=True):
    """One state of a document; never changed once written. `text` is normalised Markdown."""

    __tablename__ = "document_version"
    __table_args__ = (UniqueConstraint("document_id", "content_hash"),)

    document_id: str = Field(foreign_key="document.id", primary_key=True)
    number: int = Field(primary_key=True)
    workspace_id: str
    title: str
    url: str
    text: str
    locale: str
    audience: str
    front_matter: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    content_hash: str
    flags: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class PassageRow(SQLModel, table=True):
    """A stretch of a version, under one way of cutting. `hash` names the text that is embedded for it.

    `added` is read along by both searches and never cited; to each of the questions in `pins` this is the first answer.
    """

    __tablename__ = "passage"
    __table_args__ = (
        UniqueConstraint("document_id", "version", "cut", "start"),
        Index("ix_passage_cut", "workspace_id", "cut", "document_id", "version"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    document_id: str
    version: int
    cut: str
    heading: str
    start: int
    end: int
    hash: str
    added: str = ""
    pins: list[str] = Field(default_factory=list, sa_type=Json)


class VectorRow(SQLModel, table=True):
    """What an embedder made of a text: float32 numbers, little-endian. The hash is that of the text."""

    __tablename__ = "vector"

    workspace_id: str = Field(primary_key=True)
    fingerprint: str = Field(primary_key=True)
    hash: str = Field(primary_key=True)
    numbers: bytes = Field(sa_type=LargeBinary)


class SnapshotRow(SQLModel, table=True):
    """One immutable state of the knowledge base: which version of which document, cut and embedded how.

    `reasons` say why it waits for a look: {sentence, stops}.
    """

    __tablename__ = "snapshot"
    __table_args__ = (Index("ix_snapshot_latest", "workspace_id", "created_at"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    state: str = "building"
    fingerprint: str
    cut: str
    documents: int = 0
    passages: int = 0
    run_id: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MemberRow(SQLModel, table=True):
    """A document version belongs to a snapshot; its passages follow from the cut.

    `origin` is the version that the source gave. It is another one than `version` when an admin edited a passage.
    """

    __tablename__ = "snapshot_member"

    snapshot_id: str = Field(foreign_key="snapshot.id", primary_key=True)
    document_id: str = Field(foreign_key="document.id", primary_key=True)
    version: int
    workspace_id: str
    cut: str
    origin: int


class ArtefactRow(SQLModel, table=True):
    """A file that belongs to a snapshot and that other machines fetch: the lexical index as a tar."""

    __tablename__ = "snapshot_artefact"

    snapshot_id: str = Field(foreign_key="snapshot.id", primary_key=True)
    name: str = Field(primary_key=True)
    workspace_id: str
    sha256: str
    data: bytes = Field(sa_type=LargeBinary)


class PublicationRow(SQLModel, table=True):
    """The one row that says which snapshot answers, and which one a rollback returns to."""

    __tablename__ = "publication"

    workspace_id: str = Field(primary_key=True)
    snapshot_id: str = Field(foreign_key="snapshot.id")
    previous_id: str | None = None
    published_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class RunRow(SQLModel, table=True):
    """One ingest run: what was asked for, how far it is, what came of it. `worker` names the process that has it."""

    __tablename__ = "ingest_run"
    __table_args__ = (Index("ix_ingest_run_state", "workspace_id", "state"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    source: str
    state: str = "queued"
    stage: str = "queued"
    request: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    stages: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    held: list[str] = Field(default_factory=list, sa_type=Json)
    cancel_requested: bool = False
    pause_requested: bool = False
    worker: str | None = None
    heartbeat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    snapshot_id: str | None = None
    error: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ItemRow(SQLModel, table=True):
    """What became of one file or row in a run."""

    __tablename__ = "ingest_item"
    __table_args__ = (Index("ix_ingest_item_rank", "run_id", "rank", "position"),)

    run_id: str = Field(foreign_key="ingest_run.id", primary_key=True)
    position: int = Field(primary_key=True)
    workspace_id: str
    name: str
    outcome: str
    rank: int
    detail: str = ""
    flags: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
