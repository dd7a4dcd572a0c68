"""Figures about answers with known outcomes, each with an interval from resampling; and two runs compared in pairs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from random import Random
from typing import Any

from app.insight.answers import auroc
from app.insight.calibration import BINS, calibration_error

RESAMPLES = 300
SHUFFLES = 2000
PRECISIONS = (0.8, 0.9, 0.95)
SEED = 7
Points = Sequence[tuple[float, bool]]
"""(probability, whether it was right)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    def json(self) -> dict[str, float]:
        """Rounded."""
        return {name: round(getattr(self, name), 4) for name in self.__slots__}

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def resampled(points: Sequence[Any], measure: Callable[[Sequence[Any]], float]) -> Figure:
    """The measure with an interval: the middle 95 % of what it is on samples drawn with replacement."""
    chance = Random(SEED)  # noqa: S311  # a sample, not a secret
    values = sorted(measure(chance.choices(points, k=len(points))) for _ in range(RESAMPLES))
    tail = round(0.025 * RESAMPLES)
    return Figure(measure(points), values[tail], values[-1 - tail])


def middle(values: Sequence[int]) -> dict[str, int] | None:
    """What half of the values, and 19 of 20, do not pass (nearest rank); none of nothing."""
    ordered = sorted(values)
    return {f"p{part}": ordered[-(-part * len(ordered) // 100) - 1] for part in (50, 95)} if ordered else None


def decision_figures(points: Points) -> dict[str, Figure]:
    """How well probabilities tell right answers from wrong ones, and how near they are to what came true."""
    if not points:
        return {}
    measures: dict[str, Callable[[Points], float]] = {
        "auroc": separation,
        "calibration_error": calibration_error,
        "brier": brier,
        **{f"coverage_at_{round(100 * level)}": _covering(level) for level in PRECISIONS},
    }
    return {name: resampled(points, measure) for name, measure in measures.items()}


def separation(points: Points) -> float:
    """The area under the ROC curve; one half where all had the same outcome."""
    return auroc(points) if len({right for _, right in points}) > 1 else 0.5


def brier(points: Points) -> float:
    """The mean squared distance of the probability from the outcome."""
    return sum((probability - right) ** 2 for probability, right in points) / max(1, len(points))


def coverage_at(points: Points, precision: float) -> float:
    """The largest share of questions that can be answered with at least this share of them right."""
    return max((share for share, wrong in risk_coverage(points) if 1 - wrong >= precision), default=0.0)


def risk_coverage(points: Points) -> list[tuple[float, float]]:
    """(share answered, share of those that is wrong) for each threshold from the highest down."""
    found, answers, wrong = [], 0, 0
    for _, group in groupby(sorted(points, key=lambda one: -one[0]), key=lambda one: one[0]):
        outcomes = [right for _, right in group]
        answers, wrong = answers + len(outcomes), wrong + outcomes.count(False)
        found.append((answers / len(points), wrong / answers))
    return found


def reliability(points: Points) -> list[tuple[float, float, int]]:
    """(mean probability, share that was right, how many) for each of ten equal bins that holds any."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for probability, right in points:
        bins.setdefault(min(int(probability * BINS), BINS - 1), []).append((probability, right))
    means = ((sum(p for p, _ in one) / len(one), sum(r for _, r in one) / len(one), len(one)) for one in bins.values())
    return sorted(means)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better the second run is than the first, as a mean over questions, and how likely that is by chance."""

    first: float
    second: float
    difference: Figure
    chance: float

    def json(self) -> dict[str, Any]:
        """Rounded."""
        means = {"first": round(self.first, 4), "second": round(self.second, 4)}
        return {**means, "difference": self.difference.json(), "p": round(self.chance, 4)}


def compared(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Two runs over the same questions: a paired bootstrap interval, and a sign-flip permutation test."""
    apart = [later - earlier for earlier, later in zip(first, second, strict=True)]
    chance, seen = Random(SEED), abs(sum(apart))  # noqa: S311  # a sample, not a secret
    moved = [one for one in apart if one]
    extreme = sum(abs(sum(one if chance.random() < 0.5 else -one for one in moved)) >= seen for _ in range(SHUFFLES))  # noqa: PLR2004  # heads or tails
    mean = resampled(apart, lambda values: sum(values) / max(1, len(values)))
    counted = max(1, len(apart))
    return Difference(sum(first) / counted, sum(second) / counted, mean, (extreme + 1) / (SHUFFLES + 1))


def _covering(level: float) -> Callable[[Points], float]:
    return lambda points: coverage_at(points, level)
