"""What a site allows robots to fetch (RFC 9309)."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego

from app.errors import AppError
from app.safety.addresses import place_of
from ingest.sources.fetcher import Denied, Failed, Fetcher, Gone

NAME = "Answerdesk"
LARGEST = 500_000


class Unwelcome(Failed):
    """This site asks robots, in its robots.txt, to leave this page alone."""


@dataclass(frozen=True, slots=True)
class Robots:
    """Each site's rules, read once. A site whose rules cannot be read is left alone, as the standard wants."""

    fetcher: Fetcher
    _rules: dict[str, Protego | str] = field(default_factory=dict)

    async def permit(self, url: str) -> None:
        """Raises `Unwelcome` when the site does not want this page to be fetched."""
        rules = await self._of(url)
        if isinstance(rules, str):
            raise Failed(rules)
        if not rules.can_fetch(url, NAME):
            raise Unwelcome

    async def _of(self, url: str) -> Protego | str:
        site = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if site not in self._rules:
            self._rules[site] = await self._read(site)
        return self._rules[site]

    async def _read(self, site: str) -> Protego | str:
        try:
            found = await self.fetcher.get(f"{site}/robots.txt", _anywhere, largest=LARGEST)
        except (Gone, Denied):
            return Protego.parse("")
        except AppError as error:
            return f"The robots.txt of this site cannot be read, so nothing is fetched from it: {error.detail}"
        rules = Protego.parse((found.body or b"").decode("utf-8", "replace"))
        delay = rules.crawl_delay(NAME)
        if delay:
            self.fetcher.pace.slow_down(place_of(site).host, float(delay))
        return rules


async def _anywhere(_url: str) -> None:
    """The guard of the client decides."""
