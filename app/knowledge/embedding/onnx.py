"""The embedder that serves: a prepared model under onnxruntime, without torch."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from app.knowledge.embedding.choice import Choice, Traits
from app.knowledge.embedding.manifest import GRAPH, TOKENIZER, Manifest
from app.knowledge.graphs import open_graph
from app.knowledge.types import Vectors

BEHIND_ANSWERS = 10
"""Niceness: a tenth of the processor that a thread of the ordinary kind gets beside it, and all of an idle one."""

IN_TURN = threading.Lock()
"""Runs that go on side by side embed in turns: one uses every core already, and several would crowd out answers."""


@dataclass(frozen=True, slots=True)
class OnnxEmbedder:
    """A prepared model: about a millisecond for a question, and no torch.

    Texts go in one at a time, without padding. INT8 takes the scale of its activations from all that a run holds, so in
    a batch a text's vector depends on its neighbours (cosine down to 0.980 with itself alone, batches of 4,096 tokens);
    alone it is always the same. Batches are no faster on processors: 27,400 tokens/s alone on two cores, 28,800 in
    sorted batches of 512 tokens, 25,000 in batches of 4,096.
    """

    session: onnxruntime.InferenceSession
    tokenizer: Tokenizer
    traits: Traits
    threads: int

    @property
    def fingerprint(self) -> str:
        """Model, revision, pooling, precision, dimension, window and prefixes."""
        return self.traits.fingerprint

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return self.traits.dimension

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text the model reads."""
        return self.traits.max_tokens

    def count_tokens(self, text: str) -> int:
        """How many tokens this text has, special tokens included."""
        return len(self.tokenizer.encode(text).ids)

    def embed_questions(self, texts: list[str]) -> Vectors:
        """One row a question, computed in the calling thread."""
        return self._rows([self._vector(self.traits.query_prefix + text) for text in texts])

    def embed_passages(self, texts: list[str]) -> Vectors:
        """One row a passage, computed in as many threads as were allowed."""
        prefixed = [self.traits.passage_prefix + text for text in texts]
        with IN_TURN, ThreadPoolExecutor(self.threads, thread_name_prefix="embed", initializer=_give_way) as pool:
            return self._rows(list(pool.map(self._vector, prefixed)))

    def _vector(self, text: str) -> Vectors:
        ids = self._token_ids(text)
        (rows,) = self.session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        vector: Vectors = rows[0]
        return vector

    def _token_ids(self, text: str) -> NDArray[np.int64]:
        """The text's tokens, cut to the window; the mark that ends a text stays."""
        ids = self.tokenizer.encode(text).ids
        if len(ids) > self.max_tokens:
            ids = [*ids[: self.max_tokens - 1], ids[-1]]
        return np.array([ids], dtype=np.int64)

    def _rows(self, vectors: list[Vectors]) -> Vectors:
        return np.stack(vectors) if vectors else np.empty((0, self.dimension), np.float32)


def _give_way() -> None:
    """Let whatever answers go first. On Linux each thread has a niceness of its own; elsewhere all stay alike."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND_ANSWERS)


def open_prepared(folder: Path, manifest: Manifest, choice: Choice, threads: int) -> OnnxEmbedder:
    """Load a prepared model; takes a few hundredths of a second."""
    traits = Traits(
        model=manifest.model,
        revision=manifest.revision,
        pooling=manifest.pooling,
        precision=manifest.precision,
        dimension=manifest.dimension,
        max_tokens=min(choice.max_tokens, manifest.max_tokens),
        query_prefix=choice.query_prefix,
        passage_prefix=choice.passage_prefix,
    )
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()  # the files of many models, MiniLM's too, pad and cut every text to 128 tokens
    tokenizer.no_truncation()
    return OnnxEmbedder(open_graph(folder / GRAPH), tokenizer, traits, threads)
