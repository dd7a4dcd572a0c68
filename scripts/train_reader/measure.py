"""Measures a trained reader on sets that it has not seen: `python -m scripts.train_reader.measure DATA MANUALS IN.pt`.

Prints the tables of docs/reader.md: the order of the hits beside the search alone, with a paired bootstrap; whether the
knowledge base answers, without documents; which claims their evidence supports. How much a relevance weighs is chosen
on the manuals that were kept out of the training, never on these sets.
"""

import argparse
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # ships no types

from app.answering.evidence import Evidence
from app.answering.groundedness import as_passages, overall, sentence_scores
from app.knowledge.embedding import open_embedder
from app.knowledge.reading.onnx import breadcrumb
from app.knowledge.reading.windows import FOR_CLAIMS, Cutter, Pair
from app.knowledge.reranking import READ
from app.knowledge.types import Found, Passage
from app.settings import load_settings
from scripts.train_reader import style, written
from scripts.train_reader.documentation import KEPT_OUT, Shelf
from scripts.train_reader.gating import Floats, gate, gated, near
from scripts.train_reader.mining import Mined, Question, mined, rows
from scripts.train_reader.network import Reader, tensors, tokenizer

QUESTIONS = {"feedbackqa": 500, "bitwarden_help": 115, "stackfaq": 300, "clapnq": 300}
CLAIMS = 400
SEED = 11
AGAIN = 4000
OF_A_SHELF = 60
WEIGHTS_TRIED = (0.0, 0.005, 0.01, 0.02, 0.04, 0.06, 0.09)
BATCH = 32
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
    kept_out = [one for one, out in written.shelves(given.manuals, given.cache, embedder) if out]
    centres, manuals = _apart(kept_out)
    written_for = {"help_centres": centres, "manuals": manuals}
    known = {name: _joined(ranked(one, one.name, read) for one in some) for name, some in written_for.items()}
    weight = chosen([row for some in known.values() for row in some])
    order({name: ranked(one, name, read) for name, one in sets.items()}, weight)
    order(known, weight)
    told = style.told(kept_out)
    measured = {name: gated(one, QUESTIONS[name], read) for name, one in sets.items()}
    gate(measured | {name: near(some, told, read) for name, some in written_for.items()})
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


def _apart(shelves: Sequence[Shelf]) -> tuple[list[Shelf], list[Shelf]]:
    return [one for one in shelves if one.name not in KEPT_OUT], [one for one in shelves if one.name in KEPT_OUT]


def _joined(parts: Iterable[list[Ranked]]) -> list[Ranked]:
    return [row for part in parts for row in part]


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
