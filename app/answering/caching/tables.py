"""The tables of answers that may be given again, and of when they were."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class CachedAnswerRow(SQLModel, table=True):
    """A whole, supported answer. `text` cites by numbers, `passages` says which passage each number stands for."""

    __tablename__ = "cached_answer"
    __table_args__ = (
        UniqueConstraint("scope", "question"),
        Index("ix_cached_answer_age", "workspace_id", "created_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    scope: str
    question: str
    asked: str
    vector: bytes | None = Field(default=None, sa_type=LargeBinary)
    text: str
    passages: dict[str, str] = Field(sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class CacheHitRow(SQLModel, table=True):
    """An answer that was given again. `agreed` is known of those that were also written anew, to see if they hold."""

    __tablename__ = "cache_hit"
    __table_args__ = (Index("ix_cache_hit_time", "workspace_id", "created_at"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    answer_id: str
    turn_id: str
    kind: str
    similarity: float
    agreed: bool | None = None
    cost_micro_usd: int = 0
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
