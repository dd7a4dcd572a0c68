"""What is read: which documents questions find, which passages answers cite, which articles helped their readers."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from app.conversations.tables import MessageRow, TurnRow
from app.database import Database, now
from app.insight.hygiene.tables import FeedbackRow
from app.knowledge.derived import in_parts, insert_missing
from app.knowledge.tables import PassageRow

LAST_TURNS = 5000
"""How far back it is looked."""


@dataclass(frozen=True, slots=True)
class Readership:
    """Counts over turns, citations and the votes of readers."""

    database: Database

    async def retrieved(self, workspace_id: str) -> tuple[frozenset[str], int]:
        """The documents that the last questions found, and how many questions there were."""
        return await self.database.read(lambda session: _retrieved(session, workspace_id))

    async def most_cited(self, workspace_id: str, limit: int = 10) -> list[dict[str, Any]]:
        """The spans that answers cited most often: {document_id, version, title, heading, start, end, quote, times}."""
        return await self.database.read(lambda session: _most_cited(session, workspace_id, limit))

    async def vote(self, workspace_id: str, document_id: str, version: int, *, helped: bool) -> None:
        """One more reader was helped by this version of an article, or was not."""
        await self.database.write(lambda session: _vote(session, workspace_id, document_id, version, helped=helped))

    async def votes(self, workspace_id: str) -> dict[tuple[str, int], tuple[int, int]]:
        """(helped, not helped) by document and version."""
        return await self.database.read(lambda session: _votes(session, workspace_id))


def _retrieved(session: Session, workspace_id: str) -> tuple[frozenset[str], int]:
    mine = (col(TurnRow.workspace_id) == workspace_id) & col(TurnRow.record).is_not(None)
    records = select(col(TurnRow.record)).where(mine).order_by(col(TurnRow.id).desc()).limit(LAST_TURNS)
    turns, passages = 0, set[str]()
    for record in session.execute(records).scalars():
        turns += 1
        passages.update(hit["passage_id"] for hit in (record or {}).get("hits", ()))
    documents: set[str] = set()
    for part in in_parts(sorted(passages)):
        mine = (col(PassageRow.workspace_id) == workspace_id) & col(PassageRow.id).in_(part)
        documents.update(session.execute(select(col(PassageRow.document_id)).where(mine).distinct()).scalars())
    return frozenset(documents), turns


def _most_cited(session: Session, workspace_id: str, limit: int) -> list[dict[str, Any]]:
    mine = (col(MessageRow.workspace_id) == workspace_id) & (col(MessageRow.author) == "bot")
    answers = select(col(MessageRow.citations)).where(mine).order_by(col(MessageRow.id).desc()).limit(LAST_TURNS)
    times = Counter[tuple[Any, ...]]()
    told: dict[tuple[Any, ...], dict[str, Any]] = {}
    for citations in session.execute(answers).scalars():
        for one in citations:
            key = (one["document_id"], one["version"], one["start"], one["end"])
            times[key] += 1
            told.setdefault(key, one)
    named = ("document_id", "version", "title", "heading", "start", "end", "quote")
    return [
        {**{name: told[key].get(name) for name in named}, "times": count} for key, count in times.most_common(limit)
    ]


def _vote(session: Session, workspace_id: str, document_id: str, version: int, *, helped: bool) -> None:
    row = FeedbackRow(workspace_id=workspace_id, document_id=document_id, version=version)
    insert_missing(session, FeedbackRow, [row.model_dump()])
    mine = (col(FeedbackRow.workspace_id) == workspace_id) & (col(FeedbackRow.document_id) == document_id)
    counted = FeedbackRow.helped if helped else FeedbackRow.not_helped
    this = mine & (col(FeedbackRow.version) == version)
    values = {col(counted): col(counted) + 1, col(FeedbackRow.updated_at): now()}
    session.execute(update(FeedbackRow).where(this).values(values))


def _votes(session: Session, workspace_id: str) -> dict[tuple[str, int], tuple[int, int]]:
    columns = (col(FeedbackRow.document_id), col(FeedbackRow.version))
    sums = (func.sum(FeedbackRow.helped), func.sum(FeedbackRow.not_helped))
    mine = col(FeedbackRow.workspace_id) == workspace_id
    rows = session.execute(select(*columns, *sums).where(mine).group_by(*columns))
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in rows}
