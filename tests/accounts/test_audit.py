"""The audit chain, on both databases."""

import asyncio

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from app.accounts.audit import Audit
from app.accounts.keys import Keys
from app.accounts.tables import AuditRow
from app.accounts.types import SYSTEM
from app.database import Database
from app.errors import NotFound


async def _fill(audit: Audit, workspace: str, lines: int = 5) -> None:
    recording = (
        audit.record(workspace, SYSTEM, "test.done", f"thing:{n}", before={"n": n, "b": 1}, after={"ä": [n, None, 0.5]})
        for n in range(lines)
    )
    await asyncio.gather(*recording)


async def test_lines_that_are_written_at_once_make_one_chain(database: Database, workspace: str) -> None:
    audit = Audit(database)
    await _fill(audit, workspace, 20)
    verdict = await audit.verify(workspace)
    assert (verdict.holds, verdict.entries) == (True, 20)


async def test_a_changed_line_breaks_the_chain_there(database: Database, workspace: str) -> None:
    audit = Audit(database)
    await _fill(audit, workspace)
    third = col(AuditRow.sequence) == 3
    await database.write(lambda session: session.execute(update(AuditRow).where(third).values(actor="eve")).close())
    assert (await audit.verify(workspace)).broken_at == 3


@pytest.mark.parametrize("number", [1, 3, 5])
async def test_a_missing_line_shows_wherever_it_was(database: Database, workspace: str, number: int) -> None:
    audit = Audit(database)
    await _fill(audit, workspace)
    gone = col(AuditRow.sequence) == number
    await database.write(lambda session: session.execute(delete(AuditRow).where(gone)).close())
    verdict = await audit.verify(workspace)
    assert (verdict.holds, verdict.broken_at) == (False, min(number, 5))


async def test_the_newest_lines_come_first_and_go_on_where_one_stopped(database: Database, workspace: str) -> None:
    audit = Audit(database)
    await _fill(audit, workspace)
    assert [line.sequence for line in await audit.entries(workspace, limit=2)] == [5, 4]
    assert [line.sequence for line in await audit.entries(workspace, before=4)] == [3, 2, 1]
    assert await audit.entries("elsewhere") == []


async def test_a_refused_change_leaves_no_line(database: Database, workspace: str) -> None:
    with pytest.raises(NotFound):
        await Keys(database).revoke(workspace, "nothing", SYSTEM)
    with pytest.raises(NotFound):
        await Audit(database).record("elsewhere", SYSTEM, "test.done", "thing")
    assert await Audit(database).export(workspace) == []


async def test_an_empty_log_holds(database: Database, workspace: str) -> None:
    assert (await Audit(database).verify(workspace)).holds
