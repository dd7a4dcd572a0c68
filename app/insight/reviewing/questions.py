"""The questions that customers really asked, as they were stored: redacted, each once, the last ones."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from app.conversations.tables import TurnRow

MOST = 1000
LOOKED_AT = 20_000
"""Turns: a workspace that is asked the same few questions for ever is not read to its beginning."""
PAGE = 1000


class Asked(NamedTuple):
    """A question in the words in which it was searched, as it was last written, and how often it was asked."""

    searched: str
    question: str
    times: int


def last_questions(session: Session, workspace_id: str, most: int = MOST) -> list[Asked]:
    """The last different questions, the most often asked first. Small talk, which searches nothing, is none."""
    counted: dict[str, list[Any]] = {}
    for record in _records(session, workspace_id):
        for searched in record.get("parts") or [str(record.get("searched") or "")]:
            key = " ".join(searched.lower().split())
            if key in counted:
                counted[key][2] += 1
            elif key and len(counted) < most:
                counted[key] = [searched, str(record.get("question") or searched), 1]
    return sorted((Asked(*one) for one in counted.values()), key=lambda one: -one.times)


def _records(session: Session, workspace_id: str) -> Iterator[dict[str, Any]]:
    """The records of completed turns, newest first; their ids rise with time."""
    mine = (col(TurnRow.workspace_id) == workspace_id) & (col(TurnRow.state) == "completed")
    last = "~"
    for _ in range(LOOKED_AT // PAGE):
        page = select(col(TurnRow.id), col(TurnRow.record)).where(mine, col(TurnRow.id) < last)
        rows = session.execute(page.order_by(col(TurnRow.id).desc()).limit(PAGE)).all()
        yield from (row.record for row in rows if row.record)
        if len(rows) < PAGE:
            return
        last = rows[-1].id
