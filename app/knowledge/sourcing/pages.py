"""The pages of a source: what is still to be fetched in a round, and what each said the last time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy import Executable, delete, func, select, update
from sqlmodel import Session, col

from app.database import Database
from app.knowledge.derived import in_parts, insert_missing
from app.knowledge.sourcing.tables import PageRow


@dataclass(frozen=True, slots=True)
class Page:
    """An address and what came of it. `state` is waiting, fetched, gone, failed or left (out); `reason` says why.

    `name` is the address by which its document is known; `digest` names the stored content.
    """

    url: str
    depth: int = 0
    state: str = "waiting"
    reason: str = ""
    name: str = ""
    media: str = ""
    digest: str = ""
    etag: str = ""
    modified: str = ""


class Pages(Protocol):
    """The pages of one source in one round. A round that was begun before goes on where it was."""

    async def add(self, urls: Sequence[str], depth: int) -> None:
        """These are to be fetched in this round, unless they are known in it already."""
        ...

    async def next(self) -> Page | None:
        """The one that has waited longest, with what is known of it from earlier rounds."""
        ...

    async def settle(self, page: Page) -> None:
        """Note what came of it."""
        ...

    async def settled(self) -> list[Page]:
        """All of this round that wait no longer, in the order in which they were found."""
        ...

    async def forget_others(self) -> None:
        """Drop what this round did not meet."""
        ...


@dataclass(slots=True)
class RememberedPages:
    """Pages in memory, for what leaves no trace."""

    known: dict[str, Page] = field(default_factory=dict)

    async def add(self, urls: Sequence[str], depth: int) -> None:
        """Note them."""
        for url in urls:
            self.known.setdefault(url, Page(url, depth))

    async def next(self) -> Page | None:
        """The first that waits."""
        return next((page for page in self.known.values() if page.state == "waiting"), None)

    async def settle(self, page: Page) -> None:
        """Note it."""
        self.known[page.url] = page

    async def settled(self) -> list[Page]:
        """All that do not wait."""
        return [page for page in self.known.values() if page.state != "waiting"]

    async def forget_others(self) -> None:
        """There are none."""


@dataclass(frozen=True, slots=True)
class StoredPages:
    """Pages in the database, so that a round survives its process."""

    database: Database
    workspace_id: str
    source_id: str
    round: str

    async def add(self, urls: Sequence[str], depth: int) -> None:
        """Note them in one transaction."""
        await self.database.write(lambda session: _add(session, self, list(dict.fromkeys(urls)), depth))

    async def next(self) -> Page | None:
        """The waiting row with the lowest position."""
        return await self.database.read(lambda session: _next(session, self))

    async def settle(self, page: Page) -> None:
        """Write its row."""
        values = {name: getattr(page, name) for name in SETTLED}
        mine = (col(PageRow.source_id) == self.source_id) & (col(PageRow.key) == key_of(page.url))
        await self.database.write(lambda session: _execute(session, update(PageRow).where(mine).values(values)))

    async def settled(self) -> list[Page]:
        """The rows of this round that do not wait."""
        return await self.database.read(lambda session: _settled(session, self))

    async def forget_others(self) -> None:
        """Delete the rows of other rounds."""
        others = (col(PageRow.source_id) == self.source_id) & (col(PageRow.round) != self.round)
        await self.database.write(lambda session: _execute(session, delete(PageRow).where(others)))


SETTLED = ("state", "reason", "name", "media", "digest", "etag", "modified")


def key_of(url: str) -> str:
    """An address as a key of fixed length: some databases index no long texts."""
    return hashlib.sha256(url.encode()).hexdigest()


def _execute(session: Session, statement: Executable) -> None:
    session.execute(statement)


def _add(session: Session, pages: StoredPages, urls: Sequence[str], depth: int) -> None:
    mine = col(PageRow.source_id) == pages.source_id
    last = session.execute(select(func.max(col(PageRow.position))).where(mine, col(PageRow.round) == pages.round))
    position = (last.scalar() or 0) + 1
    for part in in_parts(urls):
        known = select(col(PageRow.key), col(PageRow.round)).where(
            mine, col(PageRow.key).in_([key_of(url) for url in part])
        )
        rounds = {row.key: row.round for row in session.execute(known)}
        fresh = {"round": pages.round, "state": "waiting", "reason": "", "depth": depth}
        rows = []
        for url in part:
            place = {"position": position, **fresh}
            position += 1
            if key_of(url) not in rounds:
                rows.append({**_row(pages, url), **place})
            elif rounds[key_of(url)] != pages.round:
                session.execute(update(PageRow).where(mine, col(PageRow.key) == key_of(url)).values(place))
        insert_missing(session, PageRow, rows)


def _row(pages: StoredPages, url: str) -> dict[str, Any]:
    return PageRow(
        source_id=pages.source_id, key=key_of(url), workspace_id=pages.workspace_id, url=url, round=pages.round
    ).model_dump()


def _next(session: Session, pages: StoredPages) -> Page | None:
    mine = (col(PageRow.source_id) == pages.source_id) & (col(PageRow.round) == pages.round)
    waiting = select(PageRow).where(mine, col(PageRow.state) == "waiting").order_by(col(PageRow.position)).limit(1)
    row = session.execute(waiting).scalars().first()
    return _page(row) if row else None


def _settled(session: Session, pages: StoredPages) -> list[Page]:
    mine = (col(PageRow.source_id) == pages.source_id) & (col(PageRow.round) == pages.round)
    rows = select(PageRow).where(mine, col(PageRow.state) != "waiting").order_by(col(PageRow.position))
    return [_page(row) for row in session.execute(rows).scalars()]


def _page(row: PageRow) -> Page:
    return replace(Page(row.url, row.depth), **{name: getattr(row, name) for name in SETTLED})
