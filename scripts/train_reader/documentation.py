"""Groups from the sections of manuals: what none of the measured sets had a part in."""

import hashlib
import pickle
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np

from app.knowledge.reading.onnx import breadcrumb
from app.knowledge.reading.windows import Cutter
from app.knowledge.types import Embedder, Found, Passage, Vectors
from app.language import STOPWORDS, sentences
from scripts.train_reader.asked import Asking
from scripts.train_reader.examples import NEAR, NEGATIVES, SAME, Group
from scripts.train_reader.manuals import Section, sections
from scripts.train_reader.mining import Question, embedded, searched

HELP_LIKE = {
    "gnome-user-docs", "libreoffice-help-en-us", "evolution-common", "gnucash-docs", "kmymoney-common", "gimp-help-en",
    "kmail", "homebank-data", "gnumeric-doc", "privoxy", "debian-faq", "perl-doc",
}  # fmt: skip
MOST_HELP, MOST = 600, 150
"""Sections of one manual, so that no subject outweighs the others."""
UNLIKE_HELP = {
    "fwupd-doc",
    "lilypond-doc-html",
    "grass-doc",
    "python-openstackclient-doc",
    "rsyslog-doc",
    "weechat-doc",
}
"""Mostly reference of interfaces, or in part not English."""
ALONE = 140
"""Manuals with fewer sections stand together on one shelf, as the products of one maker do."""
LONGEST = 900  # characters of a passage, about what the embedder reads
ENGLISH = 0.25  # of the words are among the commonest of English
EMBEDDED = 600  # characters of it that are
DEEP = 40
KEPT_OUT = frozenset({"debian-faq", "gnucash-docs", "privoxy", "phpmyadmin", "gnome-user-docs", "fetchmail"})
"""Shelves that are not trained on: what has to be chosen is chosen by them."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Shelf:
    """One knowledge base: its passages, and for each question which of them answers it and what our search found.

    `passages` and `vectors` once without the last heading, for headings that are asked; once with all headings but
    without the sentence that became a question. A question belongs to one of both, and so do its hits.
    """

    name: str
    passages: list[Passage]
    vectors: Vectors
    questions: list[Question]
    found: list[Found]


def shelves(folder: Path, cache: Path, embedder: Embedder) -> Iterator[Shelf]:
    """Each shelf twice: asked by its headings, and by its sentences. What was made before is read again."""
    chance = Random(SEED)  # noqa: S311  # a sample, not a secret
    kept = chosen(list(sections(folder)), chance)
    asking = Asking((one.text for mine in kept.values() for one in mine), chance)
    for name, mine in kept.items():
        asked = {"headings": _by_heading(name, mine, asking), "sentences": _by_sentence(name, mine, asking, chance)}
        for kind, (passages, questions) in asked.items():
            yield searched_shelf(
                Shelf(name, passages, np.empty((0, 0), np.float32), questions, []), cache / name / kind, embedder
            )


def searched_shelf(shelf: Shelf, place: Path, embedder: Embedder) -> Shelf:
    """With vectors, and what our search finds for each question; what was made of the same texts is read again."""
    texts = [one.text for one in shelf.passages] + [one.text for one in shelf.questions]
    place /= hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]
    made = place / "shelf.pickle"
    if made.exists():
        known: Shelf = pickle.loads(made.read_bytes())  # noqa: S301  # our own file
        return known
    vectors = embedded([replace(one, text=one.text[:EMBEDDED]) for one in shelf.passages], embedder)
    found = searched(shelf.passages, vectors, place / "index", embedder, shelf.questions, DEEP)
    whole = replace(shelf, vectors=vectors, found=found)
    made.write_bytes(pickle.dumps(whole))
    return whole


def asks(section: Section) -> bool:
    """Whether the heading is a question."""
    return section.path[-1].endswith("?")


def chosen(
    sections_: Sequence[Section], chance: Random, first: Callable[[Section], bool] = asks
) -> dict[str, list[Section]]:
    """English sections that say something, by shelf; those that are wanted first."""
    by_manual = defaultdict[str, list[Section]](list)
    for one in sections_:
        if one.manual not in UNLIKE_HELP and _english(one.text):
            by_manual[one.manual].append(one)
    kept = defaultdict[str, list[Section]](list)
    for name, mine in sorted(by_manual.items()):
        ordered = sorted(chance.sample(mine, len(mine)), key=lambda one: not first(one))
        part = ordered[: MOST_HELP if name in HELP_LIKE else MOST]
        kept[name if len(part) >= ALONE else "several"] += part
    return dict(kept)


def _by_heading(name: str, mine: Sequence[Section], asking: Asking) -> tuple[list[Passage], list[Question]]:
    passages, questions = list[Passage](), list[Question]()
    often = Counter(one.path[-1].lower() for one in mine)
    for number, one in enumerate(mine):
        title = one.title if one.title != one.path[-1] else ""
        above = tuple(part for part in one.path[:-1] if part != title)
        passage = _passage(f"{name}{number}", title, above, one.text)
        passages.append(passage)
        asked = asking.of_heading(one.path[-1]) if often[one.path[-1].lower()] == 1 else None
        if asked:
            questions.append(Question(passage.id, asked, frozenset([passage.document_id]), {}))
    return passages, questions


def _by_sentence(
    name: str, mine: Sequence[Section], asking: Asking, chance: Random
) -> tuple[list[Passage], list[Question]]:
    passages, questions = list[Passage](), list[Question]()
    for number, one in enumerate(mine):
        text, asked = one.text, None
        for said in sentences(one.text[: LONGEST * 2])[:8]:
            asked = asking.of_sentence(said.text)
            if asked:
                text = one.text.replace(said.text, "", 1).strip() if chance.random() < 0.6 else text  # noqa: PLR2004  # mostly
                break
        passage = whole_passage(f"{name}{number}", replace(one, text=text))
        passages.append(passage)
        if asked and len(text) > 80:  # noqa: PLR2004  # something is left
            questions.append(Question(passage.id, asked, frozenset([passage.document_id]), {}))
    return passages, questions


def whole_passage(id_: str, one: Section) -> Passage:
    """A section as a passage under all of its headings."""
    return _passage(id_, one.title, tuple(part for part in one.path if part != one.title), one.text)


def _passage(id_: str, title: str, path: Sequence[str], text: str) -> Passage:
    kept = text[:LONGEST]
    if len(text) > LONGEST:
        kept = kept[: max(kept.rfind(". ") + 1, kept.rfind("\n"), LONGEST // 2)]
    return Passage(f"{id_}#~0".replace(" ", "_"), id_, 1, title, "", " › ".join(path), kept, 0, len(kept))


def _english(text: str) -> bool:
    words = re.findall(r"[a-z']+", text[:LONGEST].lower())
    return len(words) >= 15 and sum(word in STOPWORDS for word in words) >= ENGLISH * len(words)  # noqa: PLR2004  # a sentence


def groups(shelf: Shelf, cutter: Cutter, chance: Random) -> Iterator[Group]:
    """One group a question that our search answers among its hits; negatives are other hits, and a neighbour."""
    places = {passage.id: row for row, passage in enumerate(shelf.passages)}
    for question, found in zip(shelf.questions, shelf.found, strict=True):
        right = next((row for row, hit in enumerate(found.hits) if hit.passage.document_id in question.relevant), None)
        if right is None:
            continue
        mine = shelf.vectors[places[found.hits[right].passage.id]]
        wrong = [
            row for row, hit in enumerate(found.hits)
            if row != right and float(shelf.vectors[places[hit.passage.id]] @ mine) < SAME
        ]  # fmt: skip
        rows = [right, *_negatives(wrong, chance)]
        texts = [(breadcrumb(hit.passage), hit.passage.text) for hit in found.hits[:NEAR]]
        shown = [(breadcrumb(found.hits[row].passage), found.hits[row].passage.text) for row in rows]
        pairs = cutter.pairs(question.text, [*shown, *texts])[: len(rows)]
        yield Group(tuple(pairs), answered=True, scores=tuple(found.hits[row].score for row in rows))


def _negatives(wrong: Sequence[int], chance: Random) -> list[int]:
    near = [row for row in wrong if row < NEAR]
    far = [row for row in wrong if row >= NEAR]
    return chance.sample(near, min(NEGATIVES, len(near))) + chance.sample(far, min(1, len(far)))
