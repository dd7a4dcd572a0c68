"""What passages carry beside what they do not: twins that differ in as little else as can be.

Most were written by a language model about texts that it read, each sentence once true and once wrong, in the same
place of an answer and in the same style. `questions/claims.jsonl`: claims about a passage of a help centre;
`questions/said.jsonl`: answers to questions over one or two passages; `questions/texts.jsonl`: answers about texts of
other kinds, which stand beside. A wrong one was to hold as many of the passage's words as its twin, so that from these
alone a reader learns to distrust words that occur; others are therefore made here, in which they tell something.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from app.answering.evidence import Evidence
from app.answering.premise import premise
from app.answering.statements import read
from app.knowledge.reading.windows import FOR_PREMISES, Cutter, Pair
from app.knowledge.types import Passage
from app.language import sentences
from scripts.train_reader.mining import rows
from scripts.train_reader.written import WRITTEN
from tests.answering.perturbing import perturbed, reworded

KEPT_OUT = frozenset({"askfold", "veilgate", "irongrove", "st-orlan-hospital"})
EVERY_TEXT = 7
"""Of the other texts, every seventh is kept out."""
STRANGER = 0.35
"""Share of the twins that stand beside one more passage, which has nothing to do with them."""
GONE, JOINED, COPIED = 0.35, 0.25, 0.15
"""How many are made of each kind, as shares of those that were written."""
WORDS = (6, 40)  # of a sentence that is copied
Shown = tuple[tuple[str, str, str], ...]
"""(title, heading, text) of passages."""


@dataclass(frozen=True, slots=True)
class Said:
    """A claim beside passages."""

    claim: str
    shown: Shown

    def pair(self, cutter: Cutter) -> Pair:
        """As the reader sees it: beside what the product would choose for it."""
        evidence = _evidence(self.shown)
        (pair,) = cutter.pairs(self.claim, [("", premise(read(self.claim), evidence))], FOR_PREMISES)
        return pair


@dataclass(frozen=True, slots=True)
class Twins:
    """What is carried, and what is not. `of` names what both are about."""

    true: Said
    false: Said
    of: str
    kept_out: bool


def all_twins(chance: Random) -> Iterator[Twins]:
    """Those of the three files, and those made of them."""
    written = [*_of_passages(chance), *_of_texts()]
    yield from written
    yield from (_gone(one) for one in chance.sample(written, int(GONE * len(written))))
    yield from _joined(chance.sample(written, int(JOINED * len(written))), written, chance)
    copies = (_copied(one, chance) for one in chance.sample(written, int(COPIED * len(written))))
    yield from (one for one in copies if one)


def _of_passages(chance: Random) -> Iterator[Twins]:
    passages = {row["id"]: row for file in (WRITTEN / "companies").glob("*.jsonl") for row in rows(file)}
    of = defaultdict[str, list[str]](list)
    for name in sorted(passages):
        of[_company(name)].append(name)
    for row in rows(WRITTEN / "claims.jsonl"):
        shown = _shown([row["of"]], passages, of, chance)
        for true, false in zip(row["true"], row["false"], strict=True):
            yield _twins(true, false, shown, _company(row["of"]), kept_out=_company(row["of"]) in KEPT_OUT)
    for row in rows(WRITTEN / "said.jsonl"):
        shown = _shown(row["passages"], passages, of, chance)
        for one in row["sentences"]:
            yield _twins(one["true"], one["false"], shown, row["company"], kept_out=row["company"] in KEPT_OUT)


def _of_texts() -> Iterator[Twins]:
    for number, row in enumerate(rows(WRITTEN / "texts.jsonl")):
        for one in row["sentences"]:
            shown = ((row["title"], "", row["text"]),)
            yield _twins(one["true"], one["false"], shown, row["title"], kept_out=number % EVERY_TEXT == 0)


def _gone(twins: Twins) -> Twins:
    """The true one beside its passages, and beside what is left of them without the sentences nearest to it."""
    claim, evidence = read(twins.true.claim), _evidence(twins.true.shown)
    lines = [(number, line) for number, found in enumerate(evidence.lines) for line in found]
    nearest = sorted(lines, key=lambda one: -evidence.weigh(one[1].statement.stems & claim.stems))[:2]
    left = list[tuple[str, str, str]]()
    for number, (title, heading, text) in enumerate(twins.true.shown):
        for line in sorted((line for place, line in nearest if place == number), key=lambda one: -one.start):
            text = text[: line.start] + text[line.end :]  # noqa: PLW2901  # what is left of it
        left.append((title, heading, text))
    return Twins(twins.true, Said(twins.true.claim, tuple(left)), twins.of, twins.kept_out)


def _joined(chosen: Sequence[Twins], written: Sequence[Twins], chance: Random) -> Iterator[Twins]:
    """Two sentences of which both are carried, and two of which one is about something else of the same subject."""
    about = defaultdict[str, list[Twins]](list)
    for one in written:
        about[one.of].append(one)
    for one in chosen:
        beside = [other for other in about[one.of] if other is not one and other.true.shown == one.true.shown]
        far = [other for other in about[one.of] if not set(other.true.shown) & set(one.true.shown)]
        if beside:
            right = chance.choice(beside).true.claim
            wrong = chance.choice(far).true.claim if far else chance.choice(beside).false.claim
            first, second = _together(one.true.claim, right, chance), _together(one.true.claim, wrong, chance)
            yield _twins(first, second, one.true.shown, one.of, kept_out=one.kept_out)


def _together(one: str, other: str, chance: Random) -> str:
    return f"{one} {other}" if chance.random() < 0.5 else f"{other} {one}"  # noqa: PLR2004  # either order


def _copied(twins: Twins, chance: Random) -> Twins | None:
    """A sentence of the passages, lightly reworded, and with one thing exchanged."""
    text = twins.true.shown[0][2]
    said = [one.text for one in sentences(text) if WORDS[0] <= len(one.text.split()) <= WORDS[1]]
    claim = chance.choice(said) if said else ""
    wrong = perturbed(claim, text, chance) if claim else []
    if not wrong:
        return None
    true, false = reworded(claim, chance), chance.choice(wrong).text
    return _twins(true, false, twins.true.shown, twins.of, kept_out=twins.kept_out)


def _twins(true: str, false: str, shown: Shown, of: str, *, kept_out: bool) -> Twins:
    return Twins(Said(true, shown), Said(false, shown), of, kept_out)


def _shown(
    names: Sequence[str], passages: dict[str, dict[str, Any]], of: dict[str, list[str]], chance: Random
) -> Shown:
    shown = list(names)
    if chance.random() < STRANGER:
        shown.append(chance.choice([one for one in of[_company(names[0])] if one not in names]))
    chance.shuffle(shown)
    return tuple((one["title"], one["heading"], one["text"]) for one in map(passages.__getitem__, shown))


@lru_cache(maxsize=4096)
def _evidence(shown: Shown) -> Evidence:
    return Evidence.of([
        Passage(str(number), str(number), 1, title, "", heading, text, 0, len(text))
        for number, (title, heading, text) in enumerate(shown)
    ])  # fmt: skip


def _company(name: str) -> str:
    return name.rsplit("-", 1)[0]
