"""What was asked, what was answered, and what it cost, day by day."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from app.answering.caching.store import cache_usage
from app.conversations.tables import MessageRow, TurnRow
from app.database import Database, now
from app.llm.money.spending import Spending


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Counts over the turns of a workspace. Reads only."""

    database: Database
    spending: Spending

    async def of(self, workspace_id: str, days: int = 30) -> dict[str, Any]:
        """Turns, decisions, tokens and cost of the last days; cost in millionths of a US dollar."""
        turns = await self.database.read(lambda session: _report(session, workspace_id, days))
        return turns | {"calls": await self.spending.by(workspace_id, days)}


def _report(session: Session, workspace_id: str, days: int) -> dict[str, Any]:
    since = now() - timedelta(days=days)
    mine = (col(TurnRow.workspace_id) == workspace_id) & (col(TurnRow.started_at) >= since)
    sums = (func.sum(TurnRow.input_tokens), func.sum(TurnRow.output_tokens), func.sum(TurnRow.cost_micro_usd))
    turns, *spent = session.execute(select(func.count(), *sums).where(mine)).one()
    by_state = select(col(TurnRow.state), func.count()).where(mine).group_by(col(TurnRow.state))
    return {
        "days": days,
        "turns": turns,
        "states": {row[0]: row[1] for row in session.execute(by_state)},
        "decisions": _by_decision(session, workspace_id, since),
        "input_tokens": spent[0] or 0,
        "output_tokens": spent[1] or 0,
        "cost_micro_usd": spent[2] or 0,
        "cache": cache_usage(session, workspace_id, since),
        "per_day": _per_day(session, mine),
    }


def _by_decision(session: Session, workspace_id: str, since: Any) -> dict[str, int]:  # noqa: ANN401  # a moment
    answers = (col(MessageRow.workspace_id) == workspace_id) & col(MessageRow.decision).is_not(None)
    recent = answers & (col(MessageRow.created_at) >= since)
    rows = session.execute(
        select(col(MessageRow.decision), func.count()).where(recent).group_by(col(MessageRow.decision))
    )
    return {str(decision): count for decision, count in rows}


def _per_day(session: Session, mine: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # a condition
    day = func.date(TurnRow.started_at)
    rows = session.execute(
        select(day, func.count(), func.sum(TurnRow.cost_micro_usd)).where(mine).group_by(day).order_by(day)
    )
    return [{"day": str(date), "turns": turns, "cost_micro_usd": cost or 0} for date, turns, cost in rows]
