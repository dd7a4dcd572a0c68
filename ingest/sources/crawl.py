"""Goes from page to page of a site, or through a list of them, and keeps what it finds."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from app.errors import AppError
from app.knowledge.sourcing.pages import Page, Pages
from app.safety.addresses import Unreachable
from ingest.loaders import MEGABYTE
from ingest.sources.bodies import Bodies
from ingest.sources.fetcher import Failed, Fetched, Fetcher, Gone, Known
from ingest.sources.links import Said, said_by
from ingest.sources.media import ending_of
from ingest.sources.robots import Robots, Unwelcome
from ingest.sources.scope import Scope, one_form

HTML = ".html"
Notice = Callable[[int, int], Awaitable[None]]
"""Is told how many pages were fetched, and how many are known."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a crawl ends, whatever else there is. `depth` is how many links lie between it and where it began."""

    pages: int = 2000
    depth: int = 10
    megabytes: int = 500


class Left(Failed):
    """This page is no part of the source."""


@dataclass(slots=True)
class Crawl:
    """One round over a source's pages. With `follow` also over those that they link to."""

    pages: Pages
    bodies: Bodies
    fetcher: Fetcher
    robots: Robots
    scope: Scope
    limits: Limits
    follow: bool = False
    cut: str = ""
    """Why it ended before its end, if it did."""
    _fetched: int = 0
    _bytes: int = 0
    _known: set[str] = field(default_factory=set)

    async def run(self, seeds: Sequence[str], notice: Notice) -> None:
        """Fetch everything that waits, first what was found first."""
        for settled in await self.pages.settled():
            self._count(settled)
        await self._found(seeds, 0)
        while page := await self.pages.next():
            self.cut = self._limit()
            if self.cut:
                return
            await notice(self._fetched, max(len(self._known), self._fetched))
            await self._settle(page)

    def _count(self, page: Page) -> None:
        self._known.add(page.url)
        if page.state == "fetched":
            self._fetched += 1
            self._bytes += len(self.bodies.read(page.digest) or b"")

    def _limit(self) -> str:
        if self._fetched >= self.limits.pages:
            return f"This ended at its limit of {self.limits.pages:,} pages."
        if self._bytes >= self.limits.megabytes * MEGABYTE:
            return f"This ended at its limit of {self.limits.megabytes:,} MB."
        return ""

    async def _found(self, urls: Sequence[str], depth: int) -> None:
        fresh = [url for url in dict.fromkeys(urls) if url not in self._known]
        self._known.update(fresh)
        if fresh:
            await self.pages.add(fresh, depth)

    async def _settle(self, page: Page) -> None:
        """What follows from a page is stored before the page itself, so that nothing is lost in between."""
        try:
            settled, links = await self._visited(page)
        except Gone as error:
            settled, links = replace(page, state="gone", reason=error.detail), ()
        except (Left, Unwelcome) as error:
            settled, links = replace(page, state="left", reason=error.detail), ()
        except AppError as error:
            settled, links = replace(page, state="failed", reason=error.detail), ()
        if self.follow and page.depth < self.limits.depth:
            await self._found([url for url in links if self.scope.follows(url)], page.depth + 1)
        await self.pages.settle(settled)
        self._count(settled)

    async def _visited(self, page: Page) -> tuple[Page, Sequence[str]]:
        await self._permit(page.url)
        before = self.bodies.read(page.digest)
        known = Known(page.etag, page.modified) if before is not None else Known()
        answer = await self.fetcher.get(page.url, self._permit, known)
        body = before if answer.body is None else answer.body
        if body is None:
            raise Failed("The site says that this page is as it was, but it was never given.")
        media = answer.media or page.media
        said = await self._said(answer.url, media, body)
        if answer.hidden or (said and said.hidden):
            raise Left("The page asks not to be found in a search.")
        digest = await asyncio.to_thread(self.bodies.keep, body)
        name = self._name(answer, said)
        stored = replace(page, state="fetched", reason="", name=name, media=media, digest=digest)
        return replace(stored, etag=answer.known.etag, modified=answer.known.modified), said.links if said else ()

    async def _permit(self, url: str) -> None:
        if not self.scope.holds(url):
            raise Left("This address lies outside of what the source covers.")
        await self.robots.permit(url)

    async def _said(self, url: str, media: str, body: bytes) -> Said | None:
        ending = ending_of(media, url)
        if not ending:
            raise Left(f"What is there is no document that can be read ({media[:80]}).")
        return await asyncio.to_thread(said_by, url, body) if ending == HTML else None

    def _name(self, answer: Fetched, said: Said | None) -> str:
        """A page may name a better address of its own, but none outside of the source."""
        if said and said.canonical and self.scope.holds(said.canonical):
            return said.canonical
        try:
            return one_form(answer.url)
        except Unreachable:
            return answer.url
