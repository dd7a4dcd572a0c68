"""The embedder for bulk work: sentence-transformers on torch, on a graphics card where there is one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.errors import Misconfigured
from app.knowledge.embedding.choice import Choice, Traits
from app.knowledge.embedding.tuned import moved
from app.knowledge.embedding.weights import find_weights
from app.knowledge.types import Vectors

BATCH = {"cuda": 256}
SMALL_BATCH = 32
"""What sentence-transformers itself takes; larger ones only help a graphics card."""


@dataclass(frozen=True, slots=True)
class TorchEmbedder:
    """Any sentence-transformers model, by name or by folder. Its vectors match those of ONNX at fp32, not at INT8."""

    model: Any
    traits: Traits

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
        return len(self.model.tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def embed_questions(self, texts: list[str]) -> Vectors:
        """One row a question."""
        return self._embed([self.traits.query_prefix + text for text in texts])

    def embed_passages(self, texts: list[str]) -> Vectors:
        """One row a passage; sorted by length into batches by sentence-transformers itself."""
        return self._embed([self.traits.passage_prefix + text for text in texts])

    def _embed(self, texts: list[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        size = BATCH.get(self.model.device.type, SMALL_BATCH)
        vectors = self.model.encode(texts, batch_size=size, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def open_torch(choice: Choice) -> TorchEmbedder:
    """Load a model with sentence-transformers; takes seconds and several hundred megabytes."""
    weights = find_weights(choice)
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415  # six seconds, and serving never needs it
        from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415  # the same
    except ImportError as error:
        message = "ANSWERDESK_EMBED__BACKEND=torch needs torch and `pip install answerdesk[model]`."
        raise Misconfigured(message) from error
    disable_progress_bar()  # it loads in a tenth of a second
    model = SentenceTransformer(str(weights.folder), local_files_only=True, trust_remote_code=False)
    if weights.delta:
        moved(model, weights.delta)
    model.max_seq_length = min(choice.max_tokens, model.max_seq_length or choice.max_tokens)
    dimension = model.get_embedding_dimension()
    traits = Traits(
        model=choice.model,
        revision=weights.revision,
        pooling=weights.pooling,
        precision="fp32",
        dimension=dimension,
        max_tokens=model.max_seq_length,
        query_prefix=choice.query_prefix,
        passage_prefix=choice.passage_prefix,
    )
    return TorchEmbedder(model, traits)
