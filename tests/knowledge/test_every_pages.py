"""Pages in memory and in the database behave alike; those in the database survive their process and know their past."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.database import Database
from app.knowledge.sourcing.pages import Pages, RememberedPages, StoredPages
from app.knowledge.sourcing.store import SourceStore

Open = Callable[[str], Pages]


@pytest.fixture(params=["memory", "database"])
async def opened(request: pytest.FixtureRequest, database: Database) -> Open:
    """The pages of one source, in a round of this name."""
    if request.param == "memory":
        return lambda _name: RememberedPages()
    source = await SourceStore(database).add("default", "site", {"kind": "crawl"})
    return lambda name: StoredPages(database, "default", source.id, name)


async def test_pages_come_in_the_order_in_which_they_were_found(opened: Open) -> None:
    pages = opened("1")
    await pages.add(["https://x.example/b", "https://x.example/a"], 0)
    await pages.add(["https://x.example/a", "https://x.example/c"], 1)
    met = []
    while page := await pages.next():
        met.append((page.url[-1], page.depth))
        await pages.settle(replace(page, state="fetched", digest="d"))
    assert met == [("b", 0), ("a", 0), ("c", 1)]
    assert [page.url[-1] for page in await pages.settled()] == ["b", "a", "c"]


async def test_a_round_goes_on_where_it_was_and_the_next_knows_what_was_said(database: Database) -> None:
    source = await SourceStore(database).add("default", "site", {"kind": "crawl"})

    def pages(name: str) -> StoredPages:
        return StoredPages(database, "default", source.id, name)

    await pages("1").add(["https://x.example/a", "https://x.example/b"], 0)
    first = await pages("1").next()
    assert first is not None
    await pages("1").settle(replace(first, state="fetched", etag="1", digest="d"))
    waiting = await pages("1").next()
    assert waiting is not None
    assert waiting.url.endswith("/b")
    await pages("2").add(["https://x.example/a"], 0)
    again = await pages("2").next()
    assert again == replace(first, state="waiting", etag="1", digest="d")
    await pages("2").settle(replace(again, state="gone"))
    await pages("2").forget_others()
    assert await pages("1").next() is None
    assert [page.state for page in await pages("2").settled()] == ["gone"]
