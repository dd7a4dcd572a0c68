"""Groups from questions that were written passage by passage, as customers put them, with near ones left unanswered.

`questions/companies/` holds help centres of invented companies with their questions, `questions/manuals.jsonl`
questions over the sections of the manuals that `--manuals` reads, by the digests of their texts. Each passage has at
least one question that it answers, and one on its subject that it does not.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from app.knowledge.reading.onnx import breadcrumb
from app.knowledge.reading.windows import Cutter
from app.knowledge.types import Embedder, Found, Passage
from scripts.train_reader import documentation
from scripts.train_reader.documentation import Shelf
from scripts.train_reader.examples import NEAR, NEGATIVES, SAME, Group
from scripts.train_reader.manuals import Section, sections
from scripts.train_reader.mining import Question, rows

WRITTEN = Path(__file__).with_name("questions")
KEPT_OUT_EVERY, KEPT_OUT_REST = 9, 4
"""Of the companies, in the order of their names, every ninth is kept out from the fifth on."""
UNDER_ALL = 0.05
"""How far under the last passage the right one counts that the search did not find."""
AS_FAQ = 0.3
"""Share of the groups whose passages stand under a question, each its own, as in a list of frequent questions."""
LOWER, BARE = 0.3, 0.35
"""Shares of the questions that are asked in lower case, and without a mark at their end, so that neither tells which
of them are answered."""


def shelves(manuals: Path, cache: Path, embedder: Embedder) -> Iterator[tuple[Shelf, bool]]:
    """Each help centre and manual with its questions searched, and whether it is kept out of the training."""
    for number, file in enumerate(_companies()):
        place = cache / "written" / file.stem
        yield documentation.searched_shelf(_company(file), place, embedder), _kept_out(number)
    for shelf in _manuals(manuals):
        place = cache / "written" / f"manual-{shelf.name}"
        yield documentation.searched_shelf(shelf, place, embedder), shelf.name in documentation.KEPT_OUT


def help_centres(place: Path) -> Iterator[Path]:
    """The companies that are kept out, each written to a folder as a set with known answers."""
    for number, file in enumerate(_companies()):
        if _kept_out(number):
            yield _as_set(_company(file), place / file.stem)


def shelved() -> Iterator[Shelf]:
    """The help centres that are learnt from, without what the search finds."""
    yield from (_company(file) for number, file in enumerate(_companies()) if not _kept_out(number))


def groups(shelf: Shelf, told: Mapping[str, float], cutter: Cutter, chance: Random) -> Iterator[Group]:
    """One group a question: with what answers it among what the search finds, or with what it only seems to be in.

    `told` is by each question's id how far its style tells which of both it is.
    """
    places = {passage.document_id: row for row, passage in enumerate(shelf.passages)}
    asked = defaultdict[str, list[str]](list)
    for question in shelf.questions:
        if question.relevant:
            asked[question.row["of"]].append(question.text)
    for question, found in zip(shelf.questions, shelf.found, strict=True):
        row = places[question.row["of"]]
        wrong = [
            hit for hit in found.hits
            if hit.passage.document_id != question.row["of"]
            and float(shelf.vectors[places[hit.passage.document_id]] @ shelf.vectors[row]) < SAME
        ]  # fmt: skip
        answered = bool(question.relevant)
        near, far = wrong[:NEAR], wrong[NEAR : 3 * NEAR]
        chosen = [hit.passage for hit in near[:1]]
        if answered:
            few = chance.sample(near, min(NEGATIVES, len(near))) + chance.sample(far, min(1, len(far)))
            chosen = [hit.passage for hit in few]
        shown = [shelf.passages[row], *chosen]
        above = [_above(one, asked[one.document_id], question.text, chance) for one in shown]
        heads = above if chance.random() < AS_FAQ else [breadcrumb(one) for one in shown]
        texts = [(head, one.text) for head, one in zip(heads, shown, strict=True)]
        pairs = cutter.pairs(voiced(question.text, chance), texts)
        yield Group(tuple(pairs), answered, _scores(shown, found) if answered else (), told[question.id])


def _above(passage: Passage, asked: Sequence[str], but: str, chance: Random) -> str:
    others = [text for text in asked if text != but]
    return chance.choice(others) if others else breadcrumb(passage)


def voiced(text: str, chance: Random) -> str:
    """The question in another dress: what is asked does not change."""
    said = text.lower() if chance.random() < LOWER else text
    return said.rstrip("?. ") if chance.random() < BARE else said


def _scores(shown: Sequence[Passage], found: Found) -> tuple[float, ...]:
    known = {hit.passage.id: hit.score for hit in found.hits}
    lowest = min(known.values(), default=0.0) - UNDER_ALL
    return tuple(known.get(one.id, lowest) for one in shown)


def _companies() -> list[Path]:
    return sorted((WRITTEN / "companies").glob("*.jsonl"))


def _kept_out(number: int) -> bool:
    return number % KEPT_OUT_EVERY == KEPT_OUT_REST


def _as_set(shelf: Shelf, folder: Path) -> Path:
    """Corpus, questions and judgements, in the layout of the public sets; titles hold the headings, as theirs do."""
    folder.mkdir(parents=True)
    corpus = [{"id": one.document_id, "title": breadcrumb(one), "text": one.text} for one in shelf.passages]
    asked = [{"id": one.id, "text": one.text, "answerable": bool(one.relevant)} for one in shelf.questions]
    judged = [f"{one.id}\t{document}\t1" for one in shelf.questions for document in one.relevant]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)), encoding="utf-8")
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    (folder / "qrels.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *judged]), encoding="utf-8")
    return folder


def _company(file: Path) -> Shelf:
    passages, questions = list[Passage](), list[Question]()
    for row in rows(file):
        passages.append(_passage(row["id"], row["title"], row["heading"], row["text"]))
        questions += _questions(row["id"], row["asked"], row["near"])
    return Shelf(file.stem, passages, np.empty((0, 0), np.float32), questions, [])


def _manuals(folder: Path) -> Iterator[Shelf]:
    """By what the sections say: where a manual is absent or says something else, only its own questions are."""
    written = {row["of"]: row for row in rows(WRITTEN / "manuals.jsonl")}
    chance = Random(documentation.SEED)  # noqa: S311  # a sample, not a secret
    chosen = documentation.chosen(list(sections(folder)), chance, lambda one: _digest_of(one) in written)
    for name, mine in chosen.items():
        passages = [documentation.whole_passage(f"{name}{number}", one) for number, one in enumerate(mine)]
        questions = [asked for one in passages for asked in _of_manual(one, written.get(digest(one.text)))]
        if questions:
            yield Shelf(name, passages, np.empty((0, 0), np.float32), questions, [])


def _digest_of(section: Section) -> str:
    return digest(documentation.whole_passage("", section).text)


def _of_manual(passage: Passage, row: dict[str, Any] | None) -> list[Question]:
    return _questions(passage.document_id, [row["asked"]], [row["near"]]) if row else []


def _questions(id_: str, asked: Sequence[str], near: Sequence[str]) -> list[Question]:
    right = [Question(f"{id_}?{number}", text, frozenset([id_]), {"of": id_}) for number, text in enumerate(asked)]
    wrong = [Question(f"{id_}!{number}", text, frozenset(), {"of": id_}) for number, text in enumerate(near)]
    return right + wrong


def _passage(id_: str, title: str, heading: str, text: str) -> Passage:
    return Passage(f"{id_}#~0", id_, 1, title, "", heading, text, 0, len(text))


def digest(text: str) -> str:
    """Names what a passage said when its questions were written."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
