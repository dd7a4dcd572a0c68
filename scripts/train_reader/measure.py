"""Measures a trained reader on sets that it has not seen: `python -m scripts.train_reader.measure DATA MANUALS IN.pt`.

Prints the tables of docs/reader.md: the order of the hits beside the search alone, with a paired bootstrap; whether the
knowledge base answers, without documents; which claims their evidence supports. How much a relevance weighs is chosen
on the manuals that were kept out of the training, never on these sets.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # ships no types

from app.answering.decision import WEIGHTS, signals
from app.answering.evidence import Evidence
from app.answering.groundedness import as_passages, overall, sentence_scores
from app.knowledge.embedding import open_embedder
from app.knowledge.reading.onnx import breadcrumb
from app.knowledge.reading.windows import FOR_CLAIMS, Cutter, Pair
from app.knowledge.reranking import READ
from app.knowledge.types import Found, Passage
from app.settings import load_settings
from scripts.train_reader import documentation
from scripts.train_reader.documentation import KEPT_OUT, Shelf
from scripts.train_reader.mining import Mined, Question, mined, rows
from scripts.train_reader.network import Reader, tensors, tokenizer

QUESTIONS = {"feedbackqa": 500, "bitwarden_help": 115, "stackfaq": 300, "clapnq": 300}
CLAIMS = 400
SEED = 11
AGAIN = 4000
OF_A_SHELF = 60
WEIGHTS_TRIED = (0.0, 0.0025, 0.005, 0.01, 0.02, 0.04)
PRECISION = 0.8
BATCH = 32
Floats = NDArray[np.float64]
Ranked = tuple[Question, Found, Floats]
"""A question, its hits, and the logit of the relevance of those that were read."""


class Read:
    """Asks the reader about pairs, many at a time; (pairs, 3) logits."""

    def __init__(self, weights: Path) -> None:
        self._reader = Reader().eval()
        self._reader.load_state_dict(torch.load(weights, weights_only=True))
        self.cutter = Cutter(tokenizer())

    def hits(self, question: str, found: Found) -> Floats:
        """Of the first hits of a search."""
        texts = [(breadcrumb(hit.passage), hit.passage.text) for hit in found.hits[:READ]]
        return self.logits(self.cutter.pairs(question, texts))

    def logits(self, pairs: Sequence[Pair]) -> Floats:
        """Of pairs as they were cut."""
        parts = [pairs[start : start + BATCH] for start in range(0, len(pairs), BATCH)]
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            return np.concatenate([self._reader(*tensors(part)).float().numpy() for part in parts]).astype(np.float64)


def main() -> None:
    """Read, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("manuals", type=Path, help="as they were trained on")
    parser.add_argument("reader", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/train_reader"))  # noqa: S108  # a cache, not a secret
    given = parser.parse_args()
    torch.set_num_threads(1)
    settings = load_settings()
    embedder = open_embedder(settings.embed, settings.model_dir)
    sets = {name: mined(given.folder / name, given.cache, embedder) for name in QUESTIONS}
    read = Read(given.reader)
    shelves = documentation.shelves(given.manuals, given.cache, embedder)
    weight = chosen([row for one in shelves if one.name in KEPT_OUT for row in ranked(one, one.name, read)])
    order({name: ranked(one, name, read) for name, one in sets.items()}, weight)
    gate({name: gated(one, name, read) for name, one in sets.items()})
    claims(given.folder / "wice" / "pairs.jsonl", read)


def chosen(kept_out: Sequence[Ranked]) -> float:
    """The weight of a relevance that orders these hits best."""
    figures = {weight: np.mean([ndcg(*one, weight) for one in kept_out]) for weight in WEIGHTS_TRIED}
    print("kept out:", {weight: round(float(one), 4) for weight, one in figures.items()}, flush=True)
    return max(figures, key=lambda weight: figures[weight])


def ranked(one: Mined | Shelf, name: str, read: Read) -> list[Ranked]:
    """A sample of the questions that have an answer, with the relevance of the hits."""
    known = [(asked, found) for asked, found in zip(one.questions, one.found, strict=True) if asked.relevant]
    sample = Random(SEED).sample(known, min(QUESTIONS.get(name, OF_A_SHELF), len(known)))  # noqa: S311  # a sample, not a secret
    return [(asked, found, read.hits(asked.text, found)[:, 0]) for asked, found in sample]


def order(measured: dict[str, list[Ranked]], weight: float) -> None:
    """nDCG@10 of the search alone and with the reader, and how sure the difference is."""
    differences = list[Floats]()
    for name, rows_ in measured.items():
        alone = np.array([ndcg(asked, found, np.zeros(len(said)), 0) for asked, found, said in rows_])
        both = np.array([ndcg(asked, found, said, weight) for asked, found, said in rows_])
        differences.append(both - alone)
        print(f"{name:16} alone {alone.mean():.3f} with {both.mean():.3f} {interval([both - alone])}", flush=True)
    print(f"mean of the sets: {np.mean([one.mean() for one in differences]):+.4f} {interval(differences)}")


def ndcg(asked: Question, found: Found, relevance: Floats, weight: float) -> float:
    """nDCG@10 over documents, with the first hits in the order of score and relevance together."""
    head = found.hits[:READ]
    scores = [hit.score + weight * float(one) for hit, one in zip(head, relevance, strict=True)]
    hits = [head[row] for row in np.argsort([-one for one in scores], kind="stable")] + list(found.hits[READ:])
    documents = list(dict.fromkeys(hit.passage.document_id for hit in hits))[:10]
    gained = sum(1 / math.log2(rank + 2) for rank, one in enumerate(documents) if one in asked.relevant)
    return gained / sum(1 / math.log2(rank + 2) for rank in range(min(10, len(asked.relevant))))


def interval(differences: Sequence[Floats]) -> str:
    """The middle 95 % of the mean over sets, questions drawn again."""
    chance = np.random.default_rng(SEED)
    means = np.mean([chance.choice(one, (AGAIN, len(one))).mean(1) for one in differences], axis=0)
    low, high = np.quantile(means, (0.025, 0.975))
    return f"[{low:+.4f}, {high:+.4f}]"


def gated(one: Mined, name: str, read: Read) -> tuple[Floats, Floats, Floats]:
    """Signals, what the reader says, and whether an answer is left, for a sample of all questions."""
    pairs = list(zip(one.questions, one.without, strict=True))
    sample = Random(SEED).sample(pairs, min(QUESTIONS[name], len(pairs)))  # noqa: S311  # a sample, not a secret
    measured = [asdict(signals(asked.text, replace(found, hits=found.hits[:READ]))) for asked, found in sample]
    said = [_said(read.hits(asked.text, found)) for asked, found in sample]
    labels = [float(answerable(asked, one.removed)) for asked, _ in sample]
    return np.array([[row[key] for key in WEIGHTS] for row in measured]), np.array(said), np.array(labels)


def _said(logits: Floats) -> list[float]:
    answers = np.sort(logits[:, 1])[::-1]
    return [answers[0], answers[0] - answers[1:].mean() if len(answers) > 1 else 0.0, logits[:, 0].max()]


def answerable(asked: Question, removed: frozenset[str]) -> bool:
    """Whether the set says that an answer is left."""
    if "answerable_after_removal" in asked.row:
        return bool(asked.row["answerable_after_removal"])
    return bool(asked.row.get("answerable", True)) and bool(asked.relevant - removed)


def gate(measured: dict[str, tuple[Floats, Floats, Floats]]) -> None:
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
    for _ in range(AGAIN // 8):
        drawn = chance.integers(0, len(labels), len(labels))
        if 0 < labels[drawn].sum() < len(labels):
            gains.append(roc_auc_score(labels[drawn], new[drawn]) - roc_auc_score(labels[drawn], old[drawn]))
    return "[{:+.3f}, {:+.3f}]".format(*np.quantile(gains, (0.025, 0.975)))


def claims(file: Path, read: Read) -> None:
    """AUROC of the rules, of the reader, and of both together."""
    known = list(rows(file))
    sample = Random(SEED).sample(known, min(CLAIMS, len(known)))  # noqa: S311  # a sample, not a secret
    labels = np.array([float(row["grounded"]) for row in sample])
    rules = np.array([_carried(row["context"], row["claim"]) for row in sample])
    pairs = [read.cutter.pairs(row["claim"], [("", row["context"])], FOR_CLAIMS)[0] for row in sample]
    said = read.logits(pairs)[:, 2]
    both = {weight: (rules + weight / (1 + np.exp(-said))) for weight in (0.1, 0.2, 0.4)}
    shown = "  ".join(f"at {weight} {roc_auc_score(labels, one):.3f}" for weight, one in both.items())
    print(f"wice: rules {roc_auc_score(labels, rules):.3f}  supports {roc_auc_score(labels, said):.3f}  {shown}")


def _carried(context: str, claim: str) -> float:
    parts = as_passages(context)
    passages = [Passage(str(row), str(row), 1, "", "", "", text, 0, len(text)) for row, text in enumerate(parts)]
    return overall([one.score for one in sentence_scores(claim, Evidence.of(passages))])


if __name__ == "__main__":
    main()
