"""How far probabilities are from what came true, and a workspace's calibration made anew from its verdicts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from app.answering.deciding.calibrating import calibrated
from app.answering.deciding.calibration import Calibration, enough
from app.answering.deciding.curve import IDENTITY, Curve
from app.answering.deciding.shipped import shipped
from app.answering.deciding.store import DecisionStore
from app.insight.verdicts import Deeds

BINS = 10
FOLDS = 5
NEW_SHARE = 0.05
"""So many more verdicts, as a share of those in use, make a new version worth while."""
log = structlog.get_logger()
Points = Sequence[tuple[float, bool]]


@dataclass(frozen=True, slots=True)
class Recalibration:
    """Makes a new version of a workspace's calibration when there is reason to."""

    deeds: Deeds
    store: DecisionStore

    async def work(self, workspace_id: str) -> int | None:
        """The number of the new version; none when the verdicts are too few, or hardly more than before."""
        labels = await self.deeds.labels(workspace_id)
        scored = tuple((label.score, label.right) for label in labels)
        before = await self.store.calibration(workspace_id)
        if not enough(scored) or (before and before.fits and not _grown(scored, before.scored)):
            return None
        made = Calibration("", calibrated(scored, _base()), scored)
        sources = dict(Counter(str(label.source) for label in labels))
        error = crossed_error(scored)
        number = await self.store.add_calibration(workspace_id, made, sources, error)
        log.info("calibration.made", version=number, verdicts=len(scored), error=error)
        return number


def crossed_error(scored: Points) -> float:
    """The calibration error on verdicts that the curve has not seen, over five folds."""
    points = []
    for fold in range(FOLDS):
        seen = [one for at, one in enumerate(scored) if at % FOLDS != fold]
        curve = calibrated(seen, _base())
        points += held(curve, [one for at, one in enumerate(scored) if at % FOLDS == fold])
    return round(calibration_error(points), 4)


def _base() -> Curve:
    """What a site begins from, as long as it was made for the weights in use."""
    return shipped().curve if shipped().fits else IDENTITY


def held(curve: Curve, scored: Points) -> list[tuple[float, bool]]:
    """The scores as the curve reads them."""
    return [(curve.at(score).probability, right) for score, right in scored]


def calibration_error(points: Points) -> float:
    """Expected calibration error: how far, over ten equal bins, the mean probability is from the share right."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for probability, right in points:
        bins.setdefault(min(int(probability * BINS), BINS - 1), []).append((probability, right))
    apart = (abs(sum(p for p, _ in one) - sum(right for _, right in one)) for one in bins.values())
    return sum(apart) / max(1, len(points))


def _grown(scored: Sequence[object], before: Sequence[object]) -> bool:
    return abs(len(scored) - len(before)) > NEW_SHARE * len(before)
