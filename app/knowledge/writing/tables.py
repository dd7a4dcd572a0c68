"""The tables of articles that are written in the console."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class ArticleRow(SQLModel, table=True):
    """An article as it stands in the editor. `revision` counts its saves; `published` is a number of its history."""

    __tablename__ = "article"
    __table_args__ = (
        UniqueConstraint("workspace_id", "slug"),
        Index("ix_article_review", "workspace_id", "review_on"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    title: str
    slug: str
    category: str = "General"
    locale: str = "en"
    audience: str = "public"
    owner: str = ""
    review_on: date | None = None
    text: str = ""
    revision: int = 1
    published: int | None = None
    run_id: str | None = None
    changed_by: str
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class RevisionRow(SQLModel, table=True):
    """A state in the history of an article: saves of one sitting are one row until it is published."""

    __tablename__ = "article_revision"

    article_id: str = Field(foreign_key="article.id", primary_key=True)
    number: int = Field(primary_key=True)
    workspace_id: str
    said: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """All that an editor may change, by the names of the article's columns."""
    changed_by: str
    began_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
