"""Provider keys as they are stored: sealed, and who changed them when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from app.database import Database, now
from app.llm.keyring.tables import ProviderKeyRow


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What is known of a key that was set or removed in the console."""

    sealed: str | None = field(repr=False)
    ending: str
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class KeyStore:
    """The only place that reads and writes them."""

    database: Database
    workspace_id: str

    async def all(self) -> dict[str, StoredKey]:
        """Each by its name; those that were removed are still told of."""
        return await self.database.read(lambda session: _all(session, self.workspace_id))

    async def keep(self, name: str, sealed: str | None, ending: str, by: str) -> None:
        """Keep a key in place of the one before; nothing sealed takes the place of one that is removed."""
        told = {"sealed": sealed, "ending": ending, "changed_by": by, "changed_at": now()}
        await self.database.write(lambda session: _keep(session, self.workspace_id, name, told))

    async def renew(self, name: str, before: str, after: str) -> None:
        """The same key sealed anew, unless somebody changed it meanwhile."""
        this = (col(ProviderKeyRow.workspace_id) == self.workspace_id) & (col(ProviderKeyRow.name) == name)
        same = this & (col(ProviderKeyRow.sealed) == before)
        await self.database.write(
            lambda session: session.execute(update(ProviderKeyRow).where(same).values(sealed=after))
        )


def _all(session: Session, workspace_id: str) -> dict[str, StoredKey]:
    mine = select(ProviderKeyRow).where(col(ProviderKeyRow.workspace_id) == workspace_id)
    rows = session.execute(mine).scalars()
    return {row.name: StoredKey(row.sealed, row.ending, row.changed_by, row.changed_at) for row in rows}


def _keep(session: Session, workspace_id: str, name: str, told: Mapping[str, object]) -> None:
    this = (col(ProviderKeyRow.workspace_id) == workspace_id) & (col(ProviderKeyRow.name) == name)
    session.execute(delete(ProviderKeyRow).where(this))
    session.execute(insert(ProviderKeyRow).values(workspace_id=workspace_id, name=name, **told))
