"""What a look into the cache costs a turn: milliseconds with a full scope of 2,000 answers, on SQLite.

python -m benchmarks.caching
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence

import numpy as np
from sqlmodel import SQLModel

from app.answering.caching.cache import AnswerCache, Question
from app.answering.caching.memory import CacheMemory
from app.answering.caching.store import MOST_ANSWERS, CachedAnswer, CacheStore, Scope
from app.answering.evidence import Evidence
from app.answering.writing import Answer
from app.database import Database, open_database
from app.knowledge.types import Passage, Vectors
from app.safety.links import Hosts
from app.safety.redaction import redact
from app.settings import CacheSettings
from benchmarks.corpus import question, sentences

DIMENSION = 384
LOOKS = 2000
SCOPE = Scope("w", "public", "en", "answer", "policy", "snapshot")
KINDS = {"exact": "{}", "semantic": "Hello, could you tell me {}", "miss": "{} And without it?"}


def main() -> None:
    """Print one row a kind of look."""
    asyncio.run(_measured())


async def _measured() -> None:
    vectors = np.random.default_rng(7).normal(size=(MOST_ANSWERS, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/cache.db")
        await database.write(lambda session: SQLModel.metadata.create_all(session.connection()))
        cache = await _filled(database, vectors)
        for kind, form in KINDS.items():
            taken = [await _look(cache, at % MOST_ANSWERS, form, vectors[at % MOST_ANSWERS]) for at in range(LOOKS)]
            print(json.dumps({"look": kind, "answers": MOST_ANSWERS, **_spread(taken)}), flush=True)
        await database.close()


async def _filled(database: Database, vectors: Vectors) -> AnswerCache:
    store = CacheStore(database)
    for topic in range(MOST_ANSWERS):
        asked = question(topic)
        text = " ".join(f"{sentence.rstrip('.')}. [1]" for sentence in sentences(topic))
        kept = CachedAnswer(asked.lower().rstrip("?"), asked, text, {1: f"p{topic}"}, vectors[topic])
        await store.keep(SCOPE, kept)
    return AnswerCache(CacheMemory(store), CacheSettings().similarity, 0.0)


async def _look(cache: AnswerCache, topic: int, form: str, vector: Vectors) -> float:
    text = " ".join(sentences(topic))
    passages = [Passage(f"p{topic}", "d", 1, "", "", "", text, 0, len(text))]
    blank = Answer("t", Evidence.of(passages), Hosts.of([]), redact("?"))
    began = time.perf_counter()
    await cache.recall(Question(SCOPE, form.format(question(topic)), vector), blank)
    return (time.perf_counter() - began) * 1000


def _spread(taken: Sequence[float]) -> dict[str, float]:
    ordered = sorted(taken)
    return {"p50_ms": round(statistics.median(ordered), 3), "p95_ms": round(ordered[int(len(ordered) * 0.95)], 3)}


if __name__ == "__main__":
    main()
