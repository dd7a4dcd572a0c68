"""How hard a question is for a cheap model, predicted from it and what was found, before anything is written."""

import math
from dataclasses import asdict, dataclass
from typing import Literal

from app.knowledge.types import Found
from app.language import words
from app.llm.registry import STRONG_FROM

Route = Literal["cheap", "strong"]

READ = 6  # passages
CLOSE = 0.9  # of the best score: a passage this near may be the one that is needed

WEIGHTS = {"rival": 11.774, "near": 1.383, "elsewhere": 3.334, "words": -0.452}
INTERCEPT = -11.046
"""Fitted by scripts/fit_difficulty.py on feedbackqa, bitwarden_help, stackfaq and clapnq.

On the set left out the AUROC is .80, .83, .95 and .95. What was found says nearly all of it, the question very little.
"""
SEVERAL = 0.5
"""The least difficulty of a question that compares, or is two: it needs several passages. Stated, not fitted, for the
sets hold one passage for each question."""
_REASONS = {
    "rival": "another document fits as well",
    "near": "spread over documents",
    "elsewhere": "the nearest is another passage",
    "words": "short question",
}
_COMPARING = frozenset("difference differences compare comparison versus vs instead better rather between both".split())


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a hard question. All in [0, 1] but `words`, the logarithm of how many it has.

    `rival` is the best score of another document over the best score, `near` the share of the read passages' documents
    that come close to it, `elsewhere` by how much the best passage misses the greatest cosine.
    """

    rival: float = 0.0
    near: float = 0.0
    elsewhere: float = 0.0
    words: float = 0.0


def signs(question: str, found: Found) -> Signs:
    """Measure the question and what was found for it."""
    length = math.log1p(len(words(question)))
    if not found.hits or found.hits[0].score <= 0:
        return Signs(words=length)
    read, best = found.hits[:READ], found.hits[0]
    others = [hit.score for hit in read if hit.passage.document_id != best.passage.document_id]
    return Signs(
        rival=max(others, default=0.0) / best.score,
        near=len({hit.passage.document_id for hit in read if hit.score >= CLOSE * best.score}) / READ,
        elsewhere=max(hit.cosine for hit in read) - best.cosine,
        words=length,
    )


def difficulty(seen: Signs) -> float:
    """The probability that another passage than the first answers, when one of those that are read does."""
    values = asdict(seen)
    return 1 / (1 + math.exp(-INTERCEPT - sum(weight * values[name] for name, weight in WEIGHTS.items())))


def route(question: str, found: Found, strong_from: float = STRONG_FROM) -> tuple[Route, float, str]:
    """The route, how hard the question is, and what makes it so."""
    seen = signs(question, found)
    several = _several(question)
    hard = max(difficulty(seen), SEVERAL if several else 0.0)
    if hard < strong_from:
        return "cheap", hard, "plain question"
    if several:
        return "strong", hard, several
    gained = {name: weight * (getattr(seen, name) - getattr(TYPICAL, name)) for name, weight in WEIGHTS.items()}
    return "strong", hard, _REASONS[max(gained, key=lambda name: gained[name])]


def _several(question: str) -> str:
    if question.count("?") > 1:
        return "several questions"
    return "compares" if not _COMPARING.isdisjoint(words(question)) else ""


TYPICAL = Signs(rival=0.851, near=0.167, words=2.565)
"""The medians of the questions on which the weights were fitted."""
