"""The states that an article had: operations on a session. The saves of one sitting are one state."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from app.database import now
from app.errors import NotFound
from app.knowledge.writing.tables import ArticleRow, RevisionRow
from app.knowledge.writing.types import Writing

SITTING = timedelta(minutes=30)
"""Who goes on for longer begins a new state, so that there is something to return to."""


def begin(session: Session, article: ArticleRow, writing: Writing, who: str) -> None:
    """A new state."""
    number = latest_number(session, article.id) + 1
    place = RevisionRow(article_id=article.id, number=number, workspace_id=article.workspace_id, changed_by=who)
    place.said = writing.said
    session.add(place)
    session.flush()


def note(session: Session, article: ArticleRow, writing: Writing, who: str) -> None:
    """A save: it changes the latest state while that is this person's, fresh and unpublished."""
    latest = session.get(RevisionRow, (article.id, latest_number(session, article.id)))
    if latest and latest.changed_by == who and not latest.published_at and now() - latest.began_at < SITTING:
        latest.said, latest.changed_at = writing.said, now()
        session.flush()
    else:
        begin(session, article, writing, who)


def publish(session: Session, article: ArticleRow) -> int:
    """Mark the latest state as published; its number."""
    number = latest_number(session, article.id)
    row = session.get(RevisionRow, (article.id, number))
    if row and row.published_at is None:
        row.published_at = now()
    return number


def latest_number(session: Session, article_id: str) -> int:
    """The number of the latest state; 0 before the first."""
    mine = col(RevisionRow.article_id) == article_id
    return session.execute(select(func.max(col(RevisionRow.number))).where(mine)).scalar() or 0


def listed(session: Session, article_id: str) -> list[dict[str, Any]]:
    """All states, newest first."""
    mine = select(RevisionRow).where(col(RevisionRow.article_id) == article_id)
    rows = session.execute(mine.order_by(col(RevisionRow.number).desc())).scalars()
    return [_about(row) for row in rows]


def one(session: Session, article_id: str, number: int) -> dict[str, Any]:
    """One state with all that it said."""
    row = session.get(RevisionRow, (article_id, number))
    if row is None:
        raise NotFound("The article never had this state.")
    return _about(row) | {"said": row.said}


def _about(row: RevisionRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "title": row.said["title"],
        "changed_by": row.changed_by,
        "changed_at": row.changed_at.isoformat(),
        "published_at": row.published_at.isoformat() if row.published_at else None,
    }
