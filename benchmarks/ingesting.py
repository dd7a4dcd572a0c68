"""Filling the knowledge base: beside sentence-transformers alone, and beside the script that everybody writes first.

`python -m benchmarks.ingesting [ARTICLES] [PART…]`: ARTICLES (default 400) are embedded for real. Baselines take turns
with ours on the same texts, so the ratios hold on a busy machine; absolute times do not. The parts are `beside_others`,
`unchanged` and `while_searching`. What a large snapshot costs is measured by `benchmarks.impact`.
"""

import asyncio
import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import chromadb
import numpy as np

from app.knowledge.embedding.hashing import HashEmbedder
from app.knowledge.embedding.torch import open_torch
from app.knowledge.types import Embedder
from app.settings import Settings, load_settings
from benchmarks.embedding import passages
from ingest.jobs import ingest as carry_out
from ingest.orders import Order, Report
from ingest.pipeline import Ingestion
from ingest.workshop import workshop

PIECES = 4
"""Sections of an article, each about 170 tokens: a passage."""
UNCHANGED = 2500
"""Articles, so 10,000 passages."""
ROUNDS = 2
SEARCHES = 200
PACE_S = 0.04
"""Between two searches: a busy help page."""
CHUNK_WORDS = 130
QUESTION = "How do I change what team members may see?"


def main() -> None:
    """The parts that were asked for, or all of them; a line for each figure."""
    articles, wanted = int((*sys.argv[1:2], "400")[0]), sys.argv[2:]
    parts = {
        "beside_others": partial(beside_others, articles),
        "unchanged": partial(unchanged),
        "while_searching": partial(while_searching, articles),
    }
    for name in wanted or parts:
        asyncio.run(parts[name]())


async def beside_others(articles: int) -> None:
    """The same files by us, by the plain script, and only embedded."""
    model = open_torch(load_settings().embed).model
    model.encode(["warm"] * 8)
    ours, embedded, alone, script = list[float](), list[float](), list[float](), list[float]()
    with tempfile.TemporaryDirectory() as place:
        folder, texts = write_articles(Path(place) / "articles", articles), list[str]()
        for number in range(ROUNDS):
            async with opened(Path(place) / f"ours-{number}") as (ingestion, workspace_id):
                report, seconds = await filled(ingestion, workspace_id, folder)
                texts = await texts_of(ingestion, workspace_id, report)
                ours.append(seconds)
                embedded.append(timed(lambda: ingestion.library.embedder.embed_passages(texts)))  # noqa: B023  # at once
            alone.append(timed(lambda: model.encode(texts, batch_size=32)))  # noqa: B023  # at once
            script.append(timed(lambda: plain_script(model, folder, Path(place) / f"plain-{number}")))  # noqa: B023  # at once
    tell(f"{len(texts)} passages embedded by us", len(texts) / min(embedded))
    tell("by sentence-transformers", len(texts) / min(alone), min(alone) / min(embedded), 1.8)
    tell("from files to a published snapshot, by us", len(texts) / min(ours))
    tell("by a plain Chroma script", len(texts) / min(script), min(script) / min(ours), 1.5)


async def unchanged() -> None:
    """Once more over 10,000 passages of which none changed."""
    with tempfile.TemporaryDirectory() as place:
        folder = write_articles(Path(place) / "articles", UNCHANGED)
        async with opened(Path(place) / "data", HashEmbedder()) as (ingestion, workspace_id):
            first, took = await filled(ingestion, workspace_id, folder)
            again, seconds = await filled(ingestion, workspace_id, folder)
    size = f"{first.counts.passages:,} passages in {UNCHANGED:,} files"
    print(
        f"{size}: first {took:.1f} s, unchanged {seconds:.2f} s (target 3), {again.counts.embedded} embedded (target 0)"
    )


