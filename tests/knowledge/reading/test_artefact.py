import json
from pathlib import Path

import pytest

from app.errors import Misconfigured
from app.knowledge.embedding.manifest import sha256
from app.knowledge.reading.artefact import FILE, GRAPH, newest, whole


def published(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    (folder / GRAPH).write_bytes(version.encode())
    manifest = {
        "version": version, "trained_on": ["kb"], "licence": "Apache-2.0", "files": {GRAPH: sha256(folder / GRAPH)},
    }  # fmt: skip
    (folder / FILE).write_text(json.dumps(manifest))
    return folder


def test_the_newest_that_is_whole_serves(tmp_path: Path) -> None:
    published(tmp_path / "models" / "reader-9", "reader-9")
    newer = published(tmp_path / "models" / "reader-10", "reader-10")
    found = newest(tmp_path / "models")
    assert found is not None
    assert (found[0], found[1].version) == (newer, "reader-10")


def test_a_reader_with_a_wrong_checksum_is_refused_and_the_one_before_it_serves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    published(tmp_path / "models" / "reader-1", "reader-1")
    (published(tmp_path / "models" / "reader-2", "reader-2") / GRAPH).write_bytes(b"another")
    found = newest(tmp_path / "models")
    assert found is not None
    assert found[1].version == "reader-1"
    assert "is not the file that was published" in caplog.text


def test_without_a_whole_reader_there_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (published(tmp_path / "reader-1", "reader-1") / GRAPH).unlink()
    assert newest(tmp_path) is None
    assert newest(tmp_path / "nowhere") is None
    assert "is refused" in caplog.text


@pytest.mark.parametrize("content", [None, "", "{}", '{"layout": 2}', "\x00"])
def test_a_damaged_manifest_is_told_in_one_sentence(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    with pytest.raises(Misconfigured, match="missing or damaged"):
        whole(tmp_path)
