"""A process that looks after a batch is killed at every moment that matters; another one brings it to its end."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import SQLModel, select

from app.database import open_database
from app.llm.batching.tables import BatchRow
from app.llm.money.tables import BudgetRow, ModelCallRow, ReservationRow
from tests.llm.batch_child import HELD_FOR, JOBS
from tests.llm.batch_house import House, served
from tests.serving import ROOT

EACH = 1_500
PATIENCE_S = 60


@dataclass
class Killer:
    """Kills the process whose request is the n-th, before the provider sees it or after the provider has done it."""

    at: int
    when: str
    child: subprocess.Popen[bytes] | None = None
    seen: dict[str, int] = field(default_factory=lambda: {"before": 0, "after": 0})

    def before(self, *_: str) -> None:
        self._see("before")

    def after(self, *_: str) -> None:
        self._see("after")

    def _see(self, when: str) -> None:
        self.seen[when] += 1
        if when == self.when and self.seen[when] == self.at and self.child:
            os.kill(self.child.pid, signal.SIGKILL)
            self.child.wait()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("dialect", ["openai-chat", "anthropic"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_any_request_it_is_handed_in_once_and_paid_for_once(  # where, when and what
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, dialect: str, when: str
) -> None:
    points = (1, 2, 4) if (engine, when) == ("sqlite", "after") else (2,)
    for at in points:
        url = f"sqlite:///{tmp_path}/{at}.db" if engine == "sqlite" else request.getfixturevalue("postgres_url")
        house, killer = House(ended=True), Killer(at, when)
        house.before, house.after = killer.before, killer.after
        await _tables(url)
        with served(house) as address:
            _until_ended(url, address, dialect, killer)
        await _check(url, house)


async def _tables(url: str) -> None:
    database = open_database(url)
    await database.write(lambda session: SQLModel.metadata.create_all(session.connection()))
    await database.close()


def _until_ended(url: str, address: str, dialect: str, killer: Killer) -> None:
    """Start the process again whenever it was killed, as a supervisor would."""
    words, ends, starts = (sys.executable, "-m", "tests.llm.batch_child", url, address, dialect), time.monotonic(), 0
    while time.monotonic() < ends + PATIENCE_S:
        starts += 1
        killer.child = subprocess.Popen(words, cwd=ROOT)
        if killer.child.wait(timeout=PATIENCE_S) == 0:
            assert starts == 2, "It was killed once."
            return
        time.sleep(HELD_FOR.total_seconds())
    raise AssertionError("The batch did not end.")


async def _check(url: str, house: House) -> None:
    """Each round was handed in once, every job was answered once, and the books agree with the provider's."""
    database = open_database(url)
    calls = await database.read(lambda session: list(session.exec(select(ModelCallRow))))
    [batch] = await database.read(lambda session: list(session.exec(select(BatchRow))))
    days = await database.read(lambda session: list(session.exec(select(BudgetRow))))
    promises = await database.read(lambda session: list(session.exec(select(ReservationRow))))
    await database.close()
    assert [len(one["rows"]) for one in house.batches.values()] == [3, 1]
    assert {one["id"] for one in batch.results if one["error"] is None} == {job.id for job in JOBS}
    assert sum(call.cost_micro_usd for call in calls) == 3 * EACH
    assert [(day.settled_micro_usd, day.reserved_micro_usd) for day in days] == [(3 * EACH, 0)]
    assert promises == []
