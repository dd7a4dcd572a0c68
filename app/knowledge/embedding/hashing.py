"""The embedder of last resort: no model, no files, always the same. Its vectors know spelling, not meaning."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from app.knowledge.types import Vectors

_WORD = re.compile(r"\w+")
GRAM = 4
GRAM_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class HashEmbedder:
    """Words and their character 4-grams hashed into signed places (feature hashing, Weinberger et al. 2009)."""

    dimension: int = 384
    max_tokens: int = 256

    @property
    def fingerprint(self) -> str:
        """The version of this recipe."""
        return f"hash@1/{self.dimension}d/{self.max_tokens}t"

    def count_tokens(self, text: str) -> int:
        """How many words this text has."""
        return len(_WORD.findall(text))

    def embed_questions(self, texts: list[str]) -> Vectors:
        """One row a question."""
        return np.stack([self._vector(text) for text in texts]) if texts else np.empty((0, self.dimension), np.float32)

    def embed_passages(self, texts: list[str]) -> Vectors:
        """One row a passage; the same as for a question."""
        return self.embed_questions(texts)

    def _vector(self, text: str) -> Vectors:
        vector = np.zeros(self.dimension, np.float32)
        vector[0] = 1e-6  # a text without words still has a direction
        for feature, weight in _features(text, self.max_tokens):
            digest = int.from_bytes(blake2b(feature.encode(), digest_size=8).digest())
            vector[digest % self.dimension] += weight if digest >> 63 else -weight
        unit: Vectors = vector / np.linalg.norm(vector)
        return unit


def _features(text: str, words: int) -> Iterator[tuple[str, float]]:
    for word in _WORD.findall(text.lower())[:words]:
        yield word, 1.0
        padded = f"<{word}>"
        for start in range(len(padded) - GRAM + 1):
            yield padded[start : start + GRAM], GRAM_WEIGHT
