"""How long an admin waits for a large snapshot: to publish it, to roll it back, and to see whose answers it changes.

`python -m benchmarks.impact [PASSAGES] [QUESTIONS]`, by default 100,000 and 1,000. Texts are made up and the vectors of
passages drawn at random, because only their number and shape cost time here; questions are embedded by the real model,
and both snapshots are searched and decided on as customers' questions are. One in twenty documents differs. Each figure
stands beside its target, and beside the processor time that it took, which another load on the machine hardly changes.
"""

import asyncio
import hashlib
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from sqlmodel import Session

from app.answering.deciding.policy import Policy
from app.answering.deciding.standing import Policies
from app.answering.deciding.store import DecisionStore
from app.conversations.tables import ConversationRow, TurnRow
from app.database import Database, now, open_database
from app.insight.reviewing.probes import ProbeStore
from app.insight.reviewing.reviewer import Reviewer, Wish
from app.insight.reviewing.store import ReviewStore
from app.jobs import open_jobs
from app.knowledge.comparing.differences import Wanted
from app.knowledge.dense import ChromaFolder
from app.knowledge.derived import Cutting, Form
from app.knowledge.embedding import open_embedder
from app.knowledge.library import Library
from app.knowledge.overriding.store import OverrideStore
from app.knowledge.pushing.store import PushedStore
from app.knowledge.readings import Reading
from app.knowledge.runs import RunStore
from app.knowledge.shelves import Shelves
from app.knowledge.snapshots import Plan, SnapshotStore
from app.knowledge.store import DocumentStore
from app.knowledge.types import Vectors
from app.migrations.run import migrate
from app.settings import load_settings
from benchmarks.corpus import SUBJECTS, sentences

WORKSPACE, CUT = "bench", "bench"
PASSAGES, QUESTIONS = 100_000, 1_000
EACH = 4
"""Passages of a document, one a sentence."""
CHANGED = 20
"""One document in so many differs."""
BATCH = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bench:
    """A library over a database of its own."""

    database: Database
    library: Library

    async def keep(self, documents: Sequence[int], said: str) -> dict[str, Form]:
        """Store these documents with their passages and vectors; how they stand in a snapshot."""
        forms: dict[str, Form] = {}
        for start in range(0, len(documents), BATCH):
            part = documents[start : start + BATCH]
            texts = ["\n\n".join(_said(topic, said)) for topic in part]
            readings = [Reading(f"{topic}.md", f"Topic {topic}", text) for topic, text in zip(part, texts, strict=True)]
            keys = await self.library.documents.keep(WORKSPACE, "made up", readings)
            pieces = {key: _pieces(text) for key, text in zip(keys, texts, strict=True)}
            await self.library.documents.keep_passages(WORKSPACE, CUT, pieces)
            hashes = list({piece.hash for cut in pieces.values() for piece in cut})
            fingerprint = self.library.embedder.fingerprint
            await self.library.documents.keep_vectors(WORKSPACE, fingerprint, hashes, _drawn(hashes))
            forms |= {key.document_id: Form(key.number, CUT, key.number) for key in keys}
        return forms

    async def snapshot(self, forms: dict[str, Form]) -> str:
        """Build both indexes of a snapshot of these."""
        snapshots, plan = self.library.snapshots, Plan(self.library.embedder.fingerprint, CUT, forms)
        snapshot_id = await snapshots.begin(WORKSPACE, plan)
        made = await self.library.shelves.build(await snapshots.get(WORKSPACE, snapshot_id))
        await snapshots.ready(WORKSPACE, snapshot_id, *made)
        return snapshot_id

    async def ask(self, questions: Sequence[str]) -> None:
        """Pretend that customers asked these."""

        def save(session: Session) -> None:
            conversation = ConversationRow(workspace_id=WORKSPACE, token_hash="", token_expires_at=now())
            session.add(conversation)
            session.flush()
            place = {"workspace_id": WORKSPACE, "conversation_id": conversation.id, "message_id": "", "worker_id": ""}
            records = ({"question": text, "searched": text} for text in questions)
            session.add_all(TurnRow(**place, episode=1, state="completed", record=record) for record in records)  # type: ignore[arg-type]  # columns

        await self.database.write(save)


def main() -> None:
    """A line for each figure."""
    words = [int(word) for word in sys.argv[1:]]
    passages, questions = (*words, *(PASSAGES, QUESTIONS)[len(words) :])
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measured(Path(folder), passages, questions))


