"""What the judge said of past answers, beside what people said of the same ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.conversations.tables import MessageRow, TurnRow
from app.database import Database, now
from app.insight.figures import resampled
from app.insight.opinions import JUDGED, OpinionRow
from app.insight.verdicts import Deeds

MOST = 2_000
"""Opinions that are looked at, the newest first."""
Kind = Literal["all", "wrong", "disputed"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer, what the judge said of it, and what people did if they said anything."""

    turn_id: str
    conversation_id: str
    question: str
    answer: str
    follows: bool
    answers: bool
    reason: str
    model: str
    created_at: datetime
    people: bool | None = None

    @property
    def right(self) -> bool:
        """Whether the judge finds no fault."""
        return self.follows and self.answers

    @property
    def disputed(self) -> bool:
        """Whether people said the opposite."""
        return self.people is not None and self.people != self.right

    def json(self) -> dict[str, Any]:
        """As it is told."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "created_at"}
        return plain | {"right": self.right, "disputed": self.disputed, "created_at": self.created_at.isoformat()}


@dataclass(frozen=True, slots=True)
class Opined:
    """Reads only."""

    database: Database
    deeds: Deeds

    async def of(self, workspace_id: str, days: int, kind: Kind, limit: int) -> dict[str, Any]:
        """Of the last days' answers with citations: how many were judged, what was said, and whether people agree."""
        labels = {label.turn_id: label.right for label in await self.deeds.labels(workspace_id)}
        rows, shown = await self.database.read(lambda session: _judged(session, workspace_id, days, labels))
        wanted = [row for row in rows if kind == "all" or (row.disputed if kind == "disputed" else not row.right)]
        return {
            "days": days,
            "answers": shown,
            "judged": len(rows),
            "follows": _share([row.follows for row in rows]),
            "answers_question": _share([row.answers for row in rows]),
            "agreement": _agreement(rows),
            "models": dict(Counter(row.model for row in rows)),
            "data": [row.json() for row in wanted[:limit]],
            "next": None,
        }


def _agreement(rows: Sequence[Judged]) -> dict[str, Any]:
    """Where both spoke; `missed` are answers that people found wrong and the judge right, `strict` the other way."""
    both = [row for row in rows if row.people is not None]
    return {
        "both": len(both),
        "same": _share([not row.disputed for row in both]),
        "missed": sum(row.right and not row.people for row in both),
        "strict": sum(not row.right and row.people is True for row in both),
    }


def _share(values: Sequence[bool]) -> dict[str, float] | None:
    return resampled(values, lambda some: sum(some) / len(some)).json() if values else None


def _judged(session: Session, workspace_id: str, days: int, labels: Mapping[str, bool]) -> tuple[list[Judged], int]:
    asked, since = aliased(MessageRow), now() - timedelta(days=days)
    mine = (col(TurnRow.workspace_id) == workspace_id) & (col(TurnRow.started_at) >= since)
    answered = mine & (col(MessageRow.author) == "bot") & col(MessageRow.decision).in_(JUDGED)
    columns = (col(MessageRow.conversation_id), col(asked.text), col(MessageRow.text))
    found = (
        select(OpinionRow, *columns)
        .join(TurnRow, col(TurnRow.id) == col(OpinionRow.turn_id))
        .join(MessageRow, col(MessageRow.turn_id) == col(TurnRow.id))
        .join(asked, col(asked.id) == col(TurnRow.message_id))
        .where(answered, col(OpinionRow.workspace_id) == workspace_id)
        .order_by(col(OpinionRow.created_at).desc(), col(OpinionRow.turn_id))
        .limit(MOST)
    )
    rows = [_row(one, where, labels.get(one.turn_id)) for one, *where in session.execute(found)]
    shown = select(func.count()).select_from(TurnRow).join(MessageRow, col(MessageRow.turn_id) == col(TurnRow.id))
    return rows, session.execute(shown.where(answered)).scalar_one()


def _row(said: OpinionRow, where: Sequence[str], people: bool | None) -> Judged:  # noqa: FBT001  # a label
    conversation_id, question, answer = where
    opinion = (said.follows, said.answers, said.reason, said.model, said.created_at)
    return Judged(said.turn_id, conversation_id, question, answer, *opinion, people)
