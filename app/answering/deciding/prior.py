"""Where the bot answers plainly before a site has verdicts of its own: an assumption, stated, and no promise.

The public question sets behind the shipped calibration are harder than a help desk: documents were taken out and
strangers put in, so that by the count of their judgements little more than a third of the questions can be answered
rightly. A share of errors that is bearable among the answers of a site is another one there. When right and wrong
answers look the same as there but come in other numbers, odds are multiplied by the ratio of both mixtures (Saerens,
Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities", 2002).

docs/decisions/0017 tells what this costs and gains, and why a caveat on nearly every answer was worse.
"""

from collections.abc import Sequence

from app.answering.deciding.risk import Promise, above, promise, strictest

SITE = 0.75
"""The share of a site's questions whose answer is right, had all of them been answered: the assumption."""
EVEN = 0.5
"""On the assumption alone, nothing is said plainly that the sets call more likely wrong than right."""


def assumed(scored: Sequence[tuple[float, bool]], most_wrong: float) -> Promise:
    """The threshold for at most this share wrong at such a site. `scored`: (probability, right) on the sets.

    Where the sets carry a lower one by themselves, no assumption is needed for it. The strictest threshold that they
    know stands in for a stricter one. None of these promises anything.
    """
    here, there = promise(scored, most_wrong), promise(scored, _share_on_sets(most_wrong, scored))
    estimate = there if there.reachable else strictest(scored)
    return above(scored, min(here.threshold, max(estimate.threshold, EVEN)))


def _share_on_sets(most_wrong: float, scored: Sequence[tuple[float, bool]]) -> float:
    """The share of errors among the sets' plain answers that is `most_wrong` among those of such a site."""
    right = sum(label for _, label in scored)
    mixtures = SITE / (1 - SITE) * (len(scored) - right) / max(1, right)
    return mixtures * most_wrong / (1 - most_wrong + mixtures * most_wrong)
