"""Verdicts of the judge over past answers: which answers are judged, and what was said of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col

from app.conversations.tables import MessageRow, TurnRow
from app.database import Database, UtcDateTime, now
from app.insight.judged import JUDGE, Case, Opinion

LOOKED_BACK = timedelta(days=7)
JUDGED = ("answer", "caveat")


class OpinionRow(SQLModel, table=True):
    """What a model says of one answer of the bot. Written once."""

    __tablename__ = "opinion"

    turn_id: str = Field(primary_key=True)
    workspace_id: str = Field(index=True)
    follows: bool
    answers: bool
    reason: str
    model: str
    prompt_version: str
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


@dataclass(frozen=True, slots=True)
class OpinionStore:
    """The only place that reads and writes them."""

    database: Database

    async def unjudged(self, workspace_id: str, most: int) -> list[Case]:
        """A random sample of the last week's answers that cite something and were not judged."""
        return await self.database.read(lambda session: _unjudged(session, workspace_id, most))

    async def keep(self, workspace_id: str, turn_id: str, opinion: Opinion, model: str) -> None:
        """Keep a verdict; the first one of an answer stands."""
        said = {"follows": opinion.follows, "answers": opinion.answers, "reason": opinion.reason}
        row = OpinionRow(turn_id=turn_id, workspace_id=workspace_id, model=model, prompt_version=JUDGE, **said)  # type: ignore[arg-type]  # of the kinds of the fields
        await self.database.write(lambda session: _keep(session, row))

    async def listed(self, workspace_id: str, limit: int = 100) -> list[dict[str, Any]]:
        """The latest verdicts."""
        mine = select(OpinionRow).where(col(OpinionRow.workspace_id) == workspace_id)
        latest = mine.order_by(col(OpinionRow.created_at).desc()).limit(limit)
        return await self.database.read(
            lambda session: [
                row.model_dump(mode="json", exclude={"workspace_id"}) for row in session.execute(latest).scalars()
            ]
        )


def _unjudged(session: Session, workspace_id: str, most: int) -> list[Case]:
    judged = select(col(OpinionRow.turn_id)).where(col(OpinionRow.turn_id) == col(TurnRow.id))
    answers = (
        select(col(TurnRow.id), col(TurnRow.message_id), col(MessageRow.text), col(MessageRow.citations))
        .join(MessageRow, col(MessageRow.turn_id) == col(TurnRow.id))
        .where(
            col(TurnRow.workspace_id) == workspace_id,
            col(TurnRow.started_at) >= now() - LOOKED_BACK,
            col(MessageRow.author) == "bot",
            col(MessageRow.decision).in_(JUDGED),
            ~judged.exists(),
        )
        .order_by(func.random())
        .limit(most)
    )
    rows = [row for row in session.execute(answers) if row[3]]
    asked = select(col(MessageRow.id), col(MessageRow.text)).where(col(MessageRow.id).in_([row[1] for row in rows]))
    questions: dict[str, str] = {row[0]: row[1] for row in session.execute(asked)}
    return [_case(row[0], questions.get(row[1], ""), row[2], row[3]) for row in rows]


def _case(turn_id: str, question: str, answer: str, citations: list[dict[str, Any]]) -> Case:
    return Case(turn_id, question, answer, tuple(str(one["quote"]) for one in citations))


def _keep(session: Session, row: OpinionRow) -> None:
    add = postgresql.insert if session.connection().dialect.name == "postgresql" else sqlite.insert
    session.execute(add(OpinionRow).values(row.model_dump()).on_conflict_do_nothing())
