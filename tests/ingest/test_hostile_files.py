"""Files that mean harm: each becomes documents or one plain sentence, soon and in little memory."""

import gzip
import io
import json
import resource
import time
from pathlib import Path

import pytest
import xlsxwriter

from ingest.gate import the_gate
from ingest.loaders import MEGABYTE, Refused, Unreadable
from ingest.opening.child import TOO_BIG, TOO_SLOW, opened
from ingest.opening.limits import MOST_MEMORY
from tests.ingest.papers import Words, pdf


@pytest.mark.shared
@pytest.mark.slow
def test_every_hostile_file_is_read_or_refused_in_one_sentence(shared: Path) -> None:
    folder = shared / "data" / "security" / "files"
    rows = [json.loads(line) for line in (folder / "MANIFEST.jsonl").read_text().splitlines()]
    for row in rows:
        data = (folder / row["stored"]).read_bytes()
        begun = time.monotonic()
        told = _told(row["file"], gzip.decompress(data) if row.get("gunzip_first") else data)
        assert time.monotonic() - begun < 60, row["file"]
        assert "root:" not in told, row["file"]
    the_gate().close()
    assert len(rows) > 50
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 <= 2 * MOST_MEMORY


def _told(name: str, data: bytes) -> str:
    try:
        found = the_gate().load(name, data, 25 * MEGABYTE)
    except Unreadable as refusal:
        assert refusal.detail.endswith(".")  # noqa: PT017  # one of two good ends
        return refusal.detail
    assert all(one.reason.endswith(".") for one in found if isinstance(one, Refused))
    return " ".join(one.reason if isinstance(one, Refused) else one.text for one in found)


def test_a_file_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    assert opened("pages", pdf([[Words("Text.")]]), tmp_path, patience=0.001) == ([], TOO_SLOW)


def test_a_file_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    """Two cells in opposite corners: a table of seventeen thousand million cells."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, "z")
    assert opened("sheets", kept.getvalue(), tmp_path) == ([], TOO_BIG)


def test_the_process_that_opens_a_file_writes_nothing(tmp_path: Path) -> None:
    assert not opened("pages", pdf([[Words("Text.")]]), tmp_path).reason
    assert not list(tmp_path.iterdir())
