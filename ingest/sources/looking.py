"""A look at a source before it is read: the first of what a run would fetch, and what it would leave out."""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.knowledge.sourcing.pages import Page, RememberedPages
from app.knowledge.sourcing.previews import PreviewStore
from app.knowledge.sourcing.store import SourceStore
from app.knowledge.sourcing.types import WEB, Source
from ingest.discover import File
from ingest.orders import Order
from ingest.sources.anywhere import Anywhere
from ingest.sources.bodies import Bodies
from ingest.sources.plan import plan_of
from ingest.watch import Unwatched

MOST_PAGES = 25
MOST_NAMES = 200
PATIENCE_S = 60.0


async def look(origin: Anywhere, workspace_id: str, source_id: str) -> None:
    """Look, and note what was seen. What goes wrong stands there as well."""
    previews = PreviewStore(origin.database)
    try:
        source = await SourceStore(origin.database).get(workspace_id, source_id)
        async with asyncio.timeout(PATIENCE_S):
            found = await (_web(origin, source) if source.kind in WEB else _files(origin, source))
        await previews.settle(source_id, found)
    except TimeoutError:
        await previews.settle(source_id, {}, f"The source did not answer within {PATIENCE_S:g} seconds.")
    except AppError as error:
        await previews.settle(source_id, {}, error.detail)


async def _web(origin: Anywhere, source: Source) -> dict[str, Any]:
    most = replace(origin.web.limits, pages=min(MOST_PAGES, origin.web.limits.pages))
    plan, pages = plan_of(source.kind, source.settings, most), RememberedPages()
    with tempfile.TemporaryDirectory(prefix="answerdesk-") as folder:
        listing = await origin.web.listing(plan, pages, Bodies(Path(folder)), _unheard)
    known = list(pages.known.values())
    told = {page.url for page in known}
    seen = [_row(page) for page in known if page.state != "waiting"]
    also = [
        {"url": one.name, "state": "failed", "reason": one.reason} for one in listing.refused if one.name not in told
    ]
    return {"pages": seen + also, "waiting": len(known) - len(seen), "most": most.pages}


async def _files(origin: Anywhere, source: Source) -> dict[str, Any]:
    listing = await origin.listing(Order(source.workspace_id, source.name, []), None, Unwatched())
    names = [file.name for file in listing.files if isinstance(file, File)]
    rows = [{"url": name, "state": "fetched", "reason": ""} for name in names[:MOST_NAMES]]
    return {"pages": rows, "waiting": len(names) - len(rows), "most": MOST_NAMES}


def _row(page: Page) -> dict[str, str]:
    return {"url": page.url, "state": page.state, "reason": page.reason}


async def _unheard(_done: int, _total: int) -> None:
    """Nobody listens."""
