"""What became of the bot's answers: verdicts of agents, drafts, ratings, complaints, and questions asked again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from app.answering.deciding.basis import Basis
from app.answering.deciding.labels import Label, Source, counts, of_draft, of_rating, score_of
from app.answering.deciding.tables import VerdictRow
from app.conversations.tables import DraftRow, MessageRow, TurnRow
from app.database import Database
from app.language import content_words

MOST = 5000
"""Turns that are looked at, the newest first: older ones were asked of another knowledge base."""
REOPENED_WITHIN = timedelta(days=7)
ASKED_AGAIN = 0.5  # of the words of the shorter question
SHOWN = frozenset({"answer", "caveat"})


@dataclass(frozen=True, slots=True)
class Deeds:
    """Reads what people did with the answers of a workspace."""

    database: Database

    async def labels(self, workspace_id: str, most: int = MOST) -> list[Label]:
        """One label for each turn that people said something about, newest first."""
        return await self.database.read(lambda session: list(_labels(session, workspace_id, most)))

    async def records(self, workspace_id: str, last: int) -> list[tuple[str, dict[str, Any]]]:
        """(turn, record) of the last turns that were decided, newest first."""
        return await self.database.read(lambda session: _records(session, workspace_id, last))


def _records(session: Session, workspace_id: str, last: int) -> list[tuple[str, dict[str, Any]]]:
    rows = session.execute(_turns(workspace_id, last)).scalars()
    return [(row.id, row.record) for row in rows if row.record and "basis" in row.record]


def _turns(workspace_id: str, last: int) -> Any:  # noqa: ANN401  # a select
    mine = (col(TurnRow.workspace_id) == workspace_id) & (col(TurnRow.state) == "completed")
    return select(TurnRow).where(mine).order_by(col(TurnRow.started_at).desc()).limit(last)


def _labels(session: Session, workspace_id: str, most: int) -> Iterator[Label]:
    turns = [row for row in session.execute(_turns(workspace_id, most)).scalars() if "basis" in (row.record or {})]
    said = _said(session, workspace_id)
    later: dict[str, list[TurnRow]] = {}
    for turn in turns:  # newest first, so those that came later are known already
        basis = Basis.of(turn.record["basis"]) if turn.record else Basis()
        followed = later.setdefault(turn.conversation_id, [])
        verdict = said.get(turn.id) or _afterwards(turn, followed)
        followed.append(turn)
        if verdict and counts(basis):
            yield Label(turn.id, score_of(basis), verdict[1], verdict[0])


def _said(session: Session, workspace_id: str) -> dict[str, tuple[Source, bool]]:
    """What was said outright; the more deliberate deed wins."""
    found: dict[str, tuple[Source, bool]] = {}
    messages = select(col(MessageRow.turn_id), col(MessageRow.rating)).where(
        col(MessageRow.workspace_id) == workspace_id,
        col(MessageRow.author) == "bot",
        col(MessageRow.rating).is_not(None),
    )
    for turn_id, rating in session.execute(messages):
        found |= _one(turn_id, "rating", of_rating(rating))
    for draft in session.execute(select(DraftRow).where(col(DraftRow.workspace_id) == workspace_id)).scalars():
        found |= _one(draft.turn_id, "draft", of_draft(draft.model_dump()))
    for verdict in session.execute(select(VerdictRow).where(col(VerdictRow.workspace_id) == workspace_id)).scalars():
        found |= _one(verdict.turn_id, "agent", verdict.right)
    return found


def _one(turn_id: str, source: Source, right: bool | None) -> dict[str, tuple[Source, bool]]:  # noqa: FBT001  # a label
    return {} if right is None else {turn_id: (source, right)}


def _afterwards(turn: TurnRow, followed: list[TurnRow]) -> tuple[Source, bool] | None:
    """Whether the customer said that it did not help, or came back with the same question."""
    record = turn.record or {}
    if record["decision"]["name"] not in SHOWN or not followed:
        return None
    following = followed[-1]
    if (following.record or {})["basis"]["intent"]["failed"]:
        return "complaint", False
    again = following.episode > turn.episode and following.started_at - turn.started_at <= REOPENED_WITHIN
    return ("reopened", False) if again and _alike(record, following.record or {}) else None


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    mine, theirs = (set(content_words(record.get("question", ""))) for record in (one, other))
    return bool(mine and theirs) and len(mine & theirs) >= ASKED_AGAIN * min(len(mine), len(theirs))
