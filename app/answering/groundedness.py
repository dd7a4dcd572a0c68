"""How far passages as a whole carry a text, as one number: for evaluation and for ranking doubtful answers."""

import math
import re
from dataclasses import dataclass

from app.answering.evidence import Evidence
from app.answering.grounding import support
from app.answering.markers import unmarked
from app.answering.statements import Statement, read, root_of
from app.language import sentences

STEEPNESS, MIDDLE = 2.8, 0.51
"""Logistic fit of "supported" on wice; there the AUROC of the whole is .82 (the coverage alone: .71)."""
COST_OF_A_MISSING_FACT = 0.3  # of coverage, for each number and name that no passage holds
CONTRADICTED = 0.35  # what is left of the score when a passage says the opposite or the same of something else
_SMALLEST_CLAIM = 2  # content words


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """One sentence: how well it is carried, and whether the check would show it."""

    text: str
    score: float
    supported: bool


def sentence_scores(text: str, evidence: Evidence) -> list[SentenceScore]:
    """Each sentence of a text that claims something; the whole text when none does."""
    found = [unmarked(span.text)[0] for span in sentences(text)]
    claims = [one for one in found if len(read(one).stems) >= _SMALLEST_CLAIM] or [text]
    return [_scored(one, evidence) for one in claims]


def overall(scores: list[SentenceScore]) -> float:
    """Between the mean and the worst sentence: one invention spoils an answer, but a long one has more chances."""
    values = [one.score for one in scores]
    return (min(values) + sum(values) / len(values)) / 2 if values else 0.0


def _scored(text: str, evidence: Evidence) -> SentenceScore:
    ground = support(text, evidence)
    score = 1.0 if ground and ground.reason == "verbatim" else _carried(read(text), evidence)
    if ground and ground.contradicts:
        score *= CONTRADICTED
    return SentenceScore(text, round(score, 4), bool(ground and ground.holds))


def _carried(claim: Statement, evidence: Evidence) -> float:
    said = [line.statement for lines in evidence.lines for line in lines] + list(evidence.contexts)
    stems = frozenset[str]().union(*(one.stems for one in said))
    words = frozenset[str]().union(*(one.words for one in said))
    values = {amount.value for one in said for amount in one.amounts}
    missing = sum(amount.value not in values for amount in claim.amounts)
    missing += sum(name not in words and root_of(name) not in stems for name in claim.names)
    coverage = evidence.weigh(claim.stems & stems) / (evidence.weigh(claim.stems) or 1.0)
    return 1 / (1 + math.exp(-STEEPNESS * (coverage - COST_OF_A_MISSING_FACT * missing - MIDDLE)))


def as_passages(context: str) -> list[str]:
    """A long context in paragraphs, so that windows stay inside one."""
    return [part for part in re.split(r"\n\s*\n", context) if part.strip()] or [context]
