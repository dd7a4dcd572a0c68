"""Money in the database: reserve and settle for all who wait together, in one transaction under the accounts' locks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update
from sqlmodel import Session, SQLModel

from app.database import new_id, now
from app.llm.money.accounts import open_accounts
from app.llm.money.budget import Account, Balance, admit
from app.llm.money.calls import Called
from app.llm.money.promises import RESERVED_FOR, lost, promise
from app.llm.money.tables import BudgetAlertRow, BudgetRow, ModelCallRow

Lasts = timedelta | None
_budget = SQLModel.metadata.tables[str(BudgetRow.__tablename__)]
_SAVE = (
    update(_budget)
    .where(_budget.c.key == bindparam("held"))
    .values(
        settled_micro_usd=bindparam("settled"),
        reserved_micro_usd=bindparam("reserved"),
        warned_percent=bindparam("warned"),
    )
)
_HOLD = (
    select(_budget.c.key, _budget.c.settled_micro_usd, _budget.c.reserved_micro_usd, _budget.c.warned_percent)
    .order_by(_budget.c.key)
    .with_for_update()
)
_ADD_CALLS = insert(SQLModel.metadata.tables[str(ModelCallRow.__tablename__)])


@dataclass(frozen=True, slots=True)
class Wish:
    """A call that wants to be let through, the most that it may cost, and the accounts that must have room for it."""

    call: Called
    amount: int
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """A call that is over, the accounts that it is booked on, and what had been reserved for it on some of them."""

    call: Called
    accounts: tuple[Account, ...]
    reserved: int = 0
    reserved_on: tuple[Account, ...] = ()

    @classmethod
    def of(cls, call: Called, wish: Wish, accounts: tuple[Account, ...] = ()) -> "Bill":
        """The bill of a call that had been let through."""
        return cls(call, accounts or wish.accounts, wish.amount, wish.accounts)


@dataclass(frozen=True, slots=True)
class Alert:
    """A budget came to a step of its limit."""

    account: Account
    percent: int
    spent: int


@dataclass(slots=True)
class Booked:
    """What came of it: for each wish the account that has no room, or none; who must be told; where it is written."""

    refused: list[Account | None] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    promise_id: str | None = None


def book(
    session: Session, wishes: Sequence[Wish], bills: Sequence[Bill], *, sweep: bool = False, lasts: Lasts = None
) -> Booked:
    """Settle what is over, then let through what has room, reserved for as long as it `lasts`.

    Everything or, when this raises, nothing.
    """
    moment, connection = now(), session.connection()
    if sweep:
        bills = [*bills, *(Bill.of(call, Wish(call, amount, on)) for call, on, amount in lost(connection, moment))]
    if bills:
        # Before the accounts are locked, for whoever waits for them.
        connection.execute(_ADD_CALLS, [bill.call.row() for bill in bills])
    held, booked = _held(connection, wishes, bills), Booked()
    _settle(bills, held)
    _let_in(wishes, held, booked)
    _keep(connection, held, booked, moment)
    passed = [wish for wish, refused in zip(wishes, booked.refused, strict=True) if not refused]
    promised = [(wish.call, wish.accounts, wish.amount) for wish in passed]
    booked.promise_id = promise(connection, moment, promised, lasts or RESERVED_FOR) if passed else None
    return booked


def look_at(session: Session, accounts: Sequence[Account]) -> Booked:
    """Note which of these came to a step of their limit."""
    connection, booked = session.connection(), Booked()
    _keep(connection, _locked(connection, {account.key: account for account in accounts}), booked, now())
    return booked


def _keep(connection: Connection, held: dict[str, Balance], booked: Booked, moment: datetime) -> None:
    for balance in held.values():
        _note(booked, balance)
    _save(connection, held)
    _write_alerts(connection, booked.alerts, moment)


def _let_in(wishes: Iterable[Wish], held: dict[str, Balance], booked: Booked) -> None:
    for wish in wishes:
        refused = admit(wish.amount, [held[account.key] for account in wish.accounts])
        booked.refused.append(refused)
        if refused:
            _note(booked, held[refused.key], refused=wish.amount)


def _settle(bills: Iterable[Bill], held: dict[str, Balance]) -> None:
    for bill in bills:
        for account in bill.accounts:
            if account.key in held:
                held[account.key].settled += bill.call.cost_micro_usd
        for account in bill.reserved_on:
            if account.key in held:
                held[account.key].reserved = max(0, held[account.key].reserved - bill.reserved)


def _note(booked: Booked, balance: Balance, *, refused: int = 0) -> None:
    step = balance.reached(refused=refused)
    if step:
        booked.alerts.append(Alert(balance.account, step, balance.settled))


def _held(connection: Connection, wishes: Iterable[Wish], bills: Iterable[Bill]) -> dict[str, Balance]:
    """The accounts' rows, locked in one order everywhere. Those that a wish needs are opened when they are missing."""
    needed = {account.key: account for wish in wishes for account in wish.accounts}
    known = {one.key: one for bill in bills for one in (*bill.accounts, *bill.reserved_on)} | needed
    held = _locked(connection, known)
    missing = [account for key, account in needed.items() if key not in held]
    if missing:
        open_accounts(connection, missing)
        held |= _locked(connection, {account.key: account for account in missing})
    return held


def _locked(connection: Connection, known: dict[str, Account]) -> dict[str, Balance]:
    rows = connection.execute(_hold(len(known)), {f"key{at}": key for at, key in enumerate(known)}) if known else ()
    return {key: Balance(known[key], *counts) for key, *counts in rows}


@lru_cache(maxsize=512)
def _hold(count: int) -> Select[Any]:
    """The statement for so many accounts; an IN of a length of its own costs a third of a reservation to write."""
    return _HOLD.where(_budget.c.key.in_([bindparam(f"key{at}") for at in range(count)]))


def _save(connection: Connection, held: dict[str, Balance]) -> None:
    if held:
        rows = [
            {"held": key, "settled": one.settled, "reserved": one.reserved, "warned": one.warned}
            for key, one in held.items()
        ]
        connection.execute(_SAVE, rows)


def _write_alerts(connection: Connection, alerts: Iterable[Alert], moment: datetime) -> None:
    for alert in alerts:
        account = alert.account
        place = {"workspace_id": account.workspace_id, "scope": account.scope, "period": account.period}
        told = {"percent": alert.percent, "spent_micro_usd": alert.spent, "limit_micro_usd": account.limit}
        connection.execute(insert(BudgetAlertRow).values(id=new_id(), created_at=moment, **place, **told))
