"""Files that are as they were are not read again, and whatever decides how they read has them read again."""

import ast
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from app.database import Database
from app.knowledge.library import Library
from app.knowledge.readings import Reading
from app.knowledge.sourcing.files import FileStore
from ingest.edition import PARSERS, edition
from ingest.loaders import Refused
from ingest.memory import Content, Memory
from ingest.orders import Order, Report
from ingest.origins import Listing
from ingest.pipeline import Ingestion
from ingest.watch import Told
from tests.shelving import WORKSPACE, ingestion, open_library, order, write

ROOT = Path(__file__).parents[2]


@dataclass
class Leaf:
    """A file that counts how often it was parsed."""

    name: str
    text: str
    parsed: int = 0
    refused: bool = False

    async def load(self, memory: Memory) -> Content:
        return memory.read(self.name, (self.text,), self._parsed)

    def _parsed(self) -> list[Reading | Refused]:
        self.parsed += 1
        hidden = {"kind": "hidden", "place": "line 1", "quote": "psst"}
        reading = Reading(f"{self.name}#1", self.name, self.text, flags=(hidden,))
        return [reading, Refused(f"{self.name}#2", "This row is empty.")] if self.refused else [reading]


@dataclass
class Elsewhere:
    """A source that a test can change."""

    leaves: list[Leaf]
    audience: str = ""
    largest: int = 1_000_000
    complete: bool = True

    async def listing(self, order: Order, run_id: str | None, told: Told) -> Listing:
        del order, run_id, told
        return Listing(self.leaves, audience=self.audience, complete=self.complete)


@pytest.fixture
async def library(database: Database, tmp_path: Path) -> AsyncIterator[Library]:
    opened = open_library(database, tmp_path / "data")
    yield opened
    await opened.close()


async def run(library: Library, place: Elsewhere, *, prune: bool = True) -> Report:
    return await Ingestion(library, place.largest, origin=place).ingest(order([], prune=prune))


async def test_a_file_that_did_not_change_is_parsed_once_and_nothing_is_published(library: Library) -> None:
    place = Elsewhere([Leaf("a.md", "About apples."), Leaf("b.md", "About pears.")])
    first = await run(library, place)
    again = await run(library, place)
    assert [leaf.parsed for leaf in place.leaves] == [1, 1]
    assert (again.snapshot_id, again.counts.unchanged, again.counts.embedded) == (first.snapshot_id, 2, 0)
    assert [item.flags for item in again.items] == [item.flags for item in first.items] != [(), ()]
    place.leaves[1].text = "About plums."
    third = await run(library, place)
    assert [leaf.parsed for leaf in place.leaves] == [1, 2]
    assert (third.counts.unchanged, third.counts.changed, third.published) == (1, 1, True)


async def test_other_settings_have_everything_read_again(library: Library) -> None:
    place = Elsewhere([Leaf("a.md", "About apples.")])
    await run(library, place)
    place.audience = "internal"
    assert (await run(library, place)).counts.changed == 1
    place.largest = 2_000_000
    assert (await run(library, place)).counts.unchanged == 1
    assert place.leaves[0].parsed == 3


async def test_what_the_published_snapshot_lacks_is_read_again(library: Library) -> None:
    place = Elsewhere([Leaf("a.md", "About apples.")])
    await run(library, place)
    await run(library, Elsewhere([Leaf("a.md", "About pears.")]))
    await library.rollback(WORKSPACE)
    assert (await run(library, Elsewhere([Leaf("a.md", "About pears.")]))).counts.changed == 1
    assert [one["title"] for one in await library.listed(WORKSPACE)] == ["a.md"]
    assert "pears" in (await library.search(WORKSPACE, "pears")).hits[0].passage.text


async def test_what_could_not_be_read_whole_is_read_each_time(library: Library) -> None:
    place = Elsewhere([Leaf("a.csv", "About apples.", refused=True)])
    await run(library, place)
    assert (await run(library, place)).counts.failed == 1
    assert place.leaves[0].parsed == 2


async def test_a_file_that_vanished_is_forgotten_and_a_dry_run_remembers_nothing(library: Library) -> None:
    files, place = FileStore(library.documents.database), Elsewhere([Leaf("a.md", "Apples."), Leaf("b.md", "Pears.")])
    await Ingestion(library, place.largest, origin=place).compare(order([]))
    assert await files.then(WORKSPACE, "help") == {}
    await run(library, place)
    assert set(await files.then(WORKSPACE, "help")) == {"a.md", "b.md"}
    left = Elsewhere(place.leaves[:1], complete=False)
    await run(library, left)
    assert set(await files.then(WORKSPACE, "help")) == {"a.md", "b.md"}
    left.complete = True
    assert (await run(library, left)).counts.removed == 1
    assert set(await files.then(WORKSPACE, "help")) == {"a.md"}


async def test_of_two_documents_with_one_name_the_second_fails_each_time(library: Library, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", {"a.csv": "id,text\n1,Apples are round.\n1,Apples are round.\n"})
    reports = [await ingestion(library).ingest(order(places)) for _ in range(3)]
    assert [one.counts.failed for one in reports] == [1, 1, 1]


def test_every_package_that_parses_belongs_to_the_edition() -> None:
    """Otherwise files would not be read anew when such a package finds other words in them."""
    ours, others = _imported(["ingest/loaders", "ingest/opening"])
    parsers = {name.lower() for package in others for name in packages_distributions()[package]}
    assert parsers == {name.lower() for name in PARSERS}
    assert {name for name in ours if not name.startswith("ingest.")} <= {
        "app.knowledge.readings",
        "app.errors",
        "app.language",
    }
    assert edition() == edition()


def _imported(folders: list[str]) -> tuple[set[str], set[str]]:
    """The modules of ours, and the packages of others, that these folders import; their modules of ours in turn."""
    waiting = [path for folder in folders for path in (ROOT / folder).glob("*.py") if path.name != "reader.py"]
    ours, others = set[str](), set[str]()
    while waiting:
        for name in _names(waiting.pop()):
            if name.startswith(("app.", "ingest.")) and name not in ours:
                ours.add(name)
                path = (ROOT / name.replace(".", "/")).with_suffix(".py")
                waiting += [path] if path.exists() else []
            others |= {name.partition(".")[0]} - {"app", "ingest", *sys.stdlib_module_names}
    return ours, others


def _names(path: Path) -> set[str]:
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found
