"""The only place that reads or writes articles of the console, whose every save is durable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, or_, select
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import Conflict, Invalid, NotFound, Outdated
from app.knowledge.articles import slug_of
from app.knowledge.pushing import store as pushing
from app.knowledge.pushing.types import Push
from app.knowledge.run_queue import Queued
from app.knowledge.writing import history
from app.knowledge.writing.tables import ArticleRow, RevisionRow
from app.knowledge.writing.types import Writing, WrittenArticle

SOURCE = "articles"
MOST = 500


@dataclass(frozen=True, slots=True)
class ArticleStore:
    """Articles from their first draft on. What is published goes into the next snapshot like any pushed document."""

    database: Database

    async def all(self, workspace_id: str, words: str = "") -> list[WrittenArticle]:
        """Those with these words in title or text, the last changed first."""
        return await self.database.read(lambda session: _all(session, workspace_id, words.split()))

    async def overdue(self, workspace_id: str, today: date) -> list[WrittenArticle]:
        """Published articles that should have been reviewed before this day, the longest overdue first."""
        return await self.database.read(lambda session: _overdue(session, workspace_id, today))

    async def get(self, workspace_id: str, article_id: str) -> WrittenArticle:
        """One article as it stands in the editor."""
        return await self.database.read(lambda session: _view(session, _own(session, workspace_id, article_id)))

    async def create(self, workspace_id: str, writing: Writing, who: str) -> WrittenArticle:
        """Begin an article."""
        return await self.database.write(lambda session: _create(session, workspace_id, writing, who))

    async def save(
        self, workspace_id: str, article_id: str, writing: Writing, who: str, expected: int | None = None
    ) -> WrittenArticle:
        """Keep this state; `Outdated` when somebody else saved after the revision that was expected."""
        return await self.database.write(
            lambda session: _save(session, _locked(session, workspace_id, article_id, expected), writing, who)
        )

    async def publish(self, workspace_id: str, article_id: str, expected: int | None = None) -> Queued | None:
        """Have the present state published by a run; none when it is published already."""
        return await self.database.write(
            lambda session: _publish(session, _locked(session, workspace_id, article_id, expected))
        )

    async def unpublish(self, workspace_id: str, article_id: str) -> Queued:
        """Have the article taken out of the next snapshot; what was written stays."""
        return await self.database.write(
            lambda session: _unpublish(session, _locked(session, workspace_id, article_id, None))
        )

    async def delete(self, workspace_id: str, article_id: str) -> None:
        """Throw a draft away with its history."""
        await self.database.write(lambda session: _delete(session, _locked(session, workspace_id, article_id, None)))

    async def revisions(self, workspace_id: str, article_id: str) -> list[dict[str, Any]]:
        """The states that the article had, newest first, without their texts."""
        return await self.database.read(
            lambda session: history.listed(session, _own(session, workspace_id, article_id).id)
        )

    async def revision(self, workspace_id: str, article_id: str, number: int) -> dict[str, Any]:
        """One of them."""
        return await self.database.read(
            lambda session: history.one(session, _own(session, workspace_id, article_id).id, number)
        )


def _all(session: Session, workspace_id: str, words: Sequence[str]) -> list[WrittenArticle]:
    wanted = select(ArticleRow).where(col(ArticleRow.workspace_id) == workspace_id)
    for word in words:
        places = (col(ArticleRow.title), col(ArticleRow.text), col(ArticleRow.category))
        wanted = wanted.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    newest = wanted.order_by(col(ArticleRow.changed_at).desc()).limit(MOST)
    return [_view(session, row) for row in session.execute(newest).scalars()]


def _overdue(session: Session, workspace_id: str, today: date) -> list[WrittenArticle]:
    mine = (col(ArticleRow.workspace_id) == workspace_id) & col(ArticleRow.published).is_not(None)
    late = select(ArticleRow).where(mine, col(ArticleRow.review_on) < today).order_by(col(ArticleRow.review_on))
    return [_view(session, row) for row in session.execute(late).scalars()]


def _own(session: Session, workspace_id: str, article_id: str) -> ArticleRow:
    row = session.get(ArticleRow, article_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("There is no such article. It may have been deleted.")
    return row


def _locked(session: Session, workspace_id: str, article_id: str, expected: int | None) -> ArticleRow:
    row = _own(session, workspace_id, article_id)
    session.refresh(row, with_for_update=True)
    if expected not in (None, row.revision):
        raise Outdated(f"{row.changed_by} saved this article in the meantime. Compare, then keep one or the other.")
    return row


def _create(session: Session, workspace_id: str, writing: Writing, who: str) -> WrittenArticle:
    slug = _free_slug(session, workspace_id, writing, None)
    row = ArticleRow(workspace_id=workspace_id, changed_by=who, **_columns(replace(writing, slug=slug)))
    session.add(row)
    session.flush()
    history.begin(session, row, writing, who)
    return _view(session, row)


def _save(session: Session, row: ArticleRow, writing: Writing, who: str) -> WrittenArticle:
    writing = replace(writing, slug=_free_slug(session, row.workspace_id, writing, row.id))
    if writing != _writing(row):
        for name, value in _columns(writing).items():
            setattr(row, name, value)
        row.revision, row.changed_by, row.changed_at = row.revision + 1, who, now()
        session.flush()
        history.note(session, row, writing, who)
    return _view(session, row)


def _publish(session: Session, row: ArticleRow) -> Queued | None:
    if not row.text.strip():
        raise Invalid("There is nothing to publish yet. Write the article first.")
    known = {"title": row.title, "locale": row.locale, "audience": row.audience}
    front = {"slug": row.slug, "category": row.category, "owner": row.owner}
    front["review_by"] = row.review_on.isoformat() if row.review_on else ""
    push = Push(row.id, "text/markdown", row.text, known | {"front_matter": front})
    _, queued = pushing.put(session, row.workspace_id, SOURCE, [push], pushing.ANY, "articles")
    row.published = history.publish(session, row)
    row.run_id = queued.run_id if queued else row.run_id
    return queued


def _unpublish(session: Session, row: ArticleRow) -> Queued:
    if row.published is None:
        raise Conflict("This article is not published.")
    queued = pushing.remove(session, row.workspace_id, SOURCE, row.id, pushing.ANY)
    row.published, row.run_id = None, queued.run_id
    return queued


def _delete(session: Session, row: ArticleRow) -> None:
    if row.published is not None:
        raise Conflict("This article is published. Take it back first, then delete it.")
    session.execute(delete(RevisionRow).where(col(RevisionRow.article_id) == row.id))
    session.execute(delete(ArticleRow).where(col(ArticleRow.id) == row.id))


def _free_slug(session: Session, workspace_id: str, writing: Writing, own_id: str | None) -> str:
    """The slug that was chosen, or one after the title that no other article has."""
    wanted = slug_of(writing.slug or writing.title)
    mine = (col(ArticleRow.workspace_id) == workspace_id) & (col(ArticleRow.id) != (own_id or ""))
    taken = set(session.execute(select(col(ArticleRow.slug)).where(mine)).scalars())
    if writing.slug and wanted in taken:
        raise Conflict(f"Another article has the address “{wanted}”. Choose another one.")
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (wanted, *numbered) if slug not in taken)


def _columns(writing: Writing) -> dict[str, Any]:
    return writing.said | {"review_on": writing.review_on}


def _writing(row: ArticleRow) -> Writing:
    return Writing(row.title, row.slug, row.category, row.locale, row.audience, row.owner, row.review_on, row.text)


def _view(session: Session, row: ArticleRow) -> WrittenArticle:
    sitting = history.latest_number(session, row.id)
    state = "draft" if row.published is None else "published" if row.published == sitting else "changed"
    return WrittenArticle(
        row.id, _writing(row), row.revision, state, row.run_id, row.changed_by, row.created_at, row.changed_at, sitting
    )
