"""The life of a turn in the database: begun, spoken under a lease, completed, taken up again after a crash."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlmodel import Session, col

from app.conversations.beginning import begin, customer_of, history, lease
from app.conversations.completing import Draft, Outcome, complete
from app.conversations.log import append_under, lock, published, settle
from app.conversations.tables import MessageRow, TurnRow, WorkerRow
from app.conversations.types import Begun, Event, Lease, Publishable
from app.database import Database, now

__all__ = ["Draft", "Outcome", "TurnStore"]
WORKER_SILENT_S = 4.0
MOST_TRIES = 3
HOPELESS = {
    "type": "about:blank",
    "title": "Not answered",
    "status": 503,
    "detail": "This question could not be answered. Please ask again.",
}


@dataclass(frozen=True, slots=True)
class TurnStore:
    """The only place that begins and ends turns."""

    database: Database

    async def begin(self, conversation_id: str, text: str, client_message_id: str | None, worker_id: str) -> Begun:
        """Save a question and open its turn, durably. The same `client_message_id` gives the same turn again."""
        return await self.database.write(
            lambda session: begin(session, conversation_id, text, client_message_id, worker_id)
        )

    async def publish(self, lease: Lease, facts: Sequence[Publishable]) -> list[Event]:
        """Tell facts of a turn. Raises `LeaseLost` when somebody else speaks now."""
        return await self.database.write(lambda session: append_under(session, lease, facts))

    async def complete(self, lease: Lease, outcome: Outcome) -> list[Event]:
        """Store the answer and end the turn, under the lease."""
        return await self.database.write(lambda session: complete(session, lease, outcome))

    async def fail(self, lease: Lease, problem: dict[str, Any]) -> list[Event]:
        """End a turn that came to nothing; sentences that were shown stay."""
        return await self.database.write(lambda session: _break(session, lease, problem))

    async def stop(self, conversation_id: str) -> list[Event]:
        """End the running turn because the customer asks for it. Nothing happens when none runs."""
        problem = {"type": "about:blank", "title": "Stopped", "status": 409, "detail": "You stopped this answer."}

        def operation(session: Session) -> list[Event]:
            return settle(session, lock(session, conversation_id), problem)

        return await self.database.write(operation)

    async def beat(self, worker_id: str) -> None:
        """Say that this process is alive, and forget those that have long been silent."""
        await self.database.write(lambda session: _beat(session, worker_id))

    async def orphans(self, worker_id: str, running: Collection[str]) -> list[Begun]:
        """Take over turns whose process died, and our own that nobody is `running`; hopeless ones are settled."""
        found = await self.database.read(partial(_silent_turns, worker_id=worker_id, running=running))
        taken = [await self.database.write(partial(_adopt, turn_id=turn, worker_id=worker_id)) for turn in found]
        return [begun for begun in taken if begun is not None]


def _break(session: Session, lease: Lease, problem: dict[str, Any]) -> list[Event]:
    row = lock(session, lease.conversation_id)
    return settle(session, row, problem) if row.turn_id == lease.turn_id else []


def _beat(session: Session, worker_id: str) -> None:
    seen = session.execute(
        update(WorkerRow).where(col(WorkerRow.id) == worker_id).values(seen_at=now()).returning(col(WorkerRow.id))
    )
    if seen.scalar_one_or_none() is None:
        session.execute(insert(WorkerRow).values(id=worker_id, workspace_id="", seen_at=now()))


def _silent_turns(session: Session, worker_id: str, running: Collection[str]) -> list[str]:
    """Running turns whose process has said nothing for `WORKER_SILENT_S`, or never said anything.

    And those of this process that came to an end which could not be stored, because the database was away.
    """
    silent_since = now() - timedelta(seconds=WORKER_SILENT_S)
    alive = select(col(WorkerRow.id)).where(col(WorkerRow.seen_at) > silent_since)
    ours = col(TurnRow.worker_id) == worker_id
    # One that is begun and not yet started is young.
    astray = ours & col(TurnRow.id).not_in(running) & (col(TurnRow.started_at) < silent_since)
    orphaned = (col(TurnRow.state) == "running") & (astray | (~ours & col(TurnRow.worker_id).not_in(alive)))
    return list(session.execute(select(col(TurnRow.id)).where(orphaned)).scalars())


def _adopt(session: Session, turn_id: str, worker_id: str) -> Begun | None:
    turn = session.execute(select(TurnRow).where(col(TurnRow.id) == turn_id)).scalar_one()
    row = lock(session, turn.conversation_id)
    alive = select(func.count()).where(
        (col(WorkerRow.id) == turn.worker_id) & (col(WorkerRow.id) != worker_id),
        col(WorkerRow.seen_at) > now() - timedelta(seconds=WORKER_SILENT_S),
    )
    if row.turn_id != turn_id or session.execute(alive).scalar_one():
        return None
    if turn.tries >= MOST_TRIES:
        settle(session, row, HOPELESS)
        return None
    row.owner_version += 1
    turn.worker_id, turn.tries = worker_id, turn.tries + 1
    session.add_all((row, turn))
    session.flush()
    question = session.execute(select(col(MessageRow.text)).where(col(MessageRow.id) == turn.message_id)).scalar_one()
    before = tuple(said for said in history(session, row.id) if said.text != question)
    already = tuple(published(session, row.id, turn_id))
    granted = lease(row, turn_id, turn.message_id)
    who = customer_of(row.customer, row.contact_email)
    asked = (row.workspace_id, row.id, turn.message_id, turn_id)
    return Begun(*asked, granted, (), question, before, already, customer_id=who)
