"""Tokens embedded a second: the prepared model that serves, beside the same model through sentence-transformers.

`python -m benchmarks.embedding [PASSAGES]`
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from app.knowledge.embedding import open_embedder
from app.knowledge.embedding.torch import open_torch
from app.knowledge.types import Vectors
from app.settings import load_settings

SHELF = Path(__file__).resolve().parent.parent / "kb"
WORDS = 130
"""About 170 tokens, a passage as ingestion cuts it."""
QUESTIONS = 200
QUESTION_WORDS = 12
TARGET_TOKENS_S = 15_000
TARGET_RATIO = 1.8


def main() -> None:
    """Embed the help centre's own text by both, and compare."""
    settings = load_settings()
    texts = passages(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
    prepared, original = open_embedder(settings.embed, settings.model_dir), open_torch(settings.embed)
    tokens = sum(min(prepared.count_tokens(text), prepared.max_tokens) for text in texts)
    ours, vectors = timed(prepared.embed_passages, texts)
    theirs, expected = timed(original.embed_passages, texts)
    questions = [" ".join(text.split()[:QUESTION_WORDS]) for text in texts[:QUESTIONS]]
    question, _ = timed(prepared.embed_questions, questions)
    print(f"texts {len(texts)}, tokens {tokens}")
    print(f"prepared model        {tokens / ours:9,.0f} tokens/s   (target {TARGET_TOKENS_S:,})")
    print(f"sentence-transformers {tokens / theirs:9,.0f} tokens/s   ratio {theirs / ours:.1f} (target {TARGET_RATIO})")
    print(f"one question          {1000 * question / len(questions):9.2f} ms")
    print(f"cosine between both   {np.sum(vectors * expected, axis=1).min():9.4f} at least")


def passages(count: int) -> list[str]:
    """The text of `kb/`, cut every few words, from the beginning again if it is too short."""
    words = " ".join(path.read_text() for path in sorted(SHELF.rglob("*.md"))).split()
    pieces = [" ".join(words[start : start + WORDS]) for start in range(0, len(words), WORDS)]
    return [pieces[number % len(pieces)] for number in range(count)]


def timed(embed: Callable[[list[str]], Vectors], texts: list[str]) -> tuple[float, Vectors]:
    """Seconds for all texts, after a warm-up, and their vectors."""
    embed(texts[:8])
    began = time.perf_counter()
    vectors = embed(texts)
    return time.perf_counter() - began, vectors


if __name__ == "__main__":
    main()
