"""What the reader learns from: questions with what answers them and what only looks so, headings, and claims."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Protocol

import numpy as np

from app.knowledge.reading.onnx import breadcrumb
from app.knowledge.reading.windows import FOR_CLAIMS, Cutter, Pair
from app.knowledge.types import Found, Passage, Vectors
from app.language import sentences
from scripts.train_reader.mining import Mined
from tests.answering.perturbing import perturbed, reworded

NEGATIVES = 3
NEAR, FAR = 8, 40
"""The first negatives come from this many hits, which are what the product reads; the last one from farther down."""
SAME = 0.9
"""Cosine from which a passage says what the right one says, and is not held against the reader."""
WORDS = (6, 40)  # of a sentence that can be a claim


@dataclass(frozen=True, slots=True)
class Group:
    """Passages for one question. The first answers it when `answered`; the others do not."""

    pairs: tuple[Pair, ...]
    answered: bool
    scores: tuple[float, ...] = ()
    """What the search gives each of them."""
    told: float = 0.0
    """How far the question alone, by its style, tells that the first one answers it; in logits."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, what it is held against, and whether that supports it."""

    pair: Pair
    supported: bool


class Shelved(Protocol):
    """Passages and their vectors."""

    @property
    def passages(self) -> list[Passage]:
        """All of them."""
        ...

    @property
    def vectors(self) -> Vectors:
        """One row for each."""
        ...


def question_groups(mined: Mined, cutter: Cutter, chance: Random) -> Iterator[Group]:
    """One group for each question of a set, its negatives taken from what our own retriever finds."""
    for question, found in zip(mined.questions, mined.found, strict=True):
        texts = [(breadcrumb(hit.passage), hit.passage.text) for hit in found.hits]
        right = [row for row, hit in enumerate(found.hits) if hit.passage.document_id in question.relevant]
        wrong = _wrong(mined, found, right)
        if question.relevant and not right:
            continue
        near = [row for row in wrong if row < NEAR]
        far = [row for row in wrong if NEAR <= row < FAR]
        count = NEGATIVES - 1 if right else NEGATIVES
        chosen = chance.sample(near, min(count, len(near))) + chance.sample(far, min(1, len(far)))
        pairs = cutter.pairs(question.text, texts[: max([NEAR, *right[:1]]) + FAR])
        yield Group(tuple(pairs[row] for row in (*right[:1], *chosen)), bool(right))


def heading_groups(mined: Mined, cutter: Cutter, chance: Random, most: int) -> Iterator[Group]:
    """Each heading as a question that its own section answers; nobody sees the headings here."""
    first: dict[str, int] = {}
    for row, passage in enumerate(mined.passages):
        first.setdefault(breadcrumb(passage), row)
    rows = [row for name, row in first.items() if name and len(mined.passages[row].text) > 80]  # noqa: PLR2004  # says something
    for row in chance.sample(rows, min(most, len(rows))):
        passage = mined.passages[row]
        asked = (passage.heading or passage.title).split("›")[-1].split(" > ")[-1].strip()
        cosines = mined.vectors @ mined.vectors[row]
        near = [
            int(other) for other in np.argsort(-cosines)[:FAR]
            if mined.passages[other].document_id != passage.document_id and cosines[other] < SAME
        ]  # fmt: skip
        others = chance.sample(near[:NEAR], min(NEGATIVES, len(near[:NEAR])))
        texts = [("", mined.passages[other].text) for other in (row, *others)]
        yield Group(tuple(cutter.pairs(asked, texts)), answered=True)


def copied_claims(mined: Shelved, cutter: Cutter, chance: Random, most: int) -> Iterator[Claim]:
    """Sentences with their own passage, in other words or with one thing exchanged, and with another passage."""
    for row in chance.sample(range(len(mined.passages)), min(most, len(mined.passages))):
        passage = mined.passages[row]
        said = [one.text for one in sentences(passage.text) if WORDS[0] <= len(one.text.split()) <= WORDS[1]]
        if not said:
            continue
        claim = chance.choice(said)
        yield _claim(reworded(claim, chance) if chance.random() < 0.7 else claim, passage, cutter, supported=True)  # noqa: PLR2004  # mostly
        wrong = perturbed(claim, passage.text, chance)
        if wrong:
            yield _claim(chance.choice(wrong).text, passage, cutter, supported=False)
        other = _neighbour(mined, row, chance)
        if other is not None:
            yield _claim(claim, other, cutter, supported=False)


def answer_claims(mined: Mined, cutter: Cutter, chance: Random) -> Iterator[Claim]:
    """What people wrote as an answer, with the passage that they read and with another."""
    rows = {passage.document_id: row for row, passage in reversed(list(enumerate(mined.passages)))}
    for question in mined.questions:
        for document in sorted(question.relevant)[:1]:
            for answer in question.row.get("answers", ())[:1]:
                said = [one.text for one in sentences(answer) if len(one.text.split()) >= WORDS[0]]
                if not said or document not in rows:
                    continue
                claim = chance.choice(said)
                yield _claim(claim, mined.passages[rows[document]], cutter, supported=True)
                other = _neighbour(mined, rows[document], chance)
                if other is not None:
                    yield _claim(claim, other, cutter, supported=False)


def judged_claims(rows: Sequence[dict[str, Any]], cutter: Cutter) -> Iterator[Claim]:
    """Claims with evidence that people judged."""
    for row in rows:
        (pair,) = cutter.pairs(row["claim"], [("", row["context"])], FOR_CLAIMS)
        yield Claim(pair, bool(row["grounded"]))


def markdown_passages(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(id, title, text) of our own articles, without what stands before them."""
    for path in sorted(folder.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        head = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
        title = re.search(r"^title:\s*(.+)$", head.group(1), re.MULTILINE) if head else None
        yield path.stem, title.group(1).strip("\"'") if title else path.stem, text[head.end() if head else 0 :]


def _wrong(mined: Mined, found: Found, right: Sequence[int]) -> list[int]:
    """Places of hits that do not answer, those left out that say the same as one that does."""
    if not right:
        return list(range(len(found.hits)))
    documents = {found.hits[row].passage.document_id for row in right}
    places = {passage.id: row for row, passage in enumerate(mined.passages)}
    best = mined.vectors[places[found.hits[right[0]].passage.id]]
    return [
        row for row, hit in enumerate(found.hits[:FAR])
        if hit.passage.document_id not in documents and float(mined.vectors[places[hit.passage.id]] @ best) < SAME
    ]  # fmt: skip


def _neighbour(mined: Shelved, row: int, chance: Random) -> Passage | None:
    cosines = mined.vectors @ mined.vectors[row]
    near = [int(one) for one in np.argsort(-cosines)[1:12] if cosines[one] < SAME]
    return mined.passages[chance.choice(near)] if near else None


def _claim(text: str, passage: Passage, cutter: Cutter, *, supported: bool) -> Claim:
    (pair,) = cutter.pairs(text, [(breadcrumb(passage), passage.text)], FOR_CLAIMS)
    return Claim(pair, supported)