async def while_searching(articles: int) -> None:
    """Searches at a steady pace, alone and while a run goes on in the same process, as in the default topology."""
    with tempfile.TemporaryDirectory() as place:
        settings = settings_in(Path(place) / "data")
        few = write_articles(Path(place) / "few", 50)
        more = write_articles(Path(place) / "more", 2 * articles, first=1000)
        async with workshop(settings) as (ingestion, workspace_id):
            await filled(ingestion, workspace_id, few)
            await searched(ingestion, workspace_id, SEARCHES // 4)
            before = await searched(ingestion, workspace_id, SEARCHES)
            run_id = await ingestion.library.runs.queue(
                workspace_id, "more", Order(workspace_id, "more", [more]).request
            )
            work = threading.Thread(target=carry_out, args=(settings, {"run_id": run_id}))
            work.start()
            await asyncio.sleep(3)
            during = await searched(ingestion, workspace_id, SEARCHES)
            still = work.is_alive()
            await asyncio.to_thread(work.join)
            after = await searched(ingestion, workspace_id, SEARCHES)
    alone = [*before, *after]
    for share in (50, 95):
        one, other = np.percentile(alone, share), np.percentile(during, share)
        print(
            f"search p{share}: {one:.1f} ms alone, {other:.1f} ms during a run, {other / one - 1:+.0%} (target +20 %)"
        )
    print("the run outlasted the searches" if still else "the run was over before the searches: take more articles")


@contextlib.asynccontextmanager
async def opened(folder: Path, embedder: Embedder | None = None) -> AsyncIterator[tuple[Ingestion, str]]:
    """A knowledge base of its own."""
    async with workshop(settings_in(folder)) as (ingestion, workspace_id):
        if embedder is None:
            yield ingestion, workspace_id
            return
        library = replace(ingestion.library, embedder=embedder)
        yield replace(ingestion, library=library), workspace_id
        await library.close()


def settings_in(folder: Path) -> Settings:
    """The settings of this machine with other data."""
    apart = {"data_dir": folder, "database_url": None, "chroma_url": None, "redis_url": None}
    return load_settings().model_copy(update=apart)


async def filled(ingestion: Ingestion, workspace_id: str, place: str) -> tuple[Report, float]:
    """What came of a run over this place, and its seconds."""
    began = time.perf_counter()
    report = await ingestion.ingest(Order(workspace_id, "articles", [place]))
    return report, time.perf_counter() - began


async def texts_of(ingestion: Ingestion, workspace_id: str, report: Report) -> list[str]:
    """The passages of the snapshot that a run made."""
    snapshot = await ingestion.library.snapshots.get(workspace_id, str(report.snapshot_id))
    return [passage.text for passage in await ingestion.library.snapshots.passages(snapshot)]


async def searched(ingestion: Ingestion, workspace_id: str, count: int) -> list[float]:
    """Milliseconds of each search; one begins whenever its time has come."""
    took = []
    for number in range(count):
        began = time.perf_counter()
        await ingestion.library.search(workspace_id, f"{QUESTION} {number}")
        took.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(max(0.0, PACE_S - took[-1] / 1000))
    return took


def plain_script(model: Any, folder: str, place: Path) -> None:  # noqa: ANN401  # sentence-transformers carries no types
    """Read, cut every few words, embed, add: with the documents in Chroma, as its tutorial has it."""
    collection = chromadb.PersistentClient(str(place)).create_collection("plain", embedding_function=None)
    chunks = []
    for path in sorted(Path(folder).glob("*.md")):
        words = path.read_text().split()
        chunks += [" ".join(words[start : start + CHUNK_WORDS]) for start in range(0, len(words), CHUNK_WORDS)]
    for start in range(0, len(chunks), 500):
        batch = chunks[start : start + 500]
        ids = [str(number) for number in range(start, start + len(batch))]
        collection.add(ids=ids, documents=batch, embeddings=model.encode(batch, batch_size=32))


def write_articles(folder: Path, count: int, first: int = 0) -> str:
    """Markdown articles of four sections with the words of the help centre; no two of them are alike."""
    folder.mkdir(parents=True)
    pieces = passages(count * PIECES)
    for number in range(count):
        name = first + number
        sections = [
            f"## Part {part} of {name}\n\n{pieces[number * PIECES + part].replace('#', ' ')}" for part in range(PIECES)
        ]
        (folder / f"article-{name}.md").write_text(f"# Article {name}\n\n" + "\n\n".join(sections) + "\n")
    return str(folder)


def timed(work: Any) -> float:  # noqa: ANN401  # anything that can be called
    """Its seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def tell(what: str, rate: float, ratio: float | None = None, target: float | None = None) -> None:
    """A line with a rate, and how many times as fast we are."""
    beside = f", we are {ratio:.1f} times as fast (target {target})" if ratio else ""
    print(f"{what}: {rate:,.0f} passages/s{beside}", flush=True)


if __name__ == "__main__":
    main()
