"""The sets as the product sees them: cut into its passages, and what its own retriever finds for each question."""

import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.knowledge.exact import ExactIndex
from app.knowledge.lexical import TantivyIndex, build_lexical
from app.knowledge.retriever import Hybrid, lexical_text
from app.knowledge.sections import with_sections
from app.knowledge.types import Embedder, Found, Passage, Vectors
from ingest.split import Window, embedded_text, split

DEEP = 100


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the documents that answer it, and all that is known of it besides."""

    id: str
    text: str
    relevant: frozenset[str]
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mined:
    """One set. `found` is over the whole corpus, `without` over what is left when the removable documents are gone."""

    passages: list[Passage]
    vectors: Vectors
    questions: list[Question]
    removed: frozenset[str]
    found: list[Found]
    without: list[Found]


def mined(folder: Path, cache: Path, embedder: Embedder) -> Mined:
    """Search the set, or read what was found before; takes minutes the first time."""
    place = cache / f"{folder.name}.pickle"
    if place.exists():
        known: Mined = pickle.loads(place.read_bytes())  # noqa: S301  # our own file
        return known
    cache.mkdir(parents=True, exist_ok=True)
    made = _mine(folder, cache, embedder)
    place.write_bytes(pickle.dumps(made))
    return made


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def cut(id_: str, title: str, text: str, embedder: Embedder) -> Iterator[Passage]:
    """The passages of one document, as the product cuts them."""
    window = Window(embedder.max_tokens, embedder.count_tokens)
    for number, piece in enumerate(split(title, text, window)):
        name = f"{id_}#~{number}".replace(" ", "_")
        yield Passage(name, id_, 1, title, "", piece.heading, text[piece.start : piece.end], piece.start, piece.end)


def embedded(passages: list[Passage], embedder: Embedder) -> Vectors:
    """Their vectors, each passage by itself."""
    return embedder.embed_passages([embedded_text(one.title, one.heading, one.text) for one in passages])


def _mine(folder: Path, cache: Path, embedder: Embedder) -> Mined:
    corpus = list(rows(folder / "corpus.jsonl"))
    passages = [one for row in corpus for one in cut(str(row["id"]), row["title"], row["text"], embedder)]
    vectors = embedded(passages, embedder)
    questions = list(_questions(folder))
    gone = folder / "removed_docs.txt"
    removed = frozenset(gone.read_text().split()) if gone.exists() else frozenset[str]()
    left = [row for row, one in enumerate(passages) if one.document_id not in removed]
    place = cache / folder.name
    found = searched(passages, vectors, place / "whole", embedder, questions)
    without = searched([passages[row] for row in left], vectors[left], place / "left", embedder, questions)
    return Mined(passages, vectors, questions, removed, found, without if removed else found)


def searched(
    passages: list[Passage],
    vectors: Vectors,
    place: Path,
    embedder: Embedder,
    questions: list[Question],
    deep: int = DEEP,
) -> list[Found]:
    """What our own retriever finds among these passages for each question."""
    build_lexical(place, ((one.id, lexical_text(one)) for one in passages))
    moved = with_sections(np.asarray(vectors), [(one.document_id, one.heading) for one in passages])
    index = ExactIndex([one.id for one in passages], moved)
    hybrid = Hybrid("aside", {one.id: one for one in passages}, TantivyIndex(place), index, embedder)
    return [hybrid.found(question.text, deep) for question in questions]


def _questions(folder: Path) -> Iterator[Question]:
    relevant: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        question, document, _ = line.split("\t")
        relevant.setdefault(question, set()).add(document)
    for row in rows(folder / "queries.jsonl"):
        yield Question(str(row["id"]), row["text"], frozenset(relevant.get(str(row["id"]), ())), row)
