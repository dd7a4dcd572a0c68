"""What models were asked and what it came to: read only, for the console, the API and the export."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from app.database import Database, now
from app.llm.money.budget import Account, Allowance, Limits
from app.llm.money.payer import Payer
from app.llm.money.tables import BudgetAlertRow, BudgetRow, ModelCallRow

LATEST = 2_000
"""Calls of a model from which its health is told."""
MOST_ALERTS = 20
_SUMS = (
    func.count(),
    func.coalesce(func.sum(col(ModelCallRow.input_tokens)), 0),
    func.coalesce(func.sum(col(ModelCallRow.cache_read_tokens)), 0),
    func.coalesce(func.sum(col(ModelCallRow.output_tokens)), 0),
    func.coalesce(func.sum(col(ModelCallRow.cost_micro_usd)), 0),
)
_NAMES = ("calls", "input_tokens", "cache_read_tokens", "output_tokens", "cost_micro_usd")
_NOT_TOLD = {"id", "workspace_id", "conversation_id", "turn_id", "customer_id"}
_NO_ERROR = ("hung_up",)
"""Endings that say nothing about the model."""


@dataclass(frozen=True, slots=True)
class Spending:
    """Reads the table of calls and the accounts."""

    database: Database
    allowance: Allowance

    async def by(self, workspace_id: str, days: int) -> dict[str, Any]:
        """Calls, tokens and cost of the last days: by day, by model, by purpose."""
        return await self.database.read(lambda session: _by(session, workspace_id, days))

    async def rows(self, workspace_id: str, days: int) -> list[dict[str, Any]]:
        """The same in full: one row for each day, model and purpose."""
        day, since = _day(), _since(workspace_id, days)
        keys = (day, col(ModelCallRow.model), col(ModelCallRow.purpose))
        found = select(*keys, *_SUMS).where(since).group_by(*keys).order_by(*keys)
        named = ("day", "model", "purpose", *_NAMES)
        return await self.database.read(
            lambda session: [dict(zip(named, (str(row[0]), *row[1:]), strict=True)) for row in session.execute(found)]
        )

    async def of_turn(self, workspace_id: str, conversation_id: str, turn_id: str) -> list[dict[str, Any]]:
        """The calls that were made for one turn, in order."""
        return await self.database.read(lambda session: _of_turn(session, workspace_id, conversation_id, turn_id))

    async def budgets(self, workspace_id: str) -> dict[str, Any]:
        """How the shared budgets stand, and who was warned of what."""
        return await self.database.read(lambda session: _budgets(session, workspace_id, self.allowance.terms.limits))

    async def health(self, workspace_id: str) -> dict[str, dict[str, Any]]:
        """For each model that was asked in the last day or this month: how it did, and what it cost."""
        return await self.database.read(lambda session: _health(session, workspace_id))


def _day() -> ColumnElement[Any]:
    return func.date(col(ModelCallRow.started_at))


def _since(workspace_id: str, days: int) -> ColumnElement[bool]:
    since = now() - timedelta(days=days)
    asked = (col(ModelCallRow.started_at) >= since) & (col(ModelCallRow.attempts) > 0)
    return (col(ModelCallRow.workspace_id) == workspace_id) & asked


def _of_turn(session: Session, workspace_id: str, conversation_id: str, turn_id: str) -> list[dict[str, Any]]:
    mine = (col(ModelCallRow.workspace_id) == workspace_id) & (col(ModelCallRow.turn_id) == turn_id)
    calls = select(ModelCallRow).where(col(ModelCallRow.conversation_id) == conversation_id, mine)
    rows = session.execute(calls.order_by(col(ModelCallRow.started_at), col(ModelCallRow.id))).scalars()
    return [row.model_dump(mode="json", exclude=_NOT_TOLD) for row in rows]


def _by(session: Session, workspace_id: str, days: int) -> dict[str, Any]:
    since = _since(workspace_id, days)

    def of(column: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # a column
        return _named(session, select(column, *_SUMS).where(since).group_by(column).order_by(column))

    total = session.execute(select(*_SUMS).where(since)).one()
    return {
        "total": dict(zip(_NAMES, total, strict=True)),
        "by_day": of(_day()),
        "by_model": of(col(ModelCallRow.model)),
        "by_purpose": of(col(ModelCallRow.purpose)),
    }


def _named(session: Session, found: Select[Any]) -> list[dict[str, Any]]:
    named = ("name", *_NAMES)
    return [dict(zip(named, (str(row[0]), *map(int, row[1:])), strict=True)) for row in session.execute(found)]


def _budgets(session: Session, workspace_id: str, limits: Limits) -> dict[str, Any]:
    accounts = _shared(workspace_id, limits)
    mine = select(BudgetRow).where(col(BudgetRow.key).in_([account.key for account in accounts]))
    held = {row.key: row for row in session.execute(mine).scalars()}
    alerts = select(BudgetAlertRow).where(col(BudgetAlertRow.workspace_id) == workspace_id)
    latest = session.execute(alerts.order_by(col(BudgetAlertRow.id).desc()).limit(MOST_ALERTS)).scalars()
    return {
        "budgets": [_standing(account, held.get(account.key)) for account in accounts],
        "each": {
            "customer_day_micro_usd": limits.customer_day,
            "conversation_micro_usd": limits.conversation,
            "turn_tokens": limits.turn_tokens,
        },
        "alerts": [row.model_dump(mode="json", exclude={"workspace_id", "id"}) for row in latest],
    }


def _shared(workspace_id: str, limits: Limits) -> list[Account]:
    """The accounts on which everybody draws."""
    purposes = sorted(limits.routes) or ["answer"]
    payers = [Payer(workspace_id, purpose) for purpose in purposes]  # type: ignore[arg-type]  # checked at start
    found = {account.key: account for payer in payers for account in limits.asked(payer, now())}
    return list(found.values())


def _standing(account: Account, row: BudgetRow | None) -> dict[str, Any]:
    settled, reserved = (row.settled_micro_usd, row.reserved_micro_usd) if row else (0, 0)
    place = {"scope": account.kind, "name": account.named or None, "period": account.period}
    money = {"spent_micro_usd": settled, "reserved_micro_usd": reserved, "limit_micro_usd": account.limit}
    return {**place, **money, "share": round(settled / account.limit, 4) if account.limit else 1.0}


def _health(session: Session, workspace_id: str) -> dict[str, dict[str, Any]]:
    moment = now()
    names = ("model", "started_at", "first_text_ms", "total_ms", "error")
    columns = [col(getattr(ModelCallRow, name)) for name in names]
    latest = select(*columns).where(_since(workspace_id, 1)).order_by(col(ModelCallRow.started_at).desc()).limit(LATEST)
    calls = defaultdict[str, list[Any]](list)
    for row in session.execute(latest):
        calls[row.model].append(row)
    month = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    today = _spent(session, workspace_id, moment.replace(hour=0, minute=0, second=0, microsecond=0))
    this_month = _spent(session, workspace_id, month)
    return {
        name: _did(calls[name]) | {"today_micro_usd": today.get(name, 0), "month_micro_usd": this_month.get(name, 0)}
        for name in {*calls, *this_month}
    }


def _did(calls: Sequence[Any]) -> dict[str, Any]:
    first = sorted(call.first_text_ms for call in calls if call.first_text_ms is not None)
    whole = sorted(call.total_ms for call in calls if call.error is None)
    failed = [call for call in calls if call.error and call.error not in _NO_ERROR]
    return {
        "calls": len(calls),
        "errors": len(failed),
        "error_rate": round(len(failed) / len(calls), 4) if calls else 0.0,
        "last_error": {"kind": failed[0].error, "at": failed[0].started_at.isoformat()} if failed else None,
        "last_call_at": calls[0].started_at.isoformat() if calls else None,
        "first_text_ms": {"p50": _part(first, 50), "p95": _part(first, 95)},
        "total_ms": {"p50": _part(whole, 50), "p95": _part(whole, 95)},
    }


def _part(ordered: Sequence[int], percent: int) -> int | None:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else None


def _spent(session: Session, workspace_id: str, since: datetime) -> dict[str, int]:
    mine = (col(ModelCallRow.workspace_id) == workspace_id) & (col(ModelCallRow.started_at) >= since)
    sums = select(col(ModelCallRow.model), func.sum(col(ModelCallRow.cost_micro_usd))).where(mine)
    return {name: int(cost) for name, cost in session.execute(sums.group_by(col(ModelCallRow.model)))}
