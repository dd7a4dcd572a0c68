"""Two embedders beside each other: `python -m scripts.tune_embedder.measure ../shared/data/retrieval [FIRST SECOND]`.

Prints the tables of docs/embedder.md: how well the product's search orders the documents of each set, with paired
differences, and how well cosine and signals tell whether an answer is left. Both models must be prepared.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from random import Random

import numpy as np
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # ships no types

from app.answering.decision import READING, WEIGHTS, signals
from app.knowledge.embedding import open_embedder
from app.knowledge.embedding.tuned import OURS
from app.settings import EmbedSettings, load_settings
from scripts.train_reader.gating import Floats, answerable, coverage, fitted
from scripts.train_reader.measure import interval, ndcg
from scripts.train_reader.mining import Mined, mined

SETS = ("feedbackqa", "bitwarden_help", "stackfaq", "clapnq")
GATED = 600
SEED = 11


def main() -> None:
    """Search with both, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", nargs="*", default=["all-MiniLM-L6-v2", OURS])
    parser.add_argument("--cache", type=Path, default=Path("/tmp/embedders"))  # noqa: S108  # a cache, not a secret
    given = parser.parse_args()
    first, second = (searched(given.folder, given.cache / model, model) for model in given.models)
    differences = [_ordered(name, first[name], second[name]) for name in SETS]
    print(f"mean of the sets {np.mean([one.mean() for one in differences]):+.4f} {interval(differences)}")
    for model, sets in zip(given.models, (first, second), strict=True):
        gate(model, {name: gated(one) for name, one in sets.items()})


def searched(folder: Path, cache: Path, model: str) -> dict[str, Mined]:
    """The sets as the product finds them with this model; takes minutes the first time."""
    embedder = open_embedder(EmbedSettings(model=model), load_settings().model_dir)
    return {name: mined(folder / name, cache, embedder) for name in SETS}


def gains(one: Mined) -> Floats:
    """nDCG@10 of each question that has an answer."""
    asked = [(question, found) for question, found in zip(one.questions, one.found, strict=True) if question.relevant]
    return np.array([ndcg(question, found, np.zeros(len(found.hits[:READING])), 0) for question, found in asked])


def gated(one: Mined) -> tuple[Floats, Floats]:
    """Signals of a sample of all questions without the documents that were taken out, and whether an answer is left."""
    pairs = list(zip(one.questions, one.without, strict=True))
    sample = Random(SEED).sample(pairs, min(GATED, len(pairs)))  # noqa: S311  # a sample, not a secret
    measured = [asdict(signals(asked.text, replace(found, hits=found.hits[:READING]))) for asked, found in sample]
    labels = [float(answerable(asked, one.removed)) for asked, _ in sample]
    return np.array([[row[key] for key in WEIGHTS] for row in measured]), np.array(labels)


def gate(model: str, measured: dict[str, tuple[Floats, Floats]]) -> None:
    """AUROC and coverage at 80 % precision; weights fitted on the other sets."""
    for name, (values, labels) in measured.items():
        others = [one for other, one in measured.items() if other != name]
        scores = {"cosine": values[:, list(WEIGHTS).index("cosine")], "signals": fitted(others, values)}
        print(f"{model:20} {name:16} {_figures(labels, scores)}", flush=True)


def _figures(labels: Floats, scores: dict[str, Floats]) -> str:
    shown: Sequence[str] = [
        f"{kind} {roc_auc_score(labels, one):.3f} ({coverage(labels, one):.2f})" for kind, one in scores.items()
    ]
    return "  ".join(shown)


def _ordered(name: str, first: Mined, second: Mined) -> Floats:
    before, after = gains(first), gains(second)
    figures = f"{before.mean():.4f} {after.mean():.4f} {(after - before).mean():+.4f} {interval([after - before])}"
    print(f"{name:16} {len(before):5} questions  {figures}", flush=True)
    return after - before


if __name__ == "__main__":
    main()