async def _measured(folder: Path, passages: int, questions: int) -> None:
    bench = _opened(folder)
    try:
        candidate = await _told(f"two snapshots of {passages:,} passages made", _two(bench, passages // EACH))
        await _switching(bench, candidate)
        await _differences(bench, candidate)
        asked = [f"How does topic {n} about {SUBJECTS[n % len(SUBJECTS)]} work, and when?" for n in range(questions)]
        await bench.ask(asked)
        await _told(
            f"embedding {questions:,} questions", asyncio.to_thread(bench.library.embedder.embed_questions, asked)
        )
        await _review(bench, candidate, questions)
    finally:
        await bench.library.close()
        await bench.database.close()


async def _two(bench: Bench, documents: int) -> str:
    """The published snapshot, and a candidate that differs from it."""
    before = await bench.keep(range(documents), "")
    await bench.library.publish(WORKSPACE, await bench.snapshot(before))
    return await bench.snapshot(before | await bench.keep(range(0, documents, CHANGED), "As of now, "))


async def _switching(bench: Bench, candidate: str) -> None:
    """There and back; a search that comes next is answered from what was just published."""
    library = bench.library
    await library.search(WORKSPACE, "How does it work?")
    for _ in range(2):
        await _told("publish", library.publish(WORKSPACE, candidate), 1)
        found = await _told("the next search", library.search(WORKSPACE, "How does it work?"))
        print(f"  from what was published: {found.snapshot_id == candidate}")
        await _told("rollback", library.rollback(WORKSPACE), 1)
        await _told("the next search", library.search(WORKSPACE, "How does it work?"))


async def _differences(bench: Bench, candidate: str) -> None:
    comparison = bench.library.comparison
    sides = await comparison.sides(WORKSPACE, candidate)
    counts = await _told("counts of the difference", comparison.summary(sides))
    page = await _told("a page of it", comparison.documents(sides, Wanted("changed")))
    await _told("one document of it", comparison.document(sides, page[0]["id"]))
    print(f"  {counts['documents']}")


async def _review(bench: Bench, candidate: str, questions: int) -> None:
    async def told(_done: int, _total: int) -> None:
        """Nobody looks on."""

    policies = Policies(DecisionStore(bench.database), Policy())
    reviews = ReviewStore(bench.database)
    reviewer = Reviewer(bench.library, ProbeStore(bench.database), reviews, policies)
    work = reviewer.review(Wish(WORKSPACE, candidate), "bench", told)
    await _told(f"replay of {questions:,} questions on both", work, 60)
    view = await reviews.view(WORKSPACE, candidate) or {}
    print(f"  {view['impact']['changes']}")


def _opened(folder: Path) -> Bench:
    settings, url = load_settings(), f"sqlite:///{folder / 'bench.db'}"
    migrate(url)
    database = open_database(url)
    snapshots = SnapshotStore(database)
    shelves = Shelves(snapshots, ChromaFolder(folder / "snapshots"), folder / "snapshots")
    embedder, jobs = open_embedder(settings.embed, settings.model_dir), open_jobs(folder, None)
    documents, pushed, overrides = DocumentStore(database), PushedStore(database), OverrideStore(database)
    library = Library(documents, snapshots, RunStore(database), shelves, embedder, jobs, pushed, overrides)
    return Bench(database, library)


def _said(topic: int, said: str) -> list[str]:
    """The sentences of a document; all that differs stands in the first."""
    first, *others = sentences(topic)
    return [said + first, *others]


def _pieces(text: str) -> list[Cutting]:
    pieces, start = [], 0
    for sentence in text.split("\n\n"):
        end = start + len(sentence)
        pieces.append(Cutting("", start, end, hashlib.sha256(sentence.encode()).hexdigest()))
        start = end + 2
    return pieces


def _drawn(hashes: Sequence[str]) -> Vectors:
    rows = np.stack([np.random.default_rng(int(one[:12], 16)).standard_normal(384, dtype=np.float32) for one in hashes])
    drawn: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return drawn


async def _told(what: str, work: Awaitable[T], target_s: float | None = None) -> T:
    """Tell how long it took."""
    began, used = time.perf_counter(), time.process_time()
    done = await work
    took, used = time.perf_counter() - began, time.process_time() - used
    beside = f" (target {target_s:g} s)" if target_s else ""
    print(f"{what}: {took:.2f} s{beside}, {used:.2f} s of a processor", flush=True)
    return done


if __name__ == "__main__":
    main()
