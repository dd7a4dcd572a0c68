"""Fits a curve to scores with known outcomes: beta calibration for few, isotonic regression for many."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.answering.deciding.curve import IDENTITY, Curve

Scored = Sequence[tuple[float, bool]]
"""(score, whether it was right)."""
Numbers = NDArray[np.float64]

MANY = 1000
"""From here on isotonic regression is steadier than a line (Niculescu-Mizil & Caruana 2005)."""
KNOTS = tuple(step / 40 for step in range(41))
APART = 0.1
"""How much of a line that rises everywhere goes into the steps of isotonic regression."""
PRIOR_WEIGHT = 1.0
"""How firmly the weights are held near 1 and the offset near 0 while there are few verdicts: the ridge of the fit."""
SURE = 1.645  # standard errors on each side: 90 %
_STEPS, _EDGE, _CLOSE = 50, 0.01, 1e-4


def calibrated(scored: Scored, base: Curve = IDENTITY) -> Curve:
    """The curve that fits best. `base` is what stood before, which few verdicts only bend."""
    return isotonic(scored) if len(scored) >= MANY else beta(scored, base)


def beta(scored: Scored, base: Curve = IDENTITY) -> Curve:
    """Beta calibration of what `base` makes of the scores, by Newton's steps: a weight for each end, and an offset.

    Kull, Silva Filho, Flach, "Beta calibration" (AISTATS 2017): Platt's logistic, to which the two weights are one,
    cannot bend only the sure end. The interval follows from the curvature.
    """
    design = _ends(base, [score for score, _ in scored])
    y = np.array([float(right) for _, right in scored])
    prior = np.array([1.0, 1.0, 0.0])
    weights, curvature = prior.copy(), np.eye(3) * PRIOR_WEIGHT
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (p - y) + PRIOR_WEIGHT * (weights - prior)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + PRIOR_WEIGHT * np.eye(3)
        step = np.linalg.solve(curvature, slope)
        weights = weights - step
        if float(np.abs(step).max()) < _CLOSE:
            break
    weights[:2] = np.maximum(weights[:2], 0.0)  # a better score is never taken for a worse one
    knots = _ends(base, KNOTS)
    wide = SURE * np.sqrt(np.einsum("ij,jk,ik->i", knots, np.linalg.inv(curvature), knots))
    middle = knots @ weights
    return _curve(KNOTS, *(1 / (1 + np.exp(-line)) for line in (middle, middle - wide, middle + wide)))


def _ends(base: Curve, scores: Sequence[float]) -> Numbers:
    """One row a score: ln p, -ln (1 - p) and 1."""
    p = np.clip([base.at(score).probability for score in scores], _EDGE, 1 - _EDGE).reshape(-1)
    return np.stack([np.log(p), -np.log(1 - p), np.ones_like(p)], axis=1)


def isotonic(scored: Scored) -> Curve:
    """Blocks by the pool-adjacent-violators algorithm, joined at their centres (Oron & Flournoy 2017).

    With a tenth of beta calibration, which rises where blocks are flat: scores that differ stay apart.
    """
    blocks: list[list[float]] = []  # sum of scores, right, count
    for score, right in sorted(scored):
        blocks.append([score, float(right), 1.0])
        while len(blocks) > 1 and _share(blocks[-2]) >= _share(blocks[-1]):
            last = blocks.pop()
            blocks[-1] = [one + other for one, other in zip(blocks[-1], last, strict=True)]
    centres = [block[0] / block[2] for block in blocks]
    # One verdict more on each side, so that no block is taken for certain.
    shares = [(block[1] + 1) / (block[2] + 2) if block[2] < MANY else _share(block) for block in blocks]
    wide = [SURE * math.sqrt(share * (1 - share) / block[2]) for share, block in zip(shares, blocks, strict=True)]
    lines = (shares, np.subtract(shares, wide), np.add(shares, wide))
    smooth = beta(scored)
    rising = (smooth.probabilities, smooth.lows, smooth.highs)
    stepped = (np.maximum.accumulate(np.interp(KNOTS, centres, line)) for line in lines)
    return _curve(
        KNOTS, *((1 - APART) * one + APART * np.array(other) for one, other in zip(stepped, rising, strict=True))
    )


def _curve(scores: tuple[float, ...], *lines: Numbers) -> Curve:
    rising = (np.maximum.accumulate(np.clip(line, 0.0, 1.0)) for line in lines)
    return Curve(scores, *(tuple(round(float(value), 5) for value in line) for line in rising))


def _share(block: Sequence[float]) -> float:
    return block[1] / block[2]
