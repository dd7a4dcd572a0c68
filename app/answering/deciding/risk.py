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
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

NEVER = 1.01
"""A threshold that no probability reaches."""
SURE = 1.645  # one-sided, 95 %


@dataclass(frozen=True, slots=True)
class Promise:
    """A threshold, and what stands behind it: how many verdicts lie above it, and how many of them are wrong."""

    threshold: float
    answers: int
    wrong: int

    @property
    def reachable(self) -> bool:
        """Whether the verdicts carry the promise at all."""
        return self.threshold < NEVER

    @property
    def worst(self) -> float:
        """The share of errors that is not passed with 95 % confidence (Wilson's bound)."""
        return upper_bound(self.wrong, self.answers)


def promise(scored: Sequence[tuple[float, bool]], most_wrong: float) -> Promise:
    """The lowest threshold from which on at most this share is wrong. `scored`: (probability, whether it was right)."""
    best = Promise(NEVER, 0, 0)
    answers = wrong = 0
    ordered = sorted(scored, key=lambda one: -one[0])
    for threshold, group in groupby(ordered, key=lambda one: one[0]):
        verdicts = [right for _, right in group]
        answers, wrong = answers + len(verdicts), wrong + verdicts.count(False)
        if (wrong + 1) / (answers + 1) <= most_wrong:
            best = Promise(threshold, answers, wrong)
    return best


def upper_bound(wrong: int, answers: int) -> float:
    """Wilson's upper bound of a share."""
    if answers == 0:
        return 1.0
    share, square = wrong / answers, SURE**2
    middle = share + square / (2 * answers)
    wide = SURE * math.sqrt(share * (1 - share) / answers + square / (4 * answers**2))
    return min(1.0, (middle + wide) / (1 + square / answers))
