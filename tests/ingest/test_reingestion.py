"""Overrides through whole runs: whatever is ingested next, each applies somewhere or is a conflict that admins see."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from app.database import open_database
from app.knowledge.library import Library
from app.knowledge.overriding.store import Shown
from app.knowledge.overriding.types import Wish
from tests.shelving import WORKSPACE, ingestion, open_library, order, write

PARAGRAPHS = [
    "Refunds take ten days, counted from the day on which the parcel came back to us.",
    "A parcel may weigh at most thirty kilograms. Heavier ones go by freight, which costs more.",
    "1. Open the page of the parcel\n2. Choose what you would like to do with it\n3. Print the label",
    "Refunds take five days, counted from the day on which the parcel came back to us.",
    "The office is open from nine to five on every day that is not a holiday in the city.",
]
DOCUMENT = st.lists(
    st.tuples(st.sampled_from(["## Prices", "## Days", "### Detail"]), st.sampled_from(PARAGRAPHS)),
    min_size=1,
    max_size=4,
).map(lambda parts: "# Guide\n\n" + "\n\n".join(text for part in parts for text in part))
STATES = st.dictionaries(st.sampled_from(["a.md", "b.md", "c.md"]), DOCUMENT, min_size=1, max_size=3)
WISHES = st.sampled_from([Wish(keywords=("tariff",)), Wish(disabled=True), Wish(text="Said in other words here.")])


@settings(max_examples=8, deadline=None)
@given(STATES, st.lists(WISHES, min_size=1, max_size=3), st.lists(STATES, min_size=1, max_size=3))
def test_after_every_run_each_override_applies_or_is_a_visible_conflict(
    first: dict[str, str], wishes: list[Wish], later: list[dict[str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_live_through(Path(folder), first, wishes, later))


async def _live_through(folder: Path, first: dict[str, str], wishes: list[Wish], later: list[dict[str, str]]) -> None:
    database = open_database(f"sqlite:///{folder}/test.db")
    await database.write(lambda session: SQLModel.metadata.create_all(session.connection()))
    library = open_library(database, folder / "data")
    await _ingested(library, folder / "kb", first)
    made = await _wished(library, wishes)
    for state in later:
        await _ingested(library, folder / "kb", state)
        await _checked(library, made)
    await library.close()
    await database.close()


async def _ingested(library: Library, folder: Path, state: dict[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    await ingestion(library).ingest(order(write(folder, dict(state)), prune=True))


async def _wished(library: Library, wishes: list[Wish]) -> dict[str, Wish]:
    documents = [await library.overrides.passages(WORKSPACE, row["id"]) for row in await library.listed(WORKSPACE)]
    places = [
        Shown(one["document_id"], one["version"], passage["heading"], passage["start"], passage["end"])
        for one in documents
        for passage in one["passages"]
    ]
    made = {}
    for place, wish in zip(places, wishes, strict=False):
        override, _ = await library.overrides.create(WORKSPACE, place, wish, "Maya")
        made[override.id] = wish
    return made


async def _checked(library: Library, made: dict[str, Wish]) -> None:
    listed = {one["id"]: one for one in await library.overrides.listed(WORKSPACE)}
    assert set(listed) == set(made)
    for id_, wish in made.items():
        where = listed[id_]["where"]
        assert listed[id_]["state"] in ("applied", "moved", "conflict")
        if listed[id_]["state"] == "conflict":
            assert listed[id_]["reason"]
        else:
            document = await library.overrides.passages(WORKSPACE, where["document_id"])
            own = [one for one in document["passages"] if one["override_id"] == id_]
            assert [one["text"] for one in own] == ([] if wish.disabled else [wish.text or listed[id_]["quote"]])
            assert all("tariff" in one["added"] for one in own if wish.keywords)
