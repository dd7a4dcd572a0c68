"""How well each unit answers the question: words, meaning, headings and places, in one number."""

import math
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import AppError
from app.language import content_words, numbers
from app.llm.extractive.units import Unit

Vectors = NDArray[np.float32]
Embed = Callable[[list[str]], Awaitable[Vectors]]

COMPARED = 7
"""Units whose meaning is compared: each costs about a millisecond and a half."""
WORDS_COMPARED = 20
MEANING, WORDS, PRIOR, PLACE, FORM = 0.75, 0.20, 0.20, 0.06, 0.06
"""Near the middle of a flat optimum: on bitwarden_help and feedbackqa, where the search's first passage is the right
one for 67 and 63 questions in 100 of those whose passage it found, the answer begins with it for 62 and 70."""
HEADING_SHARE, TITLE_SHARE = 0.8, 0.5  # of a word's weight, when it stands above the unit and not in it
_AMOUNT_ASKED = re.compile(
    r"\b(?:how (?:many|much|long|often|big|large|far|old)|when|limit|maximum|minimum|price|cost)\b", re.IGNORECASE
)
_HOW = re.compile(
    r"\bhow (?:do|can|could|should|would|to|does one)\b|\bhow(?:'|’)?d i\b|\bsteps?\b|\binstructions?\b|\bway to\b"
    r"|\bwhat do i (?:need to )?do\b|^\s*(?:set|add|create|change|delete|remove|install|connect|enable|disable|reset"
    r"|turn|export|import|upload|invite)\b",
    re.IGNORECASE,
)
_PARTICLE = re.compile(r"(?<=\w{3})(?:up|in|out|on|off|down)$")


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit with its score; `coverage` is the share of the question's weight that it and its headings hold.

    `meaning` is the cosine with the question.
    """

    unit: Unit
    score: float
    coverage: float
    meaning: float


@dataclass(frozen=True, slots=True)
class Asked:
    """The question's words and what each weighs: rare ones among the excerpts more, those that none holds most."""

    question: str
    weights: dict[str, float]
    wants_amount: bool
    wants_instruction: bool

    @classmethod
    def of(cls, question: str, found: Sequence[Unit]) -> "Asked":
        """Weigh the question's words against what was found."""
        held = Counter(word for unit in found for word in terms(f"{unit.title} {unit.heading} {unit.text}"))
        weights = {word: math.log(1 + len(found) / (held[word] + 0.5)) for word in terms(question)}
        return cls(question, weights, bool(_AMOUNT_ASKED.search(question)), asks_how(question))

    def coverage(self, unit: Unit) -> float:
        """The share of the question's weight that the unit holds; what only its headings hold counts less."""
        shares = dict.fromkeys(terms(unit.title), TITLE_SHARE) | dict.fromkeys(terms(unit.heading), HEADING_SHARE)
        shares |= dict.fromkeys(terms(unit.text), 1.0)
        held = sum(weight * shares.get(word, 0) for word, weight in self.weights.items())
        return held / (sum(self.weights.values()) or 1)


async def scored(asked: Asked, found: Sequence[Unit], embed: Embed) -> list[Scored]:
    """The units most likely to answer, best first. When meanings cannot be had, words alone decide."""
    rough = [_rough(unit, asked) for unit in found]
    best = [found[at] for at in sorted(range(len(found)), key=lambda at: -rough[at])[:COMPARED]]
    meanings = await _meanings(asked, best, embed)
    every = [_scored(unit, asked, meaning) for unit, meaning in zip(best, meanings, strict=True)]
    return sorted(every, key=lambda one: -one.score)


async def _meanings(asked: Asked, best: Sequence[Unit], embed: Embed) -> list[float]:
    try:
        vectors = await embed([asked.question, *map(_seen, best)])
    except AppError:
        return [asked.coverage(unit) for unit in best]
    return [float(cosine) for cosine in vectors[1:] @ vectors[0]]


def terms(text: str) -> set[str]:
    """The words that carry meaning; "backup" and "back up" are one, as "login" and "log in" are."""
    return {_PARTICLE.sub("", word) for word in content_words(text)}


def asks_how(question: str) -> bool:
    """Whether it asks for what to do."""
    return bool(_HOW.search(question))


def _rough(unit: Unit, asked: Asked) -> float:
    return asked.coverage(unit) + _surroundings(unit, asked) * 3


def _scored(unit: Unit, asked: Asked, meaning: float) -> Scored:
    coverage = asked.coverage(unit)
    return Scored(unit, MEANING * meaning + WORDS * coverage + _surroundings(unit, asked), coverage, meaning)


def _surroundings(unit: Unit, asked: Asked) -> float:
    """What speaks for a unit beside its words: the search's order, its place under the heading, the form asked for."""
    amount = asked.wants_amount and unit.kind == "sentence" and bool(numbers(unit.text))
    instruction = asked.wants_instruction and (unit.kind == "steps" or unit.text.startswith("To "))
    return PRIOR / math.sqrt(max(unit.number, 1)) + PLACE / (1 + unit.place) + FORM * (amount or instruction)


def _seen(unit: Unit) -> str:
    """What of a unit is compared: its beginning, under the heading nearest to it."""
    return f"{unit.heading or unit.title}. {' '.join(unit.text.split()[:WORDS_COMPARED])}"
