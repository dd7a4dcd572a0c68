"""The file of passages from which a snapshot is opened, and what becomes of a search when it is harmed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.database import Database
from app.errors import Unavailable
from app.knowledge.bound import PASSAGES, PLACES, bind, open_bound
from app.knowledge.types import Passage
from tests.shelving import WORKSPACE, ingestion, open_library, order, write

FIRST = Passage("a", "d1", 1, "Grüße", "/help/a", "One › Two", "Text\nwith “quotes” and 你好", 3, 25)
OTHERS = [replace(FIRST, id="b", audience="internal", added="tariff", pins=("How much?",)), replace(FIRST, id="c")]


def test_passages_come_back_as_they_were(tmp_path: Path) -> None:
    bind(tmp_path / "passages", [FIRST, *OTHERS])
    bound = open_bound(tmp_path / "passages", 3)
    assert [bound[id_] for id_ in bound] == [FIRST, *OTHERS]
    assert (len(bound), list(bound.pinned), bound.get("z")) == (3, OTHERS[:1], None)
    bind(tmp_path / "passages", [])
    assert dict(open_bound(tmp_path / "passages", 0)) == {}


@pytest.mark.parametrize("name", [PASSAGES, PLACES, "contents.json"])
def test_what_is_cut_off_or_of_another_size_is_refused(tmp_path: Path, name: str) -> None:
    bind(tmp_path, [FIRST, *OTHERS])
    with pytest.raises(Unavailable):
        open_bound(tmp_path, 2)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-9])
    with pytest.raises(Unavailable):
        open_bound(tmp_path, 3)


async def test_a_snapshot_without_the_file_is_opened_from_the_database(database: Database, tmp_path: Path) -> None:
    library = open_library(database, tmp_path / "data")
    report = await ingestion(library).ingest(order(write(tmp_path / "kb", {"a.md": "# Fees\n\nThere are none.\n"})))
    before = await library.search(WORKSPACE, "fees")
    await library.close()
    folder = tmp_path / "data" / "snapshots" / str(report.snapshot_id) / "passages"
    for _ in range(2):
        shutil.rmtree(folder)
        again = open_library(database, tmp_path / "data")
        assert await again.search(WORKSPACE, "fees") == before
        await again.close()
        assert len(open_bound(folder, 1)) == 1
