"""The only place that reads or writes cached answers."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session, col

from app.answering.caching.tables import CachedAnswerRow, CacheHitRow
from app.database import Database, new_id, now
from app.knowledge.derived import PARAMETERS, insert_missing
from app.knowledge.types import Vectors

KEPT_DAYS = 30
MOST_ANSWERS = 2000
"""In one scope; the oldest give way."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Within which an answer may be given again. A new snapshot is a new scope: nothing old is ever found in it."""

    workspace_id: str
    audience: str
    locale: str
    prompt_version: str
    policy: str
    snapshot_id: str

    @property
    def key(self) -> str:
        """One word for all of it."""
        return hashlib.sha256(json.dumps(astuple(self)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer as it was given: its sentences, and which passage each of its citation numbers stands for.

    `question` is the spelling under which it is known, `asked` how it was asked.
    """

    question: str
    asked: str
    text: str
    passages: dict[int, str]
    vector: Vectors | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer that was given again in a turn, and how near its question was."""

    workspace_id: str
    turn_id: str
    answer_id: str
    kind: str
    similarity: float


@dataclass(frozen=True, slots=True)
class CacheStore:
    """Cached answers, shared by all processes."""

    database: Database

    async def state(self, scope: Scope) -> tuple[int, str]:
        """How many answers there are and the newest's id: while this stays the same, nothing has changed."""
        figures = select(func.count(), func.max(CachedAnswerRow.id)).where(col(CachedAnswerRow.scope) == scope.key)
        row = await self.database.read(lambda session: session.execute(figures).one())
        return row[0], row[1] or ""

    async def ids(self, scope: Scope) -> list[str]:
        """Which answers there are, oldest first."""
        mine = select(col(CachedAnswerRow.id)).where(col(CachedAnswerRow.scope) == scope.key)
        return await self.database.read(lambda session: sorted(session.execute(mine).scalars()))

    async def answers(self, ids: Sequence[str]) -> list[CachedAnswer]:
        """These, oldest first; one that is gone is left out."""
        return await self.database.read(lambda session: _answers(session, ids))

    async def keep(self, scope: Scope, answer: CachedAnswer, most: int = MOST_ANSWERS) -> None:
        """Keep an answer in place of an older one to the same question; the oldest of all give way."""
        await self.database.write(lambda session: _keep(session, scope, answer, most))

    async def drop(self, answer_id: str) -> None:
        """Never give this answer again."""
        await self.database.write(
            lambda session: session.execute(delete(CachedAnswerRow).where(col(CachedAnswerRow.id) == answer_id))
        )

    async def note(self, hit: Hit) -> str:
        """Write down that an answer was given again; the note's id."""
        row = CacheHitRow(**asdict(hit))
        await self.database.write(lambda session: session.execute(insert(CacheHitRow).values(row.model_dump())))
        return row.id

    async def judge(self, note_id: str, cost_micro_usd: int, *, agreed: bool) -> None:
        """Write down what came of writing such an answer anew."""
        mine = update(CacheHitRow).where(col(CacheHitRow.id) == note_id)
        await self.database.write(
            lambda session: session.execute(mine.values(agreed=agreed, cost_micro_usd=cost_micro_usd))
        )


def cache_usage(session: Session, workspace_id: str, since: datetime) -> dict[str, Any]:
    """How often answers were given again, and how many of those that were written anew turned out wrong."""
    mine = (col(CacheHitRow.workspace_id) == workspace_id) & (col(CacheHitRow.created_at) >= since)
    kinds = select(col(CacheHitRow.kind), func.count()).where(mine).group_by(col(CacheHitRow.kind))
    judged = select(col(CacheHitRow.agreed), func.count(), func.sum(CacheHitRow.cost_micro_usd)).where(mine)
    verdicts = {row[0]: row for row in session.execute(judged.group_by(col(CacheHitRow.agreed)))}
    hits = {str(kind): count for kind, count in session.execute(kinds)}
    wrong, right = (verdicts[verdict][1] if verdict in verdicts else 0 for verdict in (False, True))
    return {
        "exact_hits": hits.get("exact", 0),
        "semantic_hits": hits.get("semantic", 0),
        "checked": wrong + right,
        "false_hits": wrong,
        "false_hit_rate": round(wrong / (wrong + right), 4) if wrong + right else None,
        "checking_cost_micro_usd": sum(verdicts[one][2] or 0 for one in (False, True) if one in verdicts),
    }


def _keep(session: Session, scope: Scope, answer: CachedAnswer, most: int) -> None:
    mine = col(CachedAnswerRow.scope) == scope.key
    session.execute(delete(CachedAnswerRow).where(mine & (col(CachedAnswerRow.question) == answer.question)))
    stale = col(CachedAnswerRow.created_at) < now() - timedelta(days=KEPT_DAYS)
    session.execute(delete(CachedAnswerRow).where((col(CachedAnswerRow.workspace_id) == scope.workspace_id) & stale))
    newest = select(col(CachedAnswerRow.id)).where(mine).order_by(col(CachedAnswerRow.id).desc())
    surplus = session.execute(newest.offset(most - 1).limit(1)).scalar_one_or_none()
    if surplus:
        session.execute(delete(CachedAnswerRow).where(mine & (col(CachedAnswerRow.id) <= surplus)))
    insert_missing(session, CachedAnswerRow, [_row(scope, answer).model_dump()])


def _answers(session: Session, ids: Sequence[str]) -> list[CachedAnswer]:
    found: list[CachedAnswer] = []
    for start in range(0, len(ids), PARAMETERS):
        wanted = select(CachedAnswerRow).where(col(CachedAnswerRow.id).in_(ids[start : start + PARAMETERS]))
        found += [_answer(row) for row in session.execute(wanted).scalars()]
    return sorted(found, key=lambda one: one.id)


def _row(scope: Scope, answer: CachedAnswer) -> CachedAnswerRow:
    return CachedAnswerRow(
        id=new_id(),
        workspace_id=scope.workspace_id,
        scope=scope.key,
        question=answer.question,
        asked=answer.asked,
        vector=None if answer.vector is None else answer.vector.astype("<f4").tobytes(),
        text=answer.text,
        passages={str(number): passage for number, passage in answer.passages.items()},
    )


def _answer(row: CachedAnswerRow) -> CachedAnswer:
    vector = None if row.vector is None else np.frombuffer(row.vector, dtype="<f4").astype(np.float32)
    passages = {int(number): passage for number, passage in row.passages.items()}
    return CachedAnswer(row.question, row.asked, row.text, passages, vector, row.id)
