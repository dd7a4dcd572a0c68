"""Receipts on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.accounts.receipts import Receipt, Receipts
from app.accounts.tables import ReceiptRow
from app.accounts.workspaces import Workspaces
from app.database import Database, now
from app.errors import Conflict, Invalid


async def _opened(database: Database) -> tuple[Receipts, str]:
    return Receipts(database), await Workspaces(database).ensure("Parcel Post")


async def test_a_request_is_begun_once_and_then_answered_from_its_receipt(database: Database) -> None:
    receipts, workspace = await _opened(database)
    assert await receipts.begin(workspace, "n", "r") is None
    with pytest.raises(Conflict, match="is not finished"):
        await receipts.begin(workspace, "n", "r")
    await receipts.keep("n", Receipt(201, "{}"))
    assert await receipts.begin(workspace, "n", "r") == Receipt(201, "{}")
    with pytest.raises(Invalid, match="another request"):
        await receipts.begin(workspace, "n", "other")


async def test_of_twenty_at_once_one_begins(database: Database) -> None:
    receipts, workspace = await _opened(database)
    begun = await asyncio.gather(*(receipts.begin(workspace, "n", "r") for _ in range(20)), return_exceptions=True)
    assert begun.count(None) == 1
    assert sum(isinstance(one, Conflict) for one in begun) == 19


async def test_what_was_refused_or_is_a_day_old_may_begin_anew(database: Database) -> None:
    receipts, workspace = await _opened(database)
    await receipts.begin(workspace, "n", "r")
    await receipts.forget("n")
    assert await receipts.begin(workspace, "n", "r") is None
    yesterday = now() - timedelta(hours=25)
    await database.write(lambda session: session.execute(update(ReceiptRow).values(begun_at=yesterday)).close())
    assert await receipts.begin(workspace, "n", "r") is None
