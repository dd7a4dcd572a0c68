"""Accounts are opened when a call first needs them, with what was spent on them before anybody limited it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from app.llm.money.budget import Account
from app.llm.money.tables import BudgetRow, ModelCallRow

_NAMED: dict[str, Any] = {
    "route_day": col(ModelCallRow.purpose),
    "customer_day": col(ModelCallRow.customer_id),
    "conversation": col(ModelCallRow.conversation_id),
}
"""What an account's name stands for."""


def open_accounts(connection: Connection, accounts: Sequence[Account]) -> None:
    """Add their rows, unless another process was quicker."""
    add = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    rows = [
        {
            "key": account.key,
            "workspace_id": account.workspace_id,
            "scope": account.scope,
            "period": account.period,
            "settled_micro_usd": spent,
            "reserved_micro_usd": 0,
            "warned_percent": 0,
        }
        for account, spent in sorted(_spent(connection, accounts), key=lambda one: one[0].key)
    ]
    connection.execute(add(BudgetRow).on_conflict_do_nothing(), rows)


def _spent(connection: Connection, accounts: Iterable[Account]) -> list[tuple[Account, int]]:
    """What was spent on each so far, with one look for all of a kind."""
    alike = defaultdict[tuple[str, str, str], list[Account]](list)
    for account in accounts:
        alike[account.workspace_id, account.kind, account.period].append(account)
    return [one for group, members in alike.items() for one in _of_a_kind(connection, *group, members)]


def _of_a_kind(
    connection: Connection, workspace_id: str, kind: str, period: str, members: list[Account]
) -> list[tuple[Account, int]]:
    mine = (col(ModelCallRow.workspace_id) == workspace_id) & _since(period)
    total = func.coalesce(func.sum(col(ModelCallRow.cost_micro_usd)), 0)
    column = _NAMED.get(kind)
    if column is None:
        spent = int(connection.execute(select(total).where(mine)).scalar_one())
        return [(member, spent) for member in members]
    names = [member.named for member in members]
    rows = connection.execute(select(column, total).where(mine & column.in_(names)).group_by(column))
    by_name = {name: int(spent) for name, spent in rows}
    return [(member, by_name.get(member.named, 0)) for member in members]


def _since(period: str) -> ColumnElement[bool]:
    """A day, a month, or for ever."""
    begins = f"{period}-01"[: len("2026-11-21")] if period else "2000-01-01"
    return col(ModelCallRow.started_at) >= datetime.fromisoformat(f"{begins}T00:00:00+00:00")
