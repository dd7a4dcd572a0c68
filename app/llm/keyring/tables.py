"""The table of provider keys that were set in the console."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.database import UtcDateTime, now


class ProviderKeyRow(SQLModel, table=True):
    """One key, readable only with the installation's secret; `sealed` is nothing once it was removed."""

    __tablename__ = "provider_key"

    workspace_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    sealed: str | None = None
    ending: str = ""
    changed_by: str
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
