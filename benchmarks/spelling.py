"""What mending slips of the pen gains: nDCG@10 of the judged questions that are mended, as written and as read.

python -m benchmarks.spelling [../shared/data/retrieval]
"""

import sys
from pathlib import Path
from statistics import fmean

from app.insight.datasets import read_judgements, read_queries
from app.insight.retrieval import ndcg
from app.knowledge.embedding import open_embedder
from app.knowledge.lexical import TantivyIndex
from app.knowledge.retriever import Hybrid
from app.knowledge.spelling import mended
from app.knowledge.types import Embedder
from app.settings import load_settings
from benchmarks.questions import SETS, retriever_over

CACHE = Path("/tmp/answerdesk-benchmarks")  # noqa: S108  # a cache, not a secret
DEPTH, HITS = 10, 30


def main(folder: Path = Path("../shared/data/retrieval")) -> None:
    """A line a set."""
    settings = load_settings()
    embedder = open_embedder(settings.embed, settings.model_dir)
    for name in SETS:
        retriever = retriever_over(folder / name, CACHE / name, embedder)
        gains = _gains(folder / name, retriever, embedder)
        written, read = (fmean(one) for one in zip(*gains, strict=True)) if gains else (0.0, 0.0)
        print(f"{name}: {len(gains)} questions mended, nDCG@10 {written:.3f} as written, {read:.3f} as read")


def _gains(folder: Path, retriever: Hybrid, embedder: Embedder) -> list[tuple[float, float]]:
    words = TantivyIndex(CACHE / folder.name / "lexical")
    judged, found = read_judgements(folder / "qrels.tsv"), []
    for id_, text in read_queries(folder / "queries.jsonl").items():
        meant = mended(text, words, embedder)
        if id_ in judged and meant != text:
            found.append((_quality(judged[id_], retriever, text), _quality(judged[id_], retriever, meant)))
    return found


def _quality(grades: dict[str, int], retriever: Hybrid, text: str) -> float:
    documents = dict.fromkeys(hit.passage.document_id for hit in retriever.found(text, HITS).hits)
    return ndcg(grades, list(documents)[:DEPTH], DEPTH)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
