"""Search and decision on one core: milliseconds a question and memory, at 10,000 and at 100,000 passages.

    python -m benchmarks.deciding [--folder ../shared/data/retrieval] [PASSAGES …]

The passages of the question sets with their real vectors, and as many more as are wanted: their sentences thrown
together anew, with random vectors, fifty around each topic. Built in one process with all cores; measured in another
that may use one. `wall` is milliseconds as a customer waits, which on a busy machine is mostly waiting for the core;
`processor` is what the question took of it, and what a quiet core would need. A reader that the settings choose is
measured along. Timed is all from the question to the decision but the writing: intent, search, signals, rules before
writing, and the decision on one supported sentence.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np

from app.answering.deciding.basis import Basis
from app.answering.deciding.labels import as_if_written
from app.answering.deciding.outcomes import before_writing, conclude
from app.answering.deciding.policy import Policy, rules_of
from app.answering.deciding.rules import Rules
from app.answering.deciding.shipped import shipped
from app.answering.hearing import with_search
from app.answering.intent import read_intent
from app.answering.understanding.context import blended, talk
from app.answering.understanding.finding import DEEP
from app.conversations.types import Utterance
from app.knowledge.dense import ChromaFolder
from app.knowledge.embedding import open_embedder
from app.knowledge.lexical import TantivyIndex, build_lexical
from app.knowledge.reading import open_ours, open_reader
from app.knowledge.reranking import Reader, Reranked
from app.knowledge.retriever import Hybrid, Public, RememberedQuestions, lexical_text
from app.knowledge.types import Passage, Retriever, Vectors
from app.language import sentences
from app.settings import load_settings
from benchmarks.questions import SETS, passages_of
from ingest.split import embedded_text

SIZES = (10_000, 100_000)
TARGET_MS = {10_000: 80, 100_000: 150}
SHARED = Path("../shared/data/retrieval")
QUESTIONS, WARM_UP = 400, 40
SENTENCES = 5
TOPIC, SPREAD = 50, 0.05
HITS = 8
SNAPSHOT = "bench"


def main() -> None:
    """One row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("passages", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--folder", type=Path, default=SHARED)
    parser.add_argument("--measure", type=Path)
    given = parser.parse_args()
    if given.measure:
        measure(given.measure)
        return
    if not given.folder.is_dir():
        print(f"NOT MEASURED: no question sets in {given.folder}")
        return
    real, vectors, asked = _real(given.folder)
    for size in given.passages:
        with tempfile.TemporaryDirectory() as place:
            build(Path(place), real, vectors, size)
            (Path(place) / "questions.json").write_text(json.dumps(asked))
            subprocess.run([sys.executable, "-m", "benchmarks.deciding", "--measure", place], check=True)


def build(place: Path, real: Sequence[Passage], vectors: Vectors, size: int) -> None:
    """Write texts and both indexes."""
    filled = [*real[:size], *_filler(real, size - len(real))]
    ids = [one.id for one in filled]
    with (place / "passages.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(asdict(one)) + "\n" for one in filled)
    build_lexical(place / "lexical", ((one.id, lexical_text(one)) for one in filled))
    began = time.perf_counter()
    ChromaFolder(place).build(SNAPSHOT, ids, np.concatenate([vectors[:size], _random(size - len(real))]))
    print(json.dumps({"passages": size, "vector_index_built_s": round(time.perf_counter() - began)}), flush=True)


def measure(place: Path) -> None:
    """Ask every question once, on one core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    settings = load_settings()
    embedder, bare = open_embedder(settings.embed, settings.model_dir), _resident_mb()
    passages = {one.id: one for one in _stored(place)}
    index = ChromaFolder(place).open(SNAPSHOT, len(passages))
    lexical = TantivyIndex(place / "lexical")
    found: Retriever = Hybrid("bench", passages, lexical, index, RememberedQuestions(embedder))
    reader, ours = open_reader(settings.reader), open_ours(settings.reader, settings.model_dir)
    retriever = Public(Reranked(found, reader) if reader else found)
    questions = json.loads((place / "questions.json").read_text())
    wall, processor = asyncio.run(_timed(retriever, ours, questions))
    along = asyncio.run(_along(retriever, questions))
    eight = asyncio.run(_read_eight(found, ours, questions)) if ours else []
    row = {
        "passages": len(passages), "questions": len(wall), "reader": ours.name if ours else None,
        "wall": _spread(wall), "processor": _spread(processor), "follow_up": _spread(along),
        "reader_of_eight": _spread(eight) if eight else None,
        "target_p95_ms": TARGET_MS.get(len(passages)), "resident_mb": _resident_mb(),
        "resident_before_opening_mb": bare, "load": [round(one, 1) for one in os.getloadavg()],
    }  # fmt: skip
    print(json.dumps(row), flush=True)


async def _timed(
    retriever: Retriever, ours: Reader | None, questions: Sequence[str]
) -> tuple[list[float], list[float]]:
    """The best passage stands in for the answer at which the reader takes its second look."""
    rules = rules_of(Policy(), 0, shipped())
    wall, processor = list[float](), list[float]()
    for text in questions:
        began, used = time.perf_counter(), time.process_time()
        found = await retriever.search(text, HITS)
        looked = ours.read(text, [found.hits[0].passage])[0].answers if ours else None
        basis = Basis(intent=read_intent(text, ()), looked=() if looked is None else (looked,))
        _decided(with_search(basis, text, found), rules)
        processor.append(1000 * (time.process_time() - used))
        wall.append(1000 * (time.perf_counter() - began))
    return wall[WARM_UP:], processor[WARM_UP:]


async def _along(retriever: Retriever, questions: Sequence[str]) -> list[float]:
    """Milliseconds for the search of a question that leans on the one before it: alone, and with what was said."""
    took = list[float]()
    for before, text in pairwise(questions[: WARM_UP * 4]):
        began = time.perf_counter()
        whole = talk(text, [Utterance("customer", before)])
        blended(await retriever.search(text, DEEP), await retriever.search(whole, DEEP), HITS)
        took.append(1000 * (time.perf_counter() - began))
    return took[WARM_UP:]


async def _read_eight(retriever: Retriever, ours: Reader, questions: Sequence[str]) -> list[float]:
    """Milliseconds for our reader to read the best eight passages of a question, which no turn asks of it."""
    took = list[float]()
    for text in questions[: WARM_UP * 4]:
        passages = [hit.passage for hit in (await retriever.search(text, HITS)).hits]
        began = time.perf_counter()
        ours.read(text, passages)
        took.append(1000 * (time.perf_counter() - began))
    return took[WARM_UP:]


def _decided(basis: Basis, rules: Rules) -> None:
    if before_writing(basis, rules) is None:
        conclude(as_if_written(basis), rules)


def _real(folder: Path) -> tuple[list[Passage], Vectors, list[str]]:
    """The sets' passages, their vectors, and questions."""
    settings = load_settings()
    embedder = open_embedder(settings.embed, settings.model_dir)
    passages = [one for name in SETS for one in passages_of(folder / name, embedder)]
    vectors = embedder.embed_passages([embedded_text(one.title, one.heading, one.text) for one in passages])
    lines = [line for name in SETS for line in (folder / name / "queries.jsonl").read_text().splitlines()]
    asked = Random(3).sample(lines, QUESTIONS + WARM_UP)  # noqa: S311  # a sample, not a secret
    return passages, vectors, [str(json.loads(line)["text"]) for line in asked]


def _filler(real: Sequence[Passage], count: int) -> Iterator[Passage]:
    chance = Random(5)  # noqa: S311  # a sample, not a secret
    said = [span.text for one in real for span in sentences(one.text)]
    for number in range(count):
        text = " ".join(chance.choices(said, k=SENTENCES))
        like = chance.choice(real)
        yield Passage(f"f{number:07}", f"f{number // 8}", 1, like.title, "", like.heading, text, 0, len(text))


def _random(count: int) -> Vectors:
    chance = np.random.default_rng(11)
    topics = _unit(chance.standard_normal((max(0, count) // TOPIC + 1, 384), dtype=np.float32))
    around = chance.standard_normal((max(0, count), 384), dtype=np.float32) * np.float32(SPREAD)
    return _unit(np.repeat(topics, TOPIC, axis=0)[: max(0, count)] + around)


def _unit(rows: Vectors) -> Vectors:
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _stored(place: Path) -> Iterator[Passage]:
    with (place / "passages.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Passage(**row | {"pins": tuple(row["pins"])})


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {f"p{part}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * part // 100)], 1) for part in (50, 95)}


def _resident_mb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


if __name__ == "__main__":
    main()
