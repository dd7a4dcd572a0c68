"""Where a source's documents come from, by its kind: places on this machine, the web, or a Git repository."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.database import Database
from app.errors import Conflict, Invalid
from app.knowledge.sourcing.pages import Pages, RememberedPages, StoredPages
from app.knowledge.sourcing.store import SourceStore
from app.knowledge.sourcing.types import Source
from ingest.discover import discover, is_web
from ingest.loaders import supported
from ingest.orders import Order
from ingest.origins import Here, Listing, Origin
from ingest.sources.bodies import Bodies
from ingest.sources.git import Git
from ingest.sources.plan import Plan, kind_of, plan_of
from ingest.sources.web import Web
from ingest.watch import Told


@dataclass(frozen=True, slots=True)
class Anywhere:
    """Reads the places that an order names; one that names none, from where its source lies.

    `folder` is where fetched content is kept, `roots` are what sources on this machine may lie in.
    """

    database: Database
    folder: Path
    web: Web
    git: Git
    roots: Sequence[Path] = ()
    here: Origin = field(default_factory=Here)
    _aside: list[tempfile.TemporaryDirectory[str]] = field(default_factory=list)

    async def listing(self, order: Order, run_id: str | None, told: Told) -> Listing:
        """All that could be had, under what the source says of documents that say nothing."""
        source = await SourceStore(self.database).find(order.workspace_id, order.source)
        if source and not source.enabled:
            raise Conflict(f"The source “{source.name}” is switched off. Switch it on first.")
        found = await self._found(order, source, run_id, told)
        return replace(found, audience=source.audience, locale=source.locale) if source else found

    async def _found(self, order: Order, source: Source | None, run_id: str | None, told: Told) -> Listing:
        places = [place for places in order.groups for place in places]
        if any(is_web(place) for place in places):
            if not all(is_web(place) for place in places):
                raise Invalid("Ingest web addresses and files one after the other, not in one run.")
            plan = plan_of(kind_of(places), {"urls": places}, self.web.limits)
            return await self._fetched(plan, source, run_id, told)
        if places or source is None:
            return await self.here.listing(order, run_id, told)
        match source.kind:
            case "folder":
                return Listing(await asyncio.to_thread(discover, [str(self._allowed(source))]))
            case "git":
                return await self._repository(source)
        plan = plan_of(source.kind, source.settings, self.web.limits)
        return await self._fetched(plan, source, run_id, told)

    async def _fetched(self, plan: Plan, source: Source | None, run_id: str | None, told: Told) -> Listing:
        async def notice(done: int, total: int) -> None:
            await told.at("fetch", done, total)

        pages: Pages = RememberedPages()
        bodies = Bodies(self._temporary())
        if source and run_id:
            pages = StoredPages(self.database, source.workspace_id, source.id, run_id)
            bodies = Bodies(self.folder / source.id)
        return await self.web.listing(plan, pages, bodies, notice)

    async def _repository(self, source: Source) -> Listing:
        repository = str(source.settings.get("repository") or "")
        if repository.startswith("/"):
            self._refuse_elsewhere(Path(repository))
        tree = await self.git.fetch(
            repository, str(source.settings.get("branch") or ""), self.folder / f"{source.id}.git"
        )
        chosen = (tree / str(source.settings.get("folder") or "")).resolve()
        if not chosen.is_relative_to(tree.resolve()) or not chosen.is_dir():
            raise Invalid(f"The repository has no folder “{source.settings.get('folder')}”.")
        files = await asyncio.to_thread(discover, [str(chosen)])
        return Listing([file for file in files if supported(file.name)])

    def _allowed(self, source: Source) -> Path:
        path = Path(str(source.settings.get("path") or ""))
        self._refuse_elsewhere(path)
        return path

    def _refuse_elsewhere(self, path: Path) -> None:
        """Who may sign in to the console is not who may read every file of this machine."""
        if not any(path.resolve().is_relative_to(root.resolve()) for root in self.roots):
            raise Invalid(f"The folder {path} may not be read. Add it to ANSWERDESK_FETCH__FOLDERS first.")

    def _temporary(self) -> Path:
        self._aside.append(tempfile.TemporaryDirectory(prefix="answerdesk-"))
        return Path(self._aside[-1].name)

    def close(self) -> None:
        """Delete what a dry run fetched."""
        for folder in self._aside:
            folder.cleanup()
