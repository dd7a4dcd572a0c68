"""Gaps in the database: questions are filed once, groups grow, drafts are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.conversations.tables import MessageRow, TurnRow
from app.database import Database, new_id, now
from app.insight.gaps.tables import GapQuestionRow, GapRow

LOOKED_BACK = timedelta(days=30)
MOST_AT_ONCE = 500
MOST_EXAMPLES = 5
MOST_REPLIES = 4
LEAST = 2
"""Questions that are enough to be a gap worth an article."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that ended in an offer."""

    turn_id: str
    conversation_id: str
    text: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """A gap as grouping sees it."""

    id: str
    vector: list[float]
    count: int


@dataclass(frozen=True, slots=True)
class Material:
    """What a draft is made from: examples of the question, and what people replied to those who asked."""

    gap_id: str
    count: int
    questions: tuple[str, ...]
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GapStore:
    """The only place that reads and writes gaps."""

    database: Database

    async def unfiled(self, workspace_id: str) -> list[Unanswered]:
        """Questions of the last month that ended in an offer and belong to no gap yet, oldest first."""
        return await self.database.read(lambda session: _unfiled(session, workspace_id))

    async def groups(self, workspace_id: str) -> list[Group]:
        """All gaps of a workspace, in order."""
        mine = select(GapRow).where(col(GapRow.workspace_id) == workspace_id).order_by(col(GapRow.id))
        return await self.database.read(
            lambda session: [Group(row.id, row.vector, row.count) for row in session.execute(mine).scalars()]
        )

    async def file(
        self, workspace_id: str, placed: Sequence[tuple[Unanswered, str]], middles: dict[str, list[float]]
    ) -> None:
        """Put questions into gaps, which are opened when they are new. Filed again, a question counts once."""
        await self.database.write(lambda session: _file(session, workspace_id, placed, middles))

    async def undrafted(self, workspace_id: str, limit: int) -> list[Material]:
        """Gaps that have no draft, or twice as many questions as when it was written; the most asked first."""
        return await self.database.read(lambda session: _undrafted(session, workspace_id, limit))

    async def keep_draft(self, workspace_id: str, gap_id: str, values: dict[str, Any]) -> None:
        """Let this draft stand."""
        mine = (col(GapRow.id) == gap_id) & (col(GapRow.workspace_id) == workspace_id)

        def keep(session: Session) -> None:
            session.execute(update(GapRow).where(mine).values(**values))

        await self.database.write(keep)

    async def listed(self, workspace_id: str, limit: int = 100) -> list[dict[str, Any]]:
        """Gaps as an admin sees them, the most asked first."""
        return await self.database.read(lambda session: _listed(session, workspace_id, limit))


def _unfiled(session: Session, workspace_id: str) -> list[Unanswered]:
    answer = aliased(MessageRow)
    offered = select(col(answer.id)).where(
        col(answer.turn_id) == col(TurnRow.id), col(answer.author) == "bot", col(answer.decision) == "offer"
    )
    filed = select(col(GapQuestionRow.turn_id)).where(col(GapQuestionRow.turn_id) == col(TurnRow.id))
    columns = (col(TurnRow.id), col(TurnRow.conversation_id), col(MessageRow.text), col(MessageRow.created_at))
    rows = session.execute(
        select(*columns)
        .join(MessageRow, col(MessageRow.id) == col(TurnRow.message_id))
        .where(
            col(TurnRow.workspace_id) == workspace_id,
            col(TurnRow.started_at) >= now() - LOOKED_BACK,
            offered.exists(),
            ~filed.exists(),
        )
        .order_by(col(TurnRow.started_at))
        .limit(MOST_AT_ONCE)
    )
    return [Unanswered(*row) for row in rows]


def _file(
    session: Session, workspace_id: str, placed: Sequence[tuple[Unanswered, str]], middles: dict[str, list[float]]
) -> None:
    asked = [one.turn_id for one, _ in placed]
    there = select(col(GapQuestionRow.turn_id)).where(col(GapQuestionRow.turn_id).in_(asked))
    filed = set(session.execute(there).scalars())
    for one, gap_id in placed:
        if one.turn_id in filed:
            continue
        if session.get(GapRow, gap_id) is None:
            session.execute(insert(GapRow).values(_opened(workspace_id, gap_id, one, middles[gap_id]).model_dump()))
        place = {"turn_id": one.turn_id, "conversation_id": one.conversation_id, "asked_at": one.asked_at}
        session.execute(insert(GapQuestionRow).values(workspace_id=workspace_id, gap_id=gap_id, text=one.text, **place))
        more = {"count": col(GapRow.count) + 1, "vector": middles[gap_id], "last_asked_at": one.asked_at}
        session.execute(update(GapRow).where(col(GapRow.id) == gap_id).values(**more))
        session.expire_all()


def _opened(workspace_id: str, gap_id: str, first: Unanswered, middle: list[float]) -> GapRow:
    return GapRow(
        id=gap_id,
        workspace_id=workspace_id,
        question=first.text,
        vector=middle,
        first_asked_at=first.asked_at,
        last_asked_at=first.asked_at,
    )


def _undrafted(session: Session, workspace_id: str, limit: int) -> list[Material]:
    grown = (col(GapRow.count) >= LEAST) & (col(GapRow.count) >= 2 * col(GapRow.drafted_at))
    mine = select(GapRow).where((col(GapRow.workspace_id) == workspace_id) & grown)
    rows = session.execute(mine.order_by(col(GapRow.count).desc()).limit(limit)).scalars()
    return [Material(row.id, row.count, _examples(session, row.id), _replies(session, row.id)) for row in rows]


def _examples(session: Session, gap_id: str) -> tuple[str, ...]:
    asked = select(col(GapQuestionRow.text)).where(col(GapQuestionRow.gap_id) == gap_id)
    texts = session.execute(asked.order_by(col(GapQuestionRow.asked_at).desc())).scalars()
    return tuple(list(dict.fromkeys(texts))[:MOST_EXAMPLES])


def _replies(session: Session, gap_id: str) -> tuple[str, ...]:
    """What people wrote in these conversations, after the question."""
    rows = session.execute(
        select(col(MessageRow.text))
        .join(GapQuestionRow, col(GapQuestionRow.conversation_id) == col(MessageRow.conversation_id))
        .where(
            col(GapQuestionRow.gap_id) == gap_id,
            col(MessageRow.author) == "person",
            col(MessageRow.created_at) >= col(GapQuestionRow.asked_at),
        )
        .order_by(col(MessageRow.created_at).desc())
        .limit(MOST_REPLIES)
    )
    return tuple(rows.scalars())


def _listed(session: Session, workspace_id: str, limit: int) -> list[dict[str, Any]]:
    mine = select(GapRow).where(col(GapRow.workspace_id) == workspace_id)
    order = mine.order_by(col(GapRow.count).desc(), col(GapRow.last_asked_at).desc()).limit(limit)
    hidden = {"workspace_id", "vector", "drafted_at"}
    rows = session.execute(order).scalars()
    return [row.model_dump(mode="json", exclude=hidden) | {"examples": _examples(session, row.id)} for row in rows]


def new_gap_id() -> str:
    """A name for a gap that is about to be opened."""
    return new_id()
