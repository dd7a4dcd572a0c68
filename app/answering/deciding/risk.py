"""From "at most this share wrong" to a threshold, by conformal risk control.

Angelopoulos, Bates, Fisch, Lei, Schuster, "Conformal Risk Control" (arXiv 2208.02814): for a loss of at most B that
does not rise with the threshold, the lowest threshold at which n/(n+1) times the mean loss, plus B/(n+1), is at most
the target keeps the expected loss of the next question at the target.

The loss here is "wrong less the share allowed" for a question that is answered and 0 for another, with the target 0:
then at most that share of the answers is wrong. B is 1 less the share allowed, which gives (wrong + 1) / (answers + 1)
<= share. The loss does not rise with the threshold as long as a higher probability does not mean more errors. Single
runs of verdicts break that at random; how little that costs: arXiv 2602.20151 of the first of these authors.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

STEP = 0.005
_ROUNDING = 1e-9
NEVER = 1.01
"""A threshold that no probability reaches."""
SURE = 1.645  # standard errors; one-sided: 95 %
SLACK = 0.02
"""Beyond the mean that is promised: with 95 % confidence the share is not above the target by more than this."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A threshold, and what stands behind it: how many verdicts lie above it, and how many of them are wrong."""

    threshold: float
    answers: int
    wrong: int
    kept: bool = True
    """Whether the share that was asked for is promised; else the threshold is only an estimate."""

    @property
    def reachable(self) -> bool:
        """Whether the verdicts carry the promise at all."""
        return self.threshold < NEVER

    @property
    def worst(self) -> float:
        """The share of errors that is not passed with 95 % confidence (Wilson's bound)."""
        return upper_bound(self.wrong, self.answers)


def promise(scored: Sequence[tuple[float, bool]], most_wrong: float) -> Promise:
    """The lowest threshold from which on at most this share is wrong. `scored`: (probability, whether it was right).

    From the highest threshold down, as far as the condition holds without a break: to take the lowest at which it
    happens to hold would be to pick a lucky one. What a stricter share allows, this one does too, in steps of `STEP`.
    """
    every = list(_thresholds(scored))
    shares = [step * STEP for step in range(1, round(most_wrong / STEP) + 1)]
    found = [one for share in shares if (one := _downward(every, share + _ROUNDING))]
    return min(found, key=lambda one: one.threshold, default=Promise(NEVER, 0, 0, kept=False))


def _downward(every: Sequence[Promise], most_wrong: float) -> Promise | None:
    last: Promise | None = None
    for one in every:
        mean = (one.wrong + 1) / (one.answers + 1) <= most_wrong
        if mean and upper_bound(one.wrong, one.answers) <= most_wrong + SLACK:
            last = one
        elif last:
            break
    return last


def above(scored: Sequence[tuple[float, bool]], threshold: float) -> Promise:
    """A threshold that was chosen otherwise, and what lies above it; it promises nothing."""
    verdicts = [right for probability, right in scored if probability >= threshold]
    return Promise(threshold, len(verdicts), verdicts.count(False), kept=False)


def _thresholds(scored: Sequence[tuple[float, bool]]) -> Iterator[Promise]:
    """Every threshold from the highest down, with the answers and errors above it."""
    answers = wrong = 0
    ordered = sorted(scored, key=lambda one: -one[0])
    for threshold, group in groupby(ordered, key=lambda one: one[0]):
        verdicts = [right for _, right in group]
        answers, wrong = answers + len(verdicts), wrong + verdicts.count(False)
        yield Promise(threshold, answers, wrong)


def upper_bound(wrong: int, answers: int, sure: float = SURE) -> float:
    """Wilson's upper bound of a share."""
    if answers == 0:
        return 1.0
    share, square = wrong / answers, sure**2
    middle = share + square / (2 * answers)
    wide = sure * math.sqrt(share * (1 - share) / answers + square / (4 * answers**2))
    return min(1.0, (middle + wide) / (1 + square / answers))
