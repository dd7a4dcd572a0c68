"""The nouns of what we know, and the seams behind which indexes and models stand."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Passage:
    """A quotable piece of one document version; `text` equals the stored version's text at [start, end).

    Offsets are code points. `heading` is the path of headings above it, joined by " › ".
    """

    id: str
    document_id: str
    version: int
    title: str
    url: str
    heading: str
    text: str
    start: int
    end: int
    locale: str = "en"
    audience: str = "public"
    added: str = ""
    """Questions and keywords that an admin gave it, and what a search reads along; never cited."""
    pins: tuple[str, ...] = ()
    """Questions to which this is the first answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a question beside one passage, each in [0, 1].

    `relevance` orders the passages of one question; `answers` compares between questions too.
    """

    relevance: float
    answers: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question: its blended score and what it was blended from.

    `cosine` is in [-1, 1], half of it the mean over the passage's section (`sections.py`); `lexical` is BM25 divided by
    the most that the question's known terms could give, in [0, 1].
    """

    passage: Passage
    score: float
    cosine: float
    lexical: float
    reading: Reading | None = None
    """What a reader made of it, if one looked."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought: the hits, best first, all of one snapshot; `read_as` is the question with slips mended."""

    snapshot_id: str
    hits: tuple[Hit, ...]
    coverage: float = 0.0
    """The share of the question's idf weight whose terms the best hit holds."""
    vector: Vectors | None = field(default=None, compare=False, repr=False)
    """What the embedder made of the question, if it was asked."""
    read_as: str = ""


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """One state of a document, as it was stored. `text` is normalised Markdown and never changes."""

    document_id: str
    number: int
    title: str
    url: str
    text: str
    locale: str = "en"
    audience: str = "public"
    front_matter: dict[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A document as a help page names it."""

    slug: str
    title: str
    url: str
    summary: str
    category: str
    document_id: str
    version: int
    locale: str = "en"
    updated_at: datetime | None = None
    family: str = ""
    """The same for an article in all its languages."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One immutable state of the knowledge base.

    `state` is building, ready, waiting (ready, but there are `reasons` to look first), published, retired or failed.
    """

    id: str
    workspace_id: str
    state: str
    fingerprint: str
    cut: str
    documents: int
    passages: int
    run_id: str | None
    created_at: datetime
    published_at: datetime | None
    reasons: tuple[dict[str, Any], ...] = ()


class Retriever(Protocol):
    """Finds passages for a question in one snapshot."""

    async def search(self, question: str, k: int) -> Found:
        """The best `k` hits, best first."""
        ...


class Embedder(Protocol):
    """Turns text into vectors of length one. Two embedders with one fingerprint give the same vectors."""

    @property
    def fingerprint(self) -> str:
        """Model, revision, dimension, pooling, prefixes and quantisation, as one string."""
        ...

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        ...

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text the model reads; the rest is not seen."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens this text has, special tokens included."""
        ...

    def embed_questions(self, texts: list[str]) -> Vectors:
        """One row a question. Blocks: call it in a thread."""
        ...

    def embed_passages(self, texts: list[str]) -> Vectors:
        """One row a passage. Blocks: call it in a thread."""
        ...


class VectorIndex(Protocol):
    """The nearest passages by cosine in one snapshot. Its methods block, and raise `Unavailable` when it is broken."""

    def search(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """(passage id, cosine), best first."""
        ...

    def cosines(self, vector: Vectors, ids: list[str]) -> dict[str, float]:
        """The cosine of each of these passages; one that is not here is left out."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class VectorEngine(Protocol):
    """Keeps one vector index for each snapshot. Its methods block, and raise `Unavailable` when it is broken."""

    def build(self, snapshot_id: str, ids: list[str], vectors: Vectors) -> None:
        """Make the index of a snapshot: all of it or nothing that `open` would accept."""
        ...

    def open(self, snapshot_id: str, passages: int) -> VectorIndex:
        """The index of a snapshot, refused when it does not hold this many passages."""
        ...

    def drop(self, snapshot_id: str) -> None:
        """Forget the index of a snapshot; nothing happens when there is none."""
        ...

    def kept(self) -> dict[str, bool]:
        """Snapshots of which it keeps an index, and whether that is known to be of this installation."""
        ...


class LexicalIndex(Protocol):
    """The best passages by BM25 in one snapshot. Its methods block.

    A score is BM25 over the greatest value that it could have for this text.
    """

    def search(self, text: str, k: int) -> list[tuple[str, float]]:
        """(passage id, score), best first."""
        ...

    def scores(self, text: str, ids: list[str]) -> dict[str, float]:
        """The score of each of these passages; one that shares no term is left out."""
        ...

    def coverage(self, question: str, text: str) -> float:
        """The share of the question's idf weight whose terms the text holds, in [0, 1]."""
        ...
