"""The first stage of a run: what is to be read, whatever the source is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.errors import Invalid
from app.knowledge.library import Library
from app.knowledge.sourcing.store import SourceStore
from ingest.orders import Order
from ingest.origins import Listing, Origin, Readable
from ingest.pushed import pushed_documents
from ingest.watch import Told


@dataclass(frozen=True, slots=True)
class Fetch:
    """Asks whoever holds the documents of an order."""

    library: Library
    origin: Origin

    async def listing(self, order: Order, run_id: str | None, told: Told) -> Listing:
        """All of them, or for a retry those that may hold what failed."""
        await told.at("fetch")
        listing = await self._whole(order, run_id, told)
        if order.only:
            listing = replace(listing, files=_failed(listing.files, order.origins))
        await told.at("fetch", len(listing.files), len(listing.files))
        return listing

    async def _whole(self, order: Order, run_id: str | None, told: Told) -> Listing:
        match order.reads:
            case "pushed":
                return await self._pushed(order)
            case "nothing":
                return Listing(())
        return await self.origin.listing(order, run_id, told)

    async def _pushed(self, order: Order) -> Listing:
        source = await SourceStore(self.library.documents.database).find(order.workspace_id, order.source)
        files = await pushed_documents(self.library.pushed, order.workspace_id, order.source)
        return Listing(files, audience=source.audience, locale=source.locale) if source else Listing(files)


def _failed(files: Sequence[Readable], origins: frozenset[str]) -> list[Readable]:
    found = [file for file in files if file.name in origins]
    if not found:
        raise Invalid("None of the files that failed is there any more, so there is nothing to retry.")
    return found
