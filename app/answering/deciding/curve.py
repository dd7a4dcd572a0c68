"""A calibration as a curve: what share of answers with this score was right, with an interval."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Estimate:
    """A probability and the interval in which it lies with 90 % confidence."""

    probability: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Straight lines between knots. `scores` rise strictly, the other three never fall; all in [0, 1]."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]

    def at(self, score: float) -> Estimate:
        """What this score means."""
        held = min(max(score, self.scores[0]), self.scores[-1])
        after = min(max(bisect_right(self.scores, held), 1), len(self.scores) - 1)
        start, end = self.scores[after - 1], self.scores[after]
        share = (held - start) / (end - start)
        return Estimate(*(_between(one, after, share) for one in (self.probabilities, self.lows, self.highs)))

    def json(self) -> dict[str, Any]:
        """As it is stored."""
        return {name: list(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Curve":
        """From what `json` gave."""
        return cls(**{name: tuple(float(value) for value in stored[name]) for name in cls.__slots__})


IDENTITY = Curve((0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0))
"""A score that is taken for the probability itself."""


def _between(values: tuple[float, ...], after: int, share: float) -> float:
    return values[after - 1] + share * (values[after] - values[after - 1])
