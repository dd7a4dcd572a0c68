"""Batches in the database: each step is one transaction, and only whoever holds a batch takes one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Update, delete, insert, select, update
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import Conflict, NotFound
from app.llm.batching.jobs import tag, unanswered, waiting
from app.llm.batching.tables import BatchRow
from app.llm.batching.wire import Sent
from app.llm.money.booking import Alert, Bill, Booked, Wish, book
from app.llm.money.promises import Promised, prolong, redeem

LASTS = timedelta(hours=48)
"""A provider takes up to 24 hours for a batch; each look at it prolongs its reservation by this."""
HELD_FOR = timedelta(minutes=5)
"""Longer than handing in or fetching a batch may take, so that a second process never does either as well."""
UNFINISHED = ("made", "sending", "submitted", "asking")
Result = dict[str, Any]


class NoRoom(Conflict):
    """A budget has no room for this batch, so nothing was handed in."""

    def __init__(self, account: str, jobs: int, dollars: float) -> None:
        super().__init__(
            f"The budget {account} has no room for this batch: its {jobs} prompts may cost up to {dollars:.4f} US"
            " dollars. Raise the budget under [budget], or hand in fewer prompts."
        )


@dataclass(frozen=True, slots=True)
class BatchStore:
    """The only place that reads and writes batches."""

    database: Database
    held_for: timedelta = HELD_FOR

    async def keep(self, row: BatchRow, wish: Wish | None) -> tuple[str, list[Alert]]:
        """Write a batch down and reserve what it may cost, or give the id of the one that asks the same.

        Raises `NoRoom`, and then no batch was kept.
        """
        batch_id, booked = await self.database.write(lambda session: _keep(session, row, wish))
        if batch_id is None:
            raise _no_room(booked, wish, len(row.jobs))
        return batch_id, booked.alerts

    async def read(self, batch_id: str) -> BatchRow:
        """One batch. Raises `NotFound`."""
        row = await self.database.read(lambda session: session.get(BatchRow, batch_id))
        if row is None:
            raise NotFound(f"There is no batch {batch_id}.")
        return row

    async def unfinished(self) -> list[tuple[str, str]]:
        """The id and the model of each batch that somebody has to look after, oldest first."""
        columns = select(col(BatchRow.id), col(BatchRow.model)).where(col(BatchRow.state).in_(UNFINISHED))
        order = columns.order_by(col(BatchRow.id))
        return await self.database.read(lambda session: [(one[0], one[1]) for one in session.execute(order)])

    async def ended(self, work: str) -> list[BatchRow]:
        """Batches of this work whose results nobody has taken yet."""
        mine = (col(BatchRow.work) == work) & (col(BatchRow.state) == "ended") & col(BatchRow.delivered_at).is_(None)
        rows = select(BatchRow).where(mine).order_by(col(BatchRow.id))
        return await self.database.read(lambda session: list(session.execute(rows).scalars()))

    async def waits(self, workspace_id: str, work: str) -> bool:
        """Whether a batch of this work is under way."""
        mine = (col(BatchRow.workspace_id) == workspace_id) & (col(BatchRow.work) == work)
        open_ones = select(col(BatchRow.id)).where(mine & col(BatchRow.delivered_at).is_(None)).limit(1)
        return await self.database.read(lambda session: session.execute(open_ones).first() is not None)

    async def delivered(self, row: BatchRow) -> None:
        """Somebody has taken the results: neither they nor the prompts are kept any longer.

        What was left without an answer may be asked again: it is another batch then.
        """
        freed = {"fingerprint": row.id} if unanswered(row) else {}
        await self.change(row.id, delivered_at=now(), jobs=[], results=[], **freed)

    async def give_up(self, batch_id: str, trouble: str) -> None:
        """Nobody can look after it any more; what was reserved for it is charged as lost once it expires."""
        await self.change(batch_id, state="ended", trouble=trouble, ended_at=now())

    async def hold(self, batch_id: str) -> BatchRow | None:
        """The batch, to be worked on by nobody else for a while; none when another does, or when it is over."""
        return await self.database.write(lambda session: _hold(session, batch_id, self.held_for))

    async def change(self, batch_id: str, **values: object) -> None:
        """Note how it stands; whoever holds it goes on holding it."""
        held = {"held_until": now() + self.held_for} if "held_until" not in values else {}
        mine = update(BatchRow).where(col(BatchRow.id) == batch_id).values(**values, **held)
        await self.database.write(lambda session: _done(session, mine))

    async def still_runs(self, row: BatchRow) -> None:
        """It is at work: what is reserved for it is not lost."""
        promise_id = row.promise_id
        if promise_id:
            await self.database.write(lambda session: prolong(session.connection(), promise_id, now() + LASTS))

    async def end(self, row: BatchRow, bills: Sequence[Bill], results: Sequence[Result], trouble: str | None) -> bool:
        """Book and keep the results in one transaction; whether this was what ended it."""
        return await self.database.write(lambda session: _settle(session, row, bills, _over(results, trouble)))

    async def again(
        self, row: BatchRow, bills: Sequence[Bill], results: Sequence[Result], wish: Wish | None
    ) -> tuple[bool, list[Alert]]:
        """Book what came of this round and reserve for another of the jobs that are left; whether there was room."""
        return await self.database.write(lambda session: _again(session, row, bills, results, wish))

    async def sent(self, row: BatchRow) -> Sent:
        """What is known of a batch that may have arrived."""
        mine = (col(BatchRow.model) == row.model) & col(BatchRow.remote_id).is_not(None)
        others = select(col(BatchRow.remote_id)).where(mine)
        known = await self.database.read(lambda session: set(session.execute(others).scalars()))
        return Sent(tag(row), row.sent_at or row.created_at, len(waiting(row)), frozenset(filter(None, known)))


def _keep(session: Session, row: BatchRow, wish: Wish | None) -> tuple[str | None, Booked]:
    known = select(BatchRow).where(col(BatchRow.fingerprint) == row.fingerprint)
    there = session.execute(known).scalar_one_or_none()
    if there and not there.trouble:
        return there.id, Booked()
    booked = book(session, [wish] if wish else [], (), lasts=LASTS)
    if any(booked.refused):
        return None, booked
    if there:
        session.execute(delete(BatchRow).where(col(BatchRow.id) == there.id))
    session.execute(insert(BatchRow).values(row.model_dump() | {"promise_id": booked.promise_id}))
    return row.id, booked


def _no_room(booked: Booked, wish: Wish | None, jobs: int) -> NoRoom:
    refused = next(filter(None, booked.refused))
    return NoRoom(refused.kind, jobs, (wish.amount if wish else 0) / 1_000_000)


def _done(session: Session, change: Update) -> None:
    session.execute(change)


def _hold(session: Session, batch_id: str, held_for: timedelta) -> BatchRow | None:
    moment = now()
    free = col(BatchRow.held_until).is_(None) | (col(BatchRow.held_until) < moment)
    mine = (col(BatchRow.id) == batch_id) & col(BatchRow.state).in_(UNFINISHED) & free
    taken = update(BatchRow).where(mine).values(held_until=moment + held_for).returning(col(BatchRow.id))
    if session.execute(taken).scalar_one_or_none() is None:
        return None
    return session.get(BatchRow, batch_id)


def _over(results: Sequence[Result], trouble: str | None = None) -> dict[str, Any]:
    return {"state": "ended", "results": list(results), "trouble": trouble, "ended_at": now()}


def _settle(session: Session, row: BatchRow, bills: Sequence[Bill], values: dict[str, Any]) -> bool:
    mine = (col(BatchRow.id) == row.id) & (col(BatchRow.state) == row.state) & (col(BatchRow.round) == row.round)
    ended = update(BatchRow).where(mine).values(**values, promise_id=None, held_until=None)
    if session.execute(ended.returning(col(BatchRow.id))).scalar_one_or_none() is None:
        return False
    promised = redeem(session.connection(), row.promise_id) if row.promise_id else []
    if row.promise_id and not promised:
        return True  # charged as lost while nobody looked after it, in the place of its calls
    book(session, (), _with_reservation(bills, promised))
    return True


def _with_reservation(bills: Sequence[Bill], promised: Sequence[Promised]) -> list[Bill]:
    """What was reserved for all of them is given back with the first."""
    if not promised or not bills:
        return list(bills)
    (_, places, amount), first = promised[0], bills[0]
    return [Bill(first.call, first.accounts, amount, places), *bills[1:]]


def _again(
    session: Session, row: BatchRow, bills: Sequence[Bill], results: Sequence[Result], wish: Wish | None
) -> tuple[bool, list[Alert]]:
    values = {"state": "made", "round": row.round + 1, "remote_id": None, "results": list(results)}
    if not _settle(session, row, bills, values):
        return False, []
    booked = book(session, [wish] if wish else [], (), lasts=LASTS)
    room = not any(booked.refused)
    changes = {"promise_id": booked.promise_id} if room else _over(results)
    session.execute(update(BatchRow).where(col(BatchRow.id) == row.id).values(**changes))
    return room, booked.alerts
