"""Which questions a site is taken to be asked before it has verdicts of its own: an assumption, and no promise.

The sets behind the shipped calibration are harder than a help desk: documents were taken out, two of five questions of
the invented help centres ask for what is not there, and strangers were put in. A score means another probability where
fewer questions are of these kinds (Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a
priori probabilities", 2002). So the kinds are mixed as a site is taken to have them, and curve and threshold are made
of that mixture. docs/decisions/0024 says why.
"""

from collections.abc import Mapping, Sequence

from app.answering.deciding.risk import NEVER, Promise, above

MIX = {"held": 0.75, "near": 0.2, "strange": 0.05}
"""Of a site's questions: what its articles hold by the set's label, what is only near them, and what is far away."""
Scored = Sequence[tuple[float, bool]]


def mixed(kinds: Mapping[str, Scored]) -> list[tuple[float, bool]]:
    """(score, right) of all questions whose answer is held, and so many of the others, spread evenly by score."""
    every = len(kinds["held"]) / MIX["held"]
    return [pair for kind, share in MIX.items() for pair in _spread(kinds[kind], round(share * every))]


def assumed(scored: Scored, most_wrong: float) -> Promise:
    """The lowest threshold above which, by the curve, this share is wrong in the mean; else the strictest there is.

    `scored`: (probability, right) of the mixture. By the probabilities and not by the few outcomes above a threshold,
    so that each step of the share moves it. Nothing is promised for a site.
    """
    doubt, threshold = 0.0, max((probability for probability, _ in scored), default=NEVER)
    for number, (probability, _) in enumerate(sorted(scored, reverse=True), start=1):
        doubt += 1 - probability
        if doubt > most_wrong * number:
            break
        threshold = probability
    return above(scored, threshold)


def _spread(scored: Scored, wanted: int) -> list[tuple[float, bool]]:
    ordered = sorted(scored)
    count = min(wanted, len(ordered))
    return [ordered[(2 * number + 1) * len(ordered) // (2 * count)] for number in range(count)]
