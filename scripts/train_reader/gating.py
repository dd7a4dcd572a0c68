"""Whether the knowledge base answers: what search and reader say of it, held against what is known."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from random import Random
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # ships no types

from app.answering.decision import WEIGHTS, signals
from app.knowledge.reranking import READ
from app.knowledge.types import Found
from scripts.train_reader.documentation import Shelf
from scripts.train_reader.mining import Mined, Question

SEED = 11
AGAIN = 500
OF_A_SHELF = 160
PRECISION = 0.8
Floats = NDArray[np.float64]
Asked = tuple[Question, Found]
Measured = tuple[Floats, Floats, Floats]
"""Signals, what the reader says, and labels; a row for each question."""


class Read(Protocol):
    """A reader that is asked about the first hits of a search; (hits, 3) logits."""

    def hits(self, question: str, found: Found) -> Floats:
        """Of the first hits."""
        ...


def gate(measured: Mapping[str, Measured]) -> None:
    """AUROC and coverage at 80 % precision; weights fitted on the other sets."""
    for name, (values, said, labels) in measured.items():
        others = [one for other, one in measured.items() if other != name]
        figures = {"cosine": values[:, list(WEIGHTS).index("cosine")], "answers": said[:, 0]}
        figures["signals"] = fitted([(one, right) for one, _, right in others], values)
        both = [(np.hstack([one, seen]), right) for one, seen, right in others]
        figures["signals and reader"] = fitted(both, np.hstack([values, said]))
        shown = "  ".join(
            f"{kind} {roc_auc_score(labels, one):.3f} ({coverage(labels, one):.2f})" for kind, one in figures.items()
        )
        gain = figures["signals and reader"], figures["signals"]
        print(f"gate {name:16} {shown}  gain {_gain(labels, *gain)}", flush=True)


def gated(one: Mined, most: int, read: Read) -> Measured:
    """Signals, what the reader says, and whether an answer is left, for a sample of all questions."""
    asked = _sample(list(zip(one.questions, one.without, strict=True)), most)
    said = [_said(read.hits(question.text, found)) for question, found in asked]
    labels = [float(answerable(question, one.removed)) for question, _ in asked]
    return _values(asked), np.array(said), np.array(labels)


def near(shelves: Sequence[Shelf], told: Mapping[str, float], read: Read) -> Measured:
    """The same for written questions, answered and near ones; prints how far their style alone would tell them."""
    asked = [
        one for shelf in shelves for one in _sample(list(zip(shelf.questions, shelf.found, strict=True)), OF_A_SHELF)
    ]
    labels = np.array([float(bool(one.relevant)) for one, _ in asked])
    print(f"by style alone: {roc_auc_score(labels, [told[one.id] for one, _ in asked]):.3f}", flush=True)
    return _values(asked), np.array([_said(read.hits(one.text, found)) for one, found in asked]), labels


def _values(asked: Sequence[Asked]) -> Floats:
    rows = [asdict(signals(one.text, replace(found, hits=found.hits[:READ]))) for one, found in asked]
    return np.array([[row[key] for key in WEIGHTS] for row in rows])


def _sample(known: Sequence[Asked], most: int) -> list[Asked]:
    return Random(SEED).sample(known, min(most, len(known)))  # noqa: S311  # a sample, not a secret


def answerable(asked: Question, removed: frozenset[str]) -> bool:
    """Whether the set says that an answer is left."""
    if "answerable_after_removal" in asked.row:
        return bool(asked.row["answerable_after_removal"])
    return bool(asked.row.get("answerable", True)) and bool(asked.relevant - removed)


def fitted(known: Sequence[tuple[Floats, Floats]], wanted: Floats) -> Floats:
    """A logistic fit on the others' values, asked about these."""
    values, labels = np.concatenate([one for one, _ in known]), np.concatenate([one for _, one in known])
    middle, spread = values.mean(0), values.std(0) + 1e-9
    model = LogisticRegression(C=3.0, max_iter=2000).fit((values - middle) / spread, labels)
    return np.asarray(model.decision_function((wanted - middle) / spread), dtype=np.float64)


def coverage(labels: Floats, scores: Floats) -> float:
    """The largest share of questions that can be answered with at least this precision."""
    right = labels[np.argsort(-scores)].cumsum() / np.arange(1, len(labels) + 1)
    enough = np.flatnonzero(right >= PRECISION)
    return float(enough[-1] + 1) / len(labels) if len(enough) else 0.0


def _gain(labels: Floats, new: Floats, old: Floats) -> str:
    chance, gains = np.random.default_rng(SEED), list[float]()
    for _ in range(AGAIN):
        drawn = chance.integers(0, len(labels), len(labels))
        if 0 < labels[drawn].sum() < len(labels):
            gains.append(roc_auc_score(labels[drawn], new[drawn]) - roc_auc_score(labels[drawn], old[drawn]))
    return "[{:+.3f}, {:+.3f}]".format(*np.quantile(gains, (0.025, 0.975)))


def _said(logits: Floats) -> list[float]:
    answers = np.sort(logits[:, 1])[::-1]
    return [answers[0], answers[0] - answers[1:].mean() if len(answers) > 1 else 0.0, logits[:, 0].max()]
