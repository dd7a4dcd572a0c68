"""A round over the pages of a web source."""

from dataclasses import dataclass, field
from pathlib import Path

import httpx

from app.knowledge.sourcing.pages import Page, Pages
from app.safety.reaching import guarded_client
from ingest.loaders import Refused
from ingest.origins import Listing
from ingest.sources.bodies import Bodies
from ingest.sources.crawl import Crawl, Limits, Notice
from ingest.sources.expanding import Expansion
from ingest.sources.fetcher import Fetcher
from ingest.sources.listing import listing_of
from ingest.sources.pace import Pace
from ingest.sources.plan import Plan
from ingest.sources.robots import NAME, Robots

AGENT = f"{NAME}/1.0 (reads help pages for a support assistant)"
TIMEOUT = httpx.Timeout(20, connect=10)


@dataclass(frozen=True, slots=True)
class Web:
    """How the web is read from here."""

    allowed_hosts: tuple[str, ...] = ()
    delay: float = 0.5
    largest_page: int = 10_000_000
    limits: Limits = field(default_factory=Limits)
    authorities: Path | None = None

    async def listing(self, plan: Plan, pages: Pages, bodies: Bodies, notice: Notice) -> Listing:
        """Fetch all that the plan covers. An incomplete round proves nothing about what it did not meet."""
        crawl, expansion = await self._round(plan, pages, bodies, notice)
        settled = await pages.settled()
        complete = not crawl.cut and expansion.whole and not (plan.follow and _any_failed(settled))
        if complete:
            await pages.forget_others()
            bodies.forget_others({page.digest for page in settled})
        told = [Refused(plan.seeds[0], f"{crawl.cut} Nothing is removed.")] if crawl.cut else []
        return listing_of(settled, bodies, [*expansion.refused, *told], complete=complete)

    async def look(self, plan: Plan, pages: Pages, bodies: Bodies, notice: Notice) -> tuple[list[Page], Listing]:
        """The same, and page by page what became of each."""
        listing = await self.listing(plan, pages, bodies, notice)
        return await pages.settled(), listing

    async def _round(self, plan: Plan, pages: Pages, bodies: Bodies, notice: Notice) -> tuple[Crawl, Expansion]:
        async with guarded_client(self.allowed_hosts, TIMEOUT, AGENT, authorities=self.authorities) as client:
            fetcher = Fetcher(client, Pace(self.delay), self.largest_page)
            robots = Robots(fetcher)
            expansion = Expansion(fetcher, robots, plan.scope, plan.limits.pages)
            for seed in plan.seeds if plan.sitemap else ():
                await expansion.read(seed)
            crawl = Crawl(pages, bodies, fetcher, robots, plan.scope, plan.limits, plan.follow)
            await crawl.run(list(expansion.pages) if plan.sitemap else plan.seeds, notice)
            return crawl, expansion


def _any_failed(pages: list[Page]) -> bool:
    """What only a page that failed links to cannot be found."""
    return any(page.state == "failed" for page in pages)
