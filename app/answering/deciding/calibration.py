"""A curve with the verdicts that it was fitted to, and what it lets an admin promise."""

from dataclasses import dataclass
from datetime import datetime

from app.answering.deciding.curve import Curve
from app.answering.deciding.prior import assumed
from app.answering.deciding.risk import Promise, promise

OWN = "site-"
LEAST_VERDICTS = 100
"""So many verdicts of the site are needed before its own calibration is used."""
LEAST_OF_A_KIND = 10
"""So many of them right, and so many wrong."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """`scored`: the score before calibration of each answer with a verdict, and whether it was right."""

    version: str
    curve: Curve
    scored: tuple[tuple[float, bool], ...]
    made_at: datetime | None = None
    fits: bool = True
    """Whether the scores were made with the weights that are in use."""

    @property
    def own(self) -> bool:
        """Whether it is made of the site's verdicts."""
        return self.version.startswith(OWN)

    @property
    def points(self) -> list[tuple[float, bool]]:
        """(probability, right) of each verdict."""
        return [(self.curve.at(score).probability, right) for score, right in self.scored]

    def promise(self, most_wrong: float) -> Promise:
        """The threshold for at most this share wrong.

        A site's own verdicts are taken at their word: where they do not carry a share so small, nothing is answered
        plainly. The shipped ones promise nothing; `prior.py` says what is assumed until then.
        """
        return promise(self.points, most_wrong) if self.own else assumed(self.points, most_wrong)


def enough(scored: tuple[tuple[float, bool], ...] | list[tuple[float, bool]]) -> bool:
    """Whether a site's verdicts suffice for a calibration of its own."""
    right = sum(label for _, label in scored)
    return len(scored) >= LEAST_VERDICTS and min(right, len(scored) - right) >= LEAST_OF_A_KIND
