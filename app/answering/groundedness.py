"""How far passages as a whole carry a text, as one number: for evaluation and for ranking doubtful answers."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.answering.alignment import NEAR_COPY, copied
from app.answering.evidence import Evidence
from app.answering.grounding import support
from app.answering.judging import Support
from app.answering.markers import unmarked
from app.answering.rereading import carries
from app.answering.statements import Statement, read, root_of
from app.language import sentences

_SMALLEST_CLAIM = 2  # content words
SUREST = 0.01
"""How near to 0 and 1 a reader is believed to know."""
EVEN = -0.5
"""The logit at which the reader speaks neither for a claim nor against it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How what was found about a sentence becomes a score.

    A logistic curve of the coverage. `missing` is what each number and name that no passage holds takes from the
    coverage; `contradicted` is what is left of the score when a passage says nearly the same, but the opposite or of
    something else; `read` is what the logit of the reader's chance counts. `python -m benchmarks.checking` says how
    well that holds on pairs that it was not chosen on.
    """

    steepness: float = 2.8
    middle: float = 0.51
    missing: float = 0.3
    contradicted: float = 0.35
    read: float = 0.75


SHAPE = Shape()


@dataclass(frozen=True, slots=True)
class Carried:
    """What was found about one sentence.

    `coverage` is the share of its weight that the passages hold, `chance` what a reader makes of it, if one looked.
    """

    text: str
    coverage: float
    missing: int
    verbatim: bool
    contradicted: bool
    supported: bool
    chance: float | None = None

    def score(self, shape: Shape = SHAPE) -> float:
        """How well it is carried, in [0, 1]."""
        height = shape.steepness * (self.coverage - shape.missing * self.missing - shape.middle)
        if self.chance is not None:
            held = min(max(self.chance, SUREST), 1 - SUREST)
            height += shape.read * (math.log(held / (1 - held)) - EVEN)
        score = 1.0 if self.verbatim else 1 / (1 + math.exp(-height))
        return round(score * shape.contradicted if self.contradicted else score, 4)


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """One sentence: how well it is carried, and whether the check would show it."""

    text: str
    score: float
    supported: bool


def sentence_scores(text: str, evidence: Evidence) -> list[SentenceScore]:
    """Each sentence of a text that claims something; the whole text when none does."""
    return [SentenceScore(one.text, one.score(), one.supported) for one in carried(text, evidence)]


def carried(text: str, evidence: Evidence) -> list[Carried]:
    """What the passages say to each sentence of a text that claims something; to the whole text when none does."""
    found = [unmarked(span.text)[0] for span in sentences(text)]
    claims = [one for one in found if len(read(one).stems) >= _SMALLEST_CLAIM] or [text]
    return [_carried(one, read(one), evidence) for one in claims]


def overall(scores: Sequence[float]) -> float:
    """Between the mean and the worst sentence: one invention spoils an answer, but a long one has more chances."""
    return (min(scores) + sum(scores) / len(scores)) / 2 if scores else 0.0


def _carried(text: str, claim: Statement, evidence: Evidence) -> Carried:
    ground = support(text, evidence)
    said = [line.statement for lines in evidence.lines for line in lines] + list(evidence.contexts)
    stems = frozenset[str]().union(*(one.stems for one in said))
    words = frozenset[str]().union(*(one.words for one in said))
    values = {amount.value for one in said for amount in one.amounts}
    missing = sum(amount.value not in values for amount in claim.amounts)
    missing += sum(name not in words and root_of(name) not in stems for name in claim.names)
    coverage = evidence.weigh(claim.stems & stems) / (evidence.weigh(claim.stems) or 1.0)
    verbatim = bool(ground and ground.reason == "verbatim")
    contradicted = bool(ground and ground.contradicts and _nearly_copied(claim, ground))
    chance = None if verbatim else carries(text, claim, evidence)
    return Carried(text, coverage, missing, verbatim, contradicted, bool(ground and ground.holds), chance)


def _nearly_copied(claim: Statement, ground: Support) -> bool:
    """Where order says something: of a claim in other words, what seems to be a negation tells little."""
    return copied(claim, [line.statement for line in ground.window.lines]) >= NEAR_COPY


def as_passages(context: str) -> list[str]:
    """A long context in paragraphs, so that windows stay inside one."""
    return [part for part in re.split(r"\n\s*\n", context) if part.strip()] or [context]
