"""How well the score of a sentence tells what its passages carry, on pairs that people and language models judged."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from app.answering.evidence import Evidence
from app.answering.groundedness import SHAPE, Carried, Shape, as_passages, carried, overall
from app.insight.answers import auroc
from app.knowledge.reranking import ClaimReader
from app.knowledge.types import Passage
from app.language import content_words
from scripts.kinds import own_words

HALF = 0.5
MISSING, CONTRADICTED, READ = (0.0, 0.15, 0.3, 0.5), (0.2, 0.35, 0.6, 1.0), (0.0, 0.1, 0.2, 0.3, 0.5)
SHAPES = [Shape(missing=one, contradicted=two, read=three) for one, two, three in product(MISSING, CONTRADICTED, READ)]
Judged = list[tuple[list[Carried], bool]]


def judged_sets(folder: Path, reader: ClaimReader | None) -> Iterator[dict[str, Any]]:
    """One row a set."""
    sets = {
        "wice dev": _wice(folder, "dev", reader), "wice test": _wice(folder, "test", reader),
        "clapnq answers": _clapnq(folder, reader), "own words": _own_words(reader),
    }  # fmt: skip
    for name, rows in sets.items():
        others = {other: seen for other, seen in sets.items() if other.split()[0] != name.split()[0]}
        yield {"judged": name, **judged(rows, others)}


def judged(rows: Judged, others: Mapping[str, Judged]) -> dict[str, Any]:
    """AUROC with the product's shape, and with the one that does best on the other sets."""
    chosen = max(SHAPES, key=lambda shape: sum(_area(seen, shape) for seen in others.values()))
    figures = {"auroc": _area(rows, SHAPE), "elsewhere": _area(rows, chosen), "coverage_alone": _covered(rows)}
    kept = {
        label: [score >= HALF for score, truth in _scored(rows, SHAPE) if truth is label] for label in (True, False)
    }
    balanced = (sum(kept[True]) / len(kept[True]) + 1 - sum(kept[False]) / len(kept[False])) / 2
    return {"pairs": len(rows), **_rounded(figures | {"balanced": balanced})}


def _wice(folder: Path, split: str, reader: ClaimReader | None) -> Judged:
    rows = [row for row in _rows(folder / "wice" / "pairs.jsonl") if row["split"] == split]
    return [
        (carried(row["claim"], _evidence(as_passages(row["context"]), reader)), bool(row["grounded"])) for row in rows
    ]


def _own_words(reader: ClaimReader | None) -> Judged:
    return [(carried(one.text, _evidence(one.passages, reader)), one.carried) for one in own_words()]


def _clapnq(folder: Path, reader: ClaimReader | None) -> Judged:
    """Human answers beside their passage, and beside the one of another page that shares most of its words."""
    texts = {row["id"]: row["text"] for row in _rows(folder / "clapnq" / "corpus.jsonl")}
    words = {name: set(content_words(text)) for name, text in texts.items()}
    gold = dict(line.split("\t")[:2] for line in (folder / "clapnq" / "qrels.tsv").read_text().splitlines()[1:])
    rows: Judged = []
    for row in _rows(folder / "clapnq" / "queries.jsonl"):
        if row["answerable"] and row["id"] in gold:
            answer, own = row["answers"][0], gold[row["id"]]
            said = set(content_words(answer))
            near = max((name for name in texts if name != own), key=lambda name: len(said & words[name]))
            rows += [(carried(answer, _evidence([texts[name]], reader)), name == own) for name in (own, near)]
    return rows


def _scored(rows: Judged, shape: Shape) -> list[tuple[float, bool]]:
    return [(overall([one.score(shape) for one in found]), label) for found, label in rows]


def _area(rows: Judged, shape: Shape) -> float:
    return auroc(_scored(rows, shape))


def _covered(rows: Judged) -> float:
    return auroc([(sum(one.coverage for one in found) / len(found), label) for found, label in rows])


def _evidence(texts: Sequence[str], reader: ClaimReader | None) -> Evidence:
    said = [Passage(str(at), str(at), 1, "", "", "", text, 0, len(text)) for at, text in enumerate(texts)]
    return Evidence.of(said, reader=reader)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}
