"""How far the labels of two public sets carry: `python -m scripts.judged ../shared/data/retrieval`.

docs/evaluation/judged/ holds, for 265 questions, which of the passages that our own search finds answer the question,
judged by reading without knowledge of the label, a part of them twice. Prints what the order of such a judge is worth
by the set's own judgements, how well a judge's "it is answered" agrees with the set's label, and how the cosine and our
signals do against either. Where a judge misses an aim, the labels miss it.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import cohen_kappa_score, roc_auc_score  # type: ignore[import-untyped]  # ships no types

from app.answering.decision import READING, Signals, p_answerable, signals
from app.knowledge.embedding import open_embedder
from app.knowledge.types import Found
from app.settings import load_settings
from scripts.train_reader.gating import Floats, answerable, coverage
from scripts.train_reader.measure import ndcg
from scripts.train_reader.mining import Mined, Question, mined

JUDGED = Path(__file__).resolve().parents[1] / "docs" / "evaluation" / "judged"
SETS = ("bitwarden_help", "feedbackqa")
SEVERAL, SOME = 0.1, 0.01
"""How much sooner a judge would answer for a second passage that does, and for one that helps in part."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with what the search finds over all documents and without those that were taken out."""

    asked: Question
    found: Found
    without: Found
    grades: dict[str, int]
    order: tuple[str, ...]

    @property
    def answered(self) -> bool:
        """Whether one of the first hits that are left answers, by reading."""
        return any(self.grades.get(hit.passage.id) == 2 for hit in self.without.hits[:READING])  # noqa: PLR2004  # answers

    @property
    def sureness(self) -> float:
        """How surely a judge would answer from the hits that are left."""
        left = [self.grades.get(hit.passage.id, 0) for hit in self.without.hits[:READING]]
        return max(left, default=0) + SEVERAL * left.count(2) + SOME * left.count(1)

    @property
    def preference(self) -> Floats:
        """One number a hit, greater the sooner the judge would show it."""
        last = len(self.order)
        places = {id_: last - place for place, id_ in enumerate(self.order)}
        hits = [hit.passage.id for hit in self.found.hits[:READING]]
        return np.array([self.grades.get(id_, 0) * (last + 1) + places.get(id_, 0) for id_ in hits], dtype=np.float64)

    @property
    def measured(self) -> Signals:
        """What our search says."""
        return signals(self.asked.text, replace(self.without, hits=self.without.hits[:READING]))


def main() -> None:
    """Read, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/train_reader"))  # noqa: S108  # a cache, not a secret
    given = parser.parse_args()
    settings = load_settings()
    embedder = open_embedder(settings.embed, settings.model_dir)
    for name in SETS:
        one = mined(given.folder / name, given.cache, embedder)
        stored = [json.loads(line) for line in (JUDGED / f"{name}.jsonl").read_text().splitlines()]
        agreement(name, [row for row in stored if "second" in row])
        for judge in ("first", "second"):
            compared(f"{name}, {judge} judge", one, [(row["question"], row[judge]) for row in stored if judge in row])


def agreement(name: str, twice: Sequence[dict[str, Any]]) -> None:
    """How far two judges who did not know of each other agree on what answers."""
    pairs = [(one in row["first"]["answer"], one in row["second"]["answer"]) for row in twice for one in row["shown"]]
    kappa = cohen_kappa_score(*zip(*pairs, strict=True))
    print(f"{name}: {len(twice)} questions judged twice, kappa {kappa:.2f}", flush=True)


def compared(name: str, one: Mined, said: Sequence[tuple[str, dict[str, list[str]]]]) -> None:
    """The figures of one judge on one set."""
    rows = [_judged(one, question, what) for question, what in said]
    alone, both = (np.mean([ndcg(row.asked, row.found, row.preference, weight) for row in rows]) for weight in (0, 1))
    print(f"{name}: {len(rows)} questions, nDCG@10 search {alone:.3f}, judge {both:.3f}")
    labels = np.array([float(answerable(row.asked, one.removed)) for row in rows])
    read = np.array([float(row.answered) for row in rows])
    left_over = read[labels == 0].mean()
    print(f"  answered: by label {labels.mean():.2f}, by reading {read.mean():.2f}, of those without {left_over:.2f}")
    scores = {
        "judge": np.array([row.sureness for row in rows]),
        "cosine": np.array([row.measured.cosine for row in rows]),
        "signals": np.array([p_answerable(row.measured) for row in rows]),
    }
    for against, truth in (("label", labels), ("reading", read)):
        shown = (
            f"{kind} {_figures(truth, one)}" for kind, one in scores.items() if against == "label" or kind != "judge"
        )
        print(f"  AUROC (coverage at 80 % precision) against the {against}: {', '.join(shown)}", flush=True)


def _judged(one: Mined, question: str, said: dict[str, list[str]]) -> Judged:
    row = next(row for row, asked in enumerate(one.questions) if asked.id == question)
    grades = dict.fromkeys(said["in_part"], 1) | dict.fromkeys(said["answer"], 2)
    return Judged(one.questions[row], one.found[row], one.without[row], grades, tuple(said["order"]))


def _figures(truth: Floats, scores: Floats) -> str:
    return f"{roc_auc_score(truth, scores):.3f} ({coverage(truth, scores):.2f})"


if __name__ == "__main__":
    main()
