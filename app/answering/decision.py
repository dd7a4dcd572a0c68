"""How probable it is that the knowledge base answers a question: stated signals of the search, weighed."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

from app.knowledge.types import Found, Hit
from app.language import content_words

AGREEING = 5  # hits of each list that are compared
READING = 8  # hits that count as read

WEIGHTS = {
    "cosine": 5.82, "gap": 3.5, "lexical": 1.14, "coverage": 0.95, "agreement": 0.93, "known": 0.84, "length": 0.56,
}  # fmt: skip
INTERCEPT = -6.69
"""Fitted by scripts/fit_decision.py to answers that were read, over four public sets, eight help centres and hint3.

Among the own questions of the set left out the AUROC is .72 (feedbackqa), .90 (stackfaq), .85 (clapnq), .75
(bitwarden_help), .73 (help centres) and .86 (hint3); the cosine alone: .66, .91, .84, .69, .69, .85.
docs/evaluation.md has the rest.
"""

TO_THE_POINT = {"constant": 0.62, "answerable": 0.81, "looked": 0.43}
"""Fitted by the same script to the same answers, with the weights above held: .75, .89, .87, .75, .78 and .85."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the search says about a question. All in [0, 1] but `length`, the logarithm of how many content words."""

    cosine: float = 0.0
    gap: float = 0.0
    lexical: float = 0.0
    coverage: float = 0.0
    agreement: float = 0.0
    known: float = 0.0
    length: float = 0.0


def signals(question: str, found: Found) -> Signals:
    """Measure the hits against the question."""
    if not found.hits:
        return Signals(length=_length(question))
    best, rest = found.hits[0], found.hits[1:READING]
    top = max(hit.cosine for hit in found.hits)
    return Signals(
        cosine=top,
        gap=best.score - sum(hit.score for hit in rest) / len(rest) if rest else best.score,
        lexical=max(hit.lexical for hit in found.hits),
        coverage=found.coverage,
        agreement=_agreement(found.hits),
        known=_known(question, found.hits[:READING]),
        length=_length(question),
    )


def p_answerable(measured: Signals) -> float:
    """The probability that the knowledge base answers this question, before anything is written."""
    values = asdict(measured)
    return logistic(INTERCEPT + sum(weight * values[name] for name, weight in WEIGHTS.items()))


def p_to_the_point(answerable: float, looked: Sequence[float]) -> float:
    """The same after a reader's second look at what was written, if there was one."""
    if not looked:
        return answerable
    values = {"constant": 1.0, "answerable": logit(answerable), "looked": logit(looked[0])}
    return logistic(sum(weight * values[name] for name, weight in TO_THE_POINT.items()))


def fingerprint() -> str:
    """Which weights a probability was made with."""
    weights = (sorted(WEIGHTS.items()), INTERCEPT, sorted(TO_THE_POINT.items()))
    return hashlib.sha256(repr(weights).encode()).hexdigest()[:12]


def _agreement(hits: Sequence[Hit]) -> float:
    """The share of passages that both lists put among their first few."""
    by_cosine = sorted(hits, key=lambda hit: -hit.cosine)[:AGREEING]
    by_words = sorted((hit for hit in hits if hit.lexical > 0), key=lambda hit: -hit.lexical)[:AGREEING]
    shared = {hit.passage.id for hit in by_cosine} & {hit.passage.id for hit in by_words}
    return len(shared) / len(by_cosine)


def _known(question: str, hits: Sequence[Hit]) -> float:
    """The share of the question's content words that some hit holds."""
    asked = set(content_words(question))
    held = frozenset[str]().union(
        *(_words_of(hit.passage.title, hit.passage.heading, hit.passage.text) for hit in hits)
    )
    return len(asked & held) / len(asked) if asked else 0.0


@lru_cache(maxsize=2048)
def _words_of(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in content_words(text))


def _length(question: str) -> float:
    return math.log1p(len(set(content_words(question))))


def logistic(value: float) -> float:
    """The probability of these odds."""
    return 1 / (1 + math.exp(-value))


def logit(probability: float) -> float:
    """The logarithm of the odds."""
    held = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(held / (1 - held))
