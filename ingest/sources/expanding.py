"""From a sitemap to the pages that it lists, through all sitemaps that it lists."""

from dataclasses import dataclass, field

from app.errors import AppError
from app.safety.addresses import Unreachable
from ingest.loaders import Refused
from ingest.sources.fetcher import Fetcher
from ingest.sources.robots import Robots
from ingest.sources.scope import Scope, one_form
from ingest.sources.sitemaps import LARGEST, sitemap_of
from ingest.sources.unpacking import unpacked

MOST_SITEMAPS = 200
MOST_REFUSED = 100


@dataclass(slots=True)
class Expansion:
    """Reads sitemaps until `most` pages are known. What is wrong with one is told, and does not stop the others.

    It is `whole` when every sitemap was read to its end.
    """

    fetcher: Fetcher
    robots: Robots
    scope: Scope
    most: int
    pages: dict[str, None] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    whole: bool = True
    _seen: set[str] = field(default_factory=set)

    async def read(self, url: str) -> None:
        """This one, and those that it names, each once."""
        waiting = [url]
        while waiting and len(self.pages) <= self.most:
            one = waiting.pop(0)
            if one in self._seen:
                self._refuse(one, "This sitemap is named more than once, or names itself. It is read only once.")
            elif len(self._seen) >= MOST_SITEMAPS:
                self._fail(one, f"More than {MOST_SITEMAPS} sitemaps are named; this one and the rest are not read.")
                return
            else:
                self._seen.add(one)
                waiting += await self._children(one)

    async def _children(self, url: str) -> list[str]:
        try:
            found = await self.fetcher.get(url, self.robots.permit, largest=LARGEST)
            sitemap = sitemap_of(await unpacked(found.body or b"", LARGEST))
        except AppError as error:
            self._fail(url, error.detail)
            return []
        self.pages.update(dict.fromkeys(page for page in self._valid(sitemap.pages, url) if self.scope.holds(page)))
        return self._valid(sitemap.sitemaps, url)

    def _valid(self, addresses: list[str], sitemap: str) -> list[str]:
        valid = []
        for address in addresses:
            try:
                valid.append(one_form(address, sitemap))
            except Unreachable as error:
                self._refuse(address[:200], f"The sitemap names this address, but: {error.detail}")
        return valid

    def _fail(self, name: str, reason: str) -> None:
        self.whole = False
        self._refuse(name, reason)

    def _refuse(self, name: str, reason: str) -> None:
        if len(self.refused) < MOST_REFUSED:
            self.refused.append(Refused(name, reason))
