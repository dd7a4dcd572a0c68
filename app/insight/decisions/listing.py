"""Which decisions there were, the newest first, a page at a time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, select, true
from sqlmodel import Session, col

from app.answering.events import DecisionName
from app.conversations.tables import TurnRow
from app.database import Database, first_id, now
from app.errors import Invalid
from app.insight.decisions.record import Said, Turn, said_in

NEVER_AUTO = "never-auto"
"""Stands for every topic that is left to people; a stored reason names the topic behind it."""
Reason = Literal[
    "confident", "not sure", "articles disagree", "a step was left out", "review overdue",
    "a question without an answer",
    "not confident", "nothing found", "nothing sure enough", "no supported sentence", "the model found no answer",
    "language", "two readings", "upset", "did not help before", "asked for a person", "never-auto", "budget spent",
    "greeting", "thanks", "goodbye", "identity",
]  # fmt: skip
REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which decisions are wanted. `after` is the last turn that was seen; `words` stand in the question as stored."""

    outcome: DecisionName | None = None
    reason: Reason | None = None
    least: float = 0.0
    most: float = 1.0
    words: str = ""
    days: int = 90
    after: str = ""
    limit: int = 50

    def __post_init__(self) -> None:
        if self.least > self.most:
            raise Invalid("The lowest probability, “least”, is above the highest, “most”.")

    def condition(self) -> ColumnElement[bool]:
        """The turns that fit. A record tells its probability to four places, and so it is compared."""
        wanted = true() if not self.outcome else _told("name") == self.outcome
        if self.reason:
            about = f"{NEVER_AUTO}:%" if self.reason == NEVER_AUTO else self.reason
            wanted &= _told("reason").like(about)
        if self.least > 0:
            wanted &= _probability >= self.least
        if self.most < 1:
            wanted &= _probability <= self.most
        for word in self.words.split():
            wanted &= col(TurnRow.record)["question"].as_string().icontains(word, autoescape=True)
        return wanted


@dataclass(frozen=True, slots=True)
class Decisions:
    """Reads only. Ids rise with time, so that the key of the table is also the order of the list."""

    database: Database

    async def listed(self, workspace_id: str, sought: Sought) -> dict[str, Any]:
        """{data, next}: the newest that fit; `next` is where the following page begins, none behind the last."""
        rows = await self.database.read(lambda session: _listed(session, workspace_id, sought))
        further = rows[sought.limit - 1]["turn_id"] if len(rows) > sought.limit else None
        return {"data": rows[: sought.limit], "next": further}

    async def said(self, turn: Turn) -> Said:
        """What a turn said, and when."""
        return await self.database.read(lambda session: said_in(session, turn))


def _told(name: str) -> Any:  # noqa: ANN401  # an expression of SQLAlchemy
    return col(TurnRow.record)[("decision", name)].as_string()


_probability: Any = col(TurnRow.record)[("decision", "probability")].as_float()


def _listed(session: Session, workspace_id: str, sought: Sought) -> list[dict[str, Any]]:
    since = first_id(now() - timedelta(days=sought.days))
    # A turn has a decision when it is completed. Asked for its state too, SQLite goes through all that are.
    mine = (col(TurnRow.workspace_id) == workspace_id) & _told("name").is_not(None) & (col(TurnRow.id) >= since)
    if sought.after:
        mine &= col(TurnRow.id) < sought.after
    newest = select(TurnRow).where(mine, sought.condition()).order_by(col(TurnRow.id).desc())
    return [_row(row) for row in session.execute(newest.limit(sought.limit + 1)).scalars()]


def _row(row: TurnRow) -> dict[str, Any]:
    record = row.record or {}
    decision, rules = record["decision"], record.get("rules", {})
    named = ("reason", "probability", "low", "high", "policy_version", "calibration")
    return {
        "turn_id": row.id,
        "conversation_id": row.conversation_id,
        "question": record.get("question", ""),
        "outcome": decision["name"],
        **{name: decision.get(name) for name in named},
        "thresholds": {name: rules.get(name) for name in ("answer_from", "caveat_from")},
        "by_rule": "rule" in decision.get("components", {}),
        "model": row.model or None,
        "cost_micro_usd": row.cost_micro_usd,
        "at": row.started_at.isoformat(),
    }
