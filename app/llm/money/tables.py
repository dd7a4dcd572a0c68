"""The tables of what models were asked, what that cost, and how much it may cost."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from app.database import Json, UtcDateTime, new_id, now


class ModelCallRow(SQLModel, table=True):
    """One call of a model, its retries included. Written once, when it is over. Money is millionths of a US dollar."""

    __tablename__ = "model_call"
    __table_args__ = (Index("ix_model_call_time", "workspace_id", "started_at"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str
    conversation_id: str | None = Field(default=None, index=True)
    turn_id: str | None = None
    customer_id: str | None = None
    purpose: str
    model: str
    dialect: str
    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cost_micro_usd: int = Field(default=0, sa_type=BigInteger)
    price_version: str | None = None
    estimated: bool = False
    first_text_ms: int | None = None
    total_ms: int = 0
    attempts: int = 1
    stop: str | None = None
    error: str | None = None
    started_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class BudgetRow(SQLModel, table=True):
    """One account of one period: what is spent, what calls under way may still spend, and how far was warned of."""

    __tablename__ = "budget"

    key: str = Field(primary_key=True)
    workspace_id: str = Field(index=True)
    scope: str
    period: str
    settled_micro_usd: int = Field(default=0, sa_type=BigInteger)
    reserved_micro_usd: int = Field(default=0, sa_type=BigInteger)
    warned_percent: int = 0


class ReservationRow(SQLModel, table=True):
    """Calls that were let through together. One that has no call row when this expires was lost with its process."""

    __tablename__ = "budget_reservation"

    id: str = Field(default_factory=new_id, primary_key=True)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    calls: list[dict[str, Any]] = Field(sa_type=Json)


class BudgetAlertRow(SQLModel, table=True):
    """A budget came to 50, 80 or 100 percent; once a period each."""

    __tablename__ = "budget_alert"

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str = Field(index=True)
    scope: str
    period: str
    percent: int
    spent_micro_usd: int = Field(sa_type=BigInteger)
    limit_micro_usd: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class AllowanceRow(SQLModel, table=True):
    """Budgets as an admin set them in the console, in US dollars; they stand in place of the settings'."""

    __tablename__ = "allowance"

    workspace_id: str = Field(primary_key=True)
    dollars: dict[str, Any] = Field(sa_type=Json)
    when_spent: str
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class RouteRow(SQLModel, table=True):
    """A route as an admin set it in the console; it stands in place of the settings' route of that name."""

    __tablename__ = "route"

    workspace_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    cheap: list[str] = Field(sa_type=Json)
    strong: list[str] = Field(sa_type=Json)
    strong_from: float | None = None
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
