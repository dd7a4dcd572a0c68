"""How much a large knowledge base takes: memory, disk, time to build and to search, one row for each vector index.

`python -m benchmarks.scale [PASSAGES] [chroma | exact | pgvector …]`. The vectors are drawn at random, as long as
MiniLM's, fifty around each topic; a question is a passage's vector moved as far as a good question is from its answer.
Each index is built in one process and searched in another, so that the memory is what serving needs. pgvector needs
ANSWERDESK_PGVECTOR_URL.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from app.knowledge.dense import ChromaFolder
from app.knowledge.exact import ExactIndex
from app.knowledge.types import VectorEngine, VectorIndex, Vectors

PASSAGES = 1_000_000
DIMENSION = 384
TOPIC = 50
"""Passages around one topic."""
SPREAD = 0.05
"""Standard deviation of each number around the topic's: passages of one topic have a cosine of about 0.5."""
QUESTION = 0.04
SEARCHES = 400
JUDGED = 50
DEPTH = 50
"""How many passages a search of the product asks its vector index for."""
SNAPSHOT = "scale"
PARTS = ("exact", "chroma")


def main() -> None:
    """Draw the vectors once, then measure each index in processes of its own."""
    words = sys.argv[1:]
    if words[:1] == ["--part"]:
        _part(words[1], words[2], Path(words[3]))
        return
    passages = int(words[0]) if words else PASSAGES
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        _draw(passages, Path(folder))
        print(json.dumps({"passages": passages, "drawn_s": round(time.perf_counter() - began, 1)}), flush=True)
        for name in words[1:] or PARTS:
            for step in ("build", "search"):
                subprocess.run([sys.executable, "-m", __spec__.name, "--part", name, step, folder], check=True)


def _part(name: str, step: str, folder: Path) -> None:
    row = _built(name, folder) if step == "build" else _searched(name, folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"index": name, "step": step, **row, "peak_mb": round(peak)}), flush=True)


def _built(name: str, folder: Path) -> dict[str, float]:
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    began, place = time.perf_counter(), folder / name
    if name == "exact":
        place.mkdir()
        np.save(place / "vectors.npy", vectors)
    else:
        _engine(name, place).build(SNAPSHOT, _ids(len(vectors)), vectors)
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) if place.exists() else 0
    return {"seconds": round(time.perf_counter() - began, 1), "disk_mb": round(size / 2**20)}


def _searched(name: str, folder: Path) -> dict[str, float]:
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    questions = _questions(vectors)
    with _open(name, folder, len(vectors)) as (index, opened_s):
        memory = _resident_mb()
        taken = [_timed(lambda one=one: index.search(one, DEPTH)) for one in questions]  # type: ignore[misc]
        found = [{id_ for id_, _ in index.search(one, DEPTH)} for one in questions[:JUDGED]]
    ordered = sorted(taken[JUDGED:])
    exact = ExactIndex(_ids(len(vectors)), vectors)
    true = [{id_ for id_, _ in exact.search(one, DEPTH)} for one in questions[:JUDGED]]
    recall = sum(len(one & other) for one, other in zip(found, true, strict=True)) / (JUDGED * DEPTH)
    return {
        "opened_s": round(opened_s, 2),
        "opened_mb": memory,
        "p50_ms": round(ordered[len(ordered) // 2], 2),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)], 2),
        f"recall_at_{DEPTH}": round(recall, 3),
    }


@contextmanager
def _open(name: str, folder: Path, passages: int) -> Iterator[tuple[VectorIndex, float]]:
    began = time.perf_counter()
    index: VectorIndex
    if name == "exact":
        index = ExactIndex(_ids(passages), np.load(folder / name / "vectors.npy", mmap_mode="r"))
    else:
        index = _engine(name, folder / name).open(SNAPSHOT, passages)
    yield index, time.perf_counter() - began
    index.close()
    if name == "pgvector":
        _engine(name, folder).drop(SNAPSHOT)


def _engine(name: str, folder: Path) -> VectorEngine:
    if name == "pgvector":
        from app.knowledge.pgvector import PgVector  # noqa: PLC0415  # the others need no database

        return PgVector(os.environ["ANSWERDESK_PGVECTOR_URL"])
    return ChromaFolder(folder)


def _draw(passages: int, folder: Path) -> None:
    """Vectors of length one, a topic at a time into a file that is mapped, so that drawing needs little memory."""
    chance = np.random.default_rng(11)
    vectors = np.lib.format.open_memmap(
        folder / "vectors.npy", mode="w+", dtype=np.float32, shape=(passages, DIMENSION)
    )
    for start in range(0, passages, TOPIC * 1000):
        stop = min(start + TOPIC * 1000, passages)
        topics = _unit(chance.standard_normal(((stop - start + TOPIC - 1) // TOPIC, DIMENSION), dtype=np.float32))
        around = chance.standard_normal((stop - start, DIMENSION), dtype=np.float32) * np.float32(SPREAD)
        vectors[start:stop] = _unit(np.repeat(topics, TOPIC, axis=0)[: stop - start] + around)
    vectors.flush()


def _questions(vectors: Vectors) -> list[Vectors]:
    chance = np.random.default_rng(12)
    rows = vectors[np.sort(chance.integers(len(vectors), size=SEARCHES + JUDGED))]
    moved = rows + chance.standard_normal(rows.shape, dtype=np.float32) * np.float32(QUESTION)
    asked = list(_unit(moved))
    chance.shuffle(asked)
    return asked


def _unit(rows: Vectors) -> Vectors:
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _ids(count: int) -> list[str]:
    """As long as the product's."""
    return [f"{number:036d}" for number in range(count)]


def _timed(search: Callable[[], object]) -> float:
    began = time.perf_counter()
    search()
    return (time.perf_counter() - began) * 1000


def _resident_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


if __name__ == "__main__":
    main()
