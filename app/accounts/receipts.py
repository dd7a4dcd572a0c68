"""What was done for an `Idempotency-Key`, so that a request that is sent twice is done once.

After draft-ietf-httpapi-idempotency-key-header-07. A request whose end is not known, because the process died in the
middle of it, is not done again: whoever sent it looks first and takes a new key.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from app.accounts.tables import ReceiptRow
from app.database import Database, now
from app.errors import Conflict, Invalid

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a request was answered."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Receipts:
    """The only place that reads or writes receipts. `name` is a digest of who asked for what under which key."""

    database: Database

    async def begin(self, workspace_id: str, name: str, request: str) -> Receipt | None:
        """Note that this request begins, or give how it was answered before.

        Raises `Conflict` while the first is on its way, and `Invalid` when the key stood for another request.
        """
        return await self.database.write(partial(_begin, workspace_id=workspace_id, name=name, request=request))

    async def keep(self, name: str, receipt: Receipt) -> None:
        """Remember how the request was answered."""
        answered = {"status": receipt.status, "body": receipt.body}
        await self.database.write(
            lambda session: session.execute(
                update(ReceiptRow).where(col(ReceiptRow.name) == name).values(**answered)
            ).close()
        )

    async def forget(self, name: str) -> None:
        """The request was refused, so that it may be sent again."""
        await self.database.write(
            lambda session: session.execute(delete(ReceiptRow).where(col(ReceiptRow.name) == name)).close()
        )


def _begin(session: Session, workspace_id: str, name: str, request: str) -> Receipt | None:
    session.execute(delete(ReceiptRow).where(col(ReceiptRow.begun_at) < now() - KEPT))
    if _insert(session, workspace_id, name, request):
        return None
    row = session.get_one(ReceiptRow, name)
    if row.request != request:
        raise Invalid("This Idempotency-Key stood for another request. Take a new key for each request.")
    if row.status is None:
        raise Conflict(
            "A request with this Idempotency-Key was begun and is not finished. If it stays so, look whether it was "
            "done, and then take a new key."
        )
    return Receipt(row.status, row.body)


def _insert(session: Session, workspace_id: str, name: str, request: str) -> bool:
    """Whether this is the first of its name, even when another process inserts it at this moment."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"name": name, "workspace_id": workspace_id, "request": request, "body": "", "begun_at": now()}
    made = session.execute(insert(ReceiptRow).values(**row).on_conflict_do_nothing().returning(col(ReceiptRow.name)))
    return made.scalar_one_or_none() is not None
