"""Questions with known answers from data/retrieval, searched by the product's own retriever."""

import asyncio
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.insight.datasets import read_judgements, read_queries
from app.knowledge.embedding import open_embedder
from app.knowledge.exact import ExactIndex
from app.knowledge.lexical import TantivyIndex, build_lexical
from app.knowledge.retriever import Hybrid, lexical_text
from app.knowledge.types import Embedder, Found, Passage
from app.settings import load_settings
from ingest.split import Window, embedded_text, split

SETS = ("feedbackqa", "bitwarden_help", "stackfaq", "clapnq")
HITS = 8
READ = 6
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Case:
    """A question, what was found, and the documents that answer it."""

    id: str
    set: str
    text: str
    found: Found
    relevant: frozenset[str]

    @property
    def rank(self) -> int:
        """The place of the first passage that answers among those that are read, from 1; 0 when none does."""
        read = [hit.passage.document_id for hit in self.found.hits[:READ]]
        return next((at for at, document in enumerate(read, start=1) if document in self.relevant), 0)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One set: how it is searched, and its judged questions."""

    retriever: Hybrid
    cases: list[Case]


def shelves(folder: Path, cache: Path, sets: tuple[str, ...] = SETS) -> dict[str, Shelf]:
    """Each set with its questions searched. Vectors are kept in `cache`, for embedding takes a minute."""
    settings = load_settings()
    embedder = open_embedder(settings.embed, settings.model_dir)
    return {name: asyncio.run(_shelf(folder / name, cache / name, embedder)) for name in sets}


async def _shelf(folder: Path, place: Path, embedder: Embedder) -> Shelf:
    retriever, relevant = retriever_over(folder, place, embedder), read_judgements(folder / "qrels.tsv")
    judged = [one for one in read_queries(folder / "queries.jsonl").items() if one[0] in relevant]
    found = [await retriever.search(text, HITS) for _, text in judged]
    return Shelf(
        retriever,
        [
            Case(id_, folder.name, text, hits, frozenset(relevant[id_]))
            for (id_, text), hits in zip(judged, found, strict=True)
        ],
    )


def retriever_over(folder: Path, place: Path, embedder: Embedder, without: Collection[str] = frozenset()) -> Hybrid:
    """The product's retriever over a set's corpus, but for these documents; its indexes are kept in `place`."""
    return _retriever(list(passages_of(folder, embedder, without)), place, embedder)


def passages_of(folder: Path, embedder: Embedder, without: Collection[str] = frozenset()) -> Iterator[Passage]:
    """A set's documents but for these, cut as ingestion cuts them."""
    window = Window(embedder.max_tokens, embedder.count_tokens)
    for row in jsonl(folder / "corpus.jsonl"):
        id_, title, text = str(row["id"]), str(row["title"]), str(row["text"])
        if id_ in without:
            continue
        for number, piece in enumerate(split(title, text, window)):
            quoted = text[piece.start : piece.end]
            yield Passage(f"{id_}#{number}", id_, 1, title, "", piece.heading, quoted, piece.start, piece.end)


def _retriever(passages: list[Passage], place: Path, embedder: Embedder) -> Hybrid:
    place.mkdir(parents=True, exist_ok=True)
    stored = place / "vectors.npy"
    if not stored.exists():
        build_lexical(place / "lexical", ((one.id, lexical_text(one)) for one in passages))
        np.save(stored, embedder.embed_passages([embedded_text(one.title, one.heading, one.text) for one in passages]))
    vectors = ExactIndex([one.id for one in passages], np.load(stored))
    return Hybrid("aside", {one.id: one for one in passages}, TantivyIndex(place / "lexical"), vectors, embedder)


def jsonl(path: Path) -> Iterator[Row]:
    """The objects of a file, one a line."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
