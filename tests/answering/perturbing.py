"""Sentences that are wrong in one place: made from true ones, to measure whether the check notices."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from app.answering.evidence import Evidence
from app.answering.statements import CONTRARIES
from app.knowledge.types import Passage
from app.language import STOPWORDS, content_words, sentences

TOGETHER = 6  # passages that a turn reads

_NUMBER = re.compile(r"(?<!^)(?<![\w.])\d+(?:[.,]\d+)*(?![\w.]*\w)")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-zA-Z]{2,}\b")
_AUXILIARY = re.compile(r"\b(is|are|was|were|can|could|will|would|should|must|may|has|have|do|does)\b(?! not\b|n['’]t)")
_DENIAL = re.compile(
    r"\b(?:(is|are|was|were|can|could|will|would|should|must|do|does)(?: not|n['’]t)|(can)not|never)\b"
)
_UNITS = {
    "days": "hours", "hours": "days", "minutes": "hours", "weeks": "months", "months": "weeks", "years": "months",
    "day": "week", "hour": "day", "week": "month", "month": "year", "year": "month", "seconds": "minutes",
    "%": " euros", "percent": "euros", "MB": "GB", "GB": "MB", "$": "€", "£": "$", "€": "$", "miles": "km",
    "km": "miles",
}  # fmt: skip
_UNIT = re.compile(
    r"(?<=\d)(\s?)("
    + "|".join(re.escape(unit) for unit in _UNITS if unit.isalpha() or unit == "%")
    + r")(?!\w)|([$£€])(?=\d)"
)

Perturbation = Callable[[str, str, Random], str | None]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A perturbed sentence and how it was made."""

    text: str
    kind: str


def samples(pages: Sequence[Passage]) -> Iterator[tuple[Evidence, str, str]]:
    """Six pages at a time, and a few statements of the first."""
    chance = Random(7)  # noqa: S311  # a sample, not a secret
    for at in range(0, len(pages) - TOGETHER, TOGETHER):
        six = pages[at : at + TOGETHER]
        said = [span.text for span in sentences(six[0].text) if _is_statement(span.text)]
        evidence = Evidence.of(six)
        for statement in chance.sample(said, min(3, len(said))):
            yield evidence, statement, six[0].text


def _is_statement(text: str) -> bool:
    return len(content_words(text)) >= 5 and "\n" not in text and text[-1] in ".!" and "//" not in text


def perturbed(sentence: str, passage: str, chance: Random) -> list[Wrong]:
    """Every way in which this sentence can be made wrong."""
    made = ((kind, change(sentence, passage, chance)) for kind, change in PERTURBATIONS.items())
    return [Wrong(text, kind) for kind, text in made if text and text != sentence]


def reworded(sentence: str, chance: Random) -> str:
    """The same statement in slightly other words: fillers gone or put in, clauses turned round."""
    start, comma, end = sentence.rstrip(".").partition(", ")
    if comma and 15 < len(start) < 80 and chance.random() < 0.5 and "," not in end:
        return f"{end[:1].upper()}{end[1:]}, {start[:1].lower()}{start[1:]}."
    words = [
        word
        for word in sentence.split()
        if word.lower() not in {"the", "a", "an", "also", "please", "very", "that", "then"}
    ]
    return " ".join(words)


def _number(sentence: str, _passage: str, chance: Random) -> str | None:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    match = chance.choice(found)
    digit = chance.choice([digit for digit in "123456789" if digit != match.group()[0]])
    return sentence[: match.start()] + digit + match.group()[1:] + sentence[match.end() :]


def _number_from_passage(sentence: str, passage: str, chance: Random) -> str | None:
    found = list(_NUMBER.finditer(sentence))
    others = sorted({match.group() for match in _NUMBER.finditer(passage)} - {match.group() for match in found})
    if not found or not others:
        return None
    match = chance.choice(found)
    return sentence[: match.start()] + chance.choice(others) + sentence[match.end() :]


def _name(sentence: str, _passage: str, chance: Random) -> str | None:
    found = [match for match in _NAME.finditer(sentence) if match.group().lower() not in STOPWORDS]
    if not found:
        return None
    match = chance.choice(found)
    other = chance.choice(["Zanzibar", "Salesforce", "Kowalski", "Wednesday", "Toronto", "Premium", "Oracle", "Berlin"])
    return None if other in sentence else sentence[: match.start()] + other + sentence[match.end() :]


def _name_from_passage(sentence: str, passage: str, chance: Random) -> str | None:
    found = [match for match in _NAME.finditer(sentence) if match.group().lower() not in STOPWORDS]
    others = sorted({match.group() for match in _NAME.finditer(passage)} - {match.group() for match in found})
    others = [name for name in others if name.lower() not in sentence.lower()]
    if not found or not others:
        return None
    match = chance.choice(found)
    return sentence[: match.start()] + chance.choice(others) + sentence[match.end() :]


def _negation(sentence: str, _passage: str, chance: Random) -> str | None:
    denied = _DENIAL.search(sentence)
    if denied:
        kept = denied.group(1) or denied.group(2) or "always"
        return sentence[: denied.start()] + kept + sentence[denied.end() :]
    found = list(_AUXILIARY.finditer(sentence))
    if not found:
        return None
    match = chance.choice(found)
    return f"{sentence[: match.end()]} not{sentence[match.end() :]}"


def _unit(sentence: str, _passage: str, chance: Random) -> str | None:
    found = list(_UNIT.finditer(sentence))
    if not found:
        return None
    match = chance.choice(found)
    if match.group(3):
        return sentence[: match.start(3)] + _UNITS[match.group(3)] + sentence[match.end(3) :]
    return sentence[: match.start(2)] + _UNITS[match.group(2)] + sentence[match.end(2) :]


def _contrary(sentence: str, _passage: str, chance: Random) -> str | None:
    found = [match for match in re.finditer(r"\b[a-z]+\b", sentence) if match.group() in CONTRARIES]
    if not found:
        return None
    match = chance.choice(found)
    return sentence[: match.start()] + min(CONTRARIES[match.group()]) + sentence[match.end() :]


PERTURBATIONS: dict[str, Perturbation] = {
    "number": _number,
    "number of the passage": _number_from_passage,
    "name": _name,
    "name of the passage": _name_from_passage,
    "negation": _negation,
    "unit": _unit,
    "contrary": _contrary,
}
