"""How long a scan of the knowledge base computes: seconds of wall and processor, on one core.

`python -m benchmarks.hygiene [PASSAGES]`. The text is that of `kb/` over and over, each time with other words in it;
the vectors are random, and one passage in fifty is a near-copy of another.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from app.insight.hygiene.findings import Finding
from app.insight.hygiene.scanning import contradicting, repeating
from app.knowledge.types import Passage, Vectors
from benchmarks.embedding import passages as texts_of

PASSAGES = 10_000
DIMENSION = 384
COPIES = 50
LETTERS = "abcdefghijklmnopqrstuvwxyz"
TARGET_S = 60
_LONG = re.compile(r"\b[a-z]{6,}\b")


def main() -> None:
    """Print one row a part of the scan."""
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        # numpy reads this when it is loaded, so that another process has to measure.
        words = [sys.executable, "-m", __spec__.name, *sys.argv[1:]]
        subprocess.run(words, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}, check=True)
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PASSAGES
    passages, vectors = _passages(count), _vectors(count)
    rows = [
        _timed("contradictions", lambda: contradicting(passages)),
        _timed("repetitions", lambda: repeating(passages, vectors)),
    ]
    for row in rows:
        print(json.dumps({"passages": count, **row}))
    total = sum(float(row["processor_s"]) for row in rows)
    print(f"together {total:.1f} s of one core (target below {TARGET_S} for {PASSAGES:,} passages)")


def _passages(count: int) -> list[Passage]:
    texts = texts_of(count)
    once = len(set(texts))
    made: list[Passage] = []
    for at, text in enumerate(texts):
        said, document = _reworded(text, at // once), f"d{at // 5}"
        if at % COPIES == 1:
            said, document = f"{made[-1].text} One more sentence makes it another text.", f"copy{at}"
        made.append(Passage(f"p{at}", document, 1, "Page", "", "", said, 0, len(said)))
    return made


def _reworded(text: str, times: int) -> str:
    """The long words with two letters more, so that no two rounds speak of the same."""
    tag = LETTERS[times % 26] + LETTERS[times // 26 % 26]
    return _LONG.sub(lambda found: found.group() + tag, text)


def _vectors(count: int) -> Vectors:
    drawn = np.random.default_rng(3).standard_normal((count, DIMENSION), dtype=np.float32)
    drawn[1::COPIES] = drawn[0 : count - 1 : COPIES] + np.float32(0.05) * drawn[1::COPIES]
    return drawn


def _timed(name: str, scan: Callable[[], list[Finding]]) -> dict[str, Any]:
    wall, processor = time.perf_counter(), time.process_time()
    found = scan()
    spent = {"wall_s": time.perf_counter() - wall, "processor_s": time.process_time() - processor}
    return {"part": name, "found": len(found), **{key: round(value, 1) for key, value in spent.items()}}


if __name__ == "__main__":
    main()
