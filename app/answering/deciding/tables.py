"""The tables of what the bot may decide, what its scores are worth, and what people think of its answers."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, now


class PolicyRow(SQLModel, table=True):
    """One version of a workspace's policy. Rows are only ever added; the newest stands."""

    __tablename__ = "policy"

    workspace_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    policy: dict[str, Any] = Field(sa_type=Json)
    made_by: str
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class CalibrationRow(SQLModel, table=True):
    """One calibration from a workspace's own verdicts. `scored` holds [score, right] of each. Only ever added."""

    __tablename__ = "calibration"

    workspace_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    weights: str
    curve: dict[str, Any] = Field(sa_type=Json)
    scored: list[list[float]] = Field(sa_type=Json)
    sources: dict[str, int] = Field(sa_type=Json)
    error: float
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class VerdictRow(SQLModel, table=True):
    """What an agent says of one answer of the bot."""

    __tablename__ = "verdict"

    turn_id: str = Field(primary_key=True)
    workspace_id: str = Field(index=True)
    right: bool
    person: str
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
