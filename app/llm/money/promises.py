"""What was let through is written down, so that a call whose process dies is charged all the same."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlmodel import SQLModel, col

from app.database import new_id
from app.llm.money.budget import Account
from app.llm.money.calls import Called
from app.llm.money.tables import ModelCallRow, ReservationRow

LOST = "lost"
RESERVED_FOR = timedelta(minutes=15)
"""Longer than any call may take: connecting, every retry and the whole answer."""
_TOLD = ("id", "purpose", "model", "dialect", "conversation_id", "turn_id", "customer_id")
_ADD = insert(SQLModel.metadata.tables[str(ReservationRow.__tablename__)])
Promised = tuple[Called, tuple[Account, ...], int]


def promise(
    connection: Connection, moment: datetime, calls: Sequence[Promised], lasts: timedelta = RESERVED_FOR
) -> str:
    """Write down calls that were let through together; the name of the row."""
    row = {"id": new_id(), "expires_at": moment + lasts, "calls": told_of(calls)}
    connection.execute(_ADD, row)
    return str(row["id"])


def prolong(connection: Connection, promise_id: str, until: datetime) -> None:
    """What was let through is still at work, and not lost before this moment."""
    mine = update(ReservationRow).where(col(ReservationRow.id) == promise_id)
    connection.execute(mine.values(expires_at=until))


def redeem(connection: Connection, promise_id: str) -> list[Promised]:
    """What was let through is over: its calls, or none when they were charged as lost in the meantime."""
    mine = delete(ReservationRow).where(col(ReservationRow.id) == promise_id).returning(col(ReservationRow.calls))
    return [_charged(one) for calls in connection.execute(mine).scalars() for one in calls]


def lost(connection: Connection, moment: datetime) -> Iterator[Promised]:
    """Calls that were let through and never came back, charged in full: what they cost nobody can tell.

    To let them go for nothing would let a crash overshoot a budget; the price is that one that had not even been
    asked is paid for.
    """
    ended = delete(ReservationRow).where(col(ReservationRow.expires_at) < moment).returning(col(ReservationRow.calls))
    promised = [one for calls in connection.execute(ended).scalars() for one in calls]
    ids = [one["id"] for one in promised]
    back = set(connection.execute(select(col(ModelCallRow.id)).where(col(ModelCallRow.id).in_(ids))).scalars())
    return (_charged(one) for one in promised if one["id"] not in back)


def told_of(calls: Iterable[Promised]) -> list[dict[str, Any]]:
    """Calls that were let through, in JSON."""
    return [_told(*one) for one in calls]


def _told(call: Called, accounts: Iterable[Account], amount: int) -> dict[str, Any]:
    """A call in JSON."""
    said = {name: getattr(call, name) for name in _TOLD}
    places = [[account.scope, account.period, account.limit] for account in accounts]
    return {**said, "in": call.workspace_id, "at": call.started_at.isoformat(), "amount": amount, "accounts": places}


def _charged(told: dict[str, Any]) -> Promised:
    said: dict[str, Any] = {name: told.get(name) for name in _TOLD}
    call = Called(workspace_id=told["in"], started_at=datetime.fromisoformat(told["at"]), **said)
    accounts = tuple(Account(told["in"], *place) for place in told["accounts"])
    return (
        replace(call, cost_micro_usd=told["amount"], estimated=True, attempts=1, error=LOST),
        accounts,
        told["amount"],
    )
