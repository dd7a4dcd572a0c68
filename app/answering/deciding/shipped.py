"""The calibration that ships with the product, and whether it still fits the weights."""

import hashlib
import json
from functools import cache
from itertools import chain
from pathlib import Path

from app.answering.deciding.calibration import Calibration
from app.answering.deciding.curve import Curve
from app.answering.deciding.prior import MIX, mixed
from app.answering.decision import fingerprint

PLACE = Path(__file__).with_name("shipped.json")
Scored = list[tuple[float, bool]]


@cache
def shipped() -> Calibration:
    """Made by scripts/fit_calibration.py from question sets with known answers, in the mixture of `prior.py`."""
    text = PLACE.read_text(encoding="utf-8")
    stored = json.loads(text)
    version = f"shipped-{hashlib.sha256(f'{text}{MIX}'.encode()).hexdigest()[:8]}"
    scored = tuple(mixed({kind: list(chain(*(one[kind] for one in shipped_kinds().values()))) for kind in MIX}))
    return Calibration(version, Curve.of(stored["curve"]), scored, fits=stored["weights"] == fingerprint())


def shipped_sets() -> dict[str, Scored]:
    """The scores and outcomes behind it, by question set."""
    return {name: list(chain(*kinds.values())) for name, kinds in shipped_kinds().items()}


@cache
def shipped_kinds() -> dict[str, dict[str, Scored]]:
    """The scores and outcomes behind it, by question set and by kind of question."""
    sets = json.loads(PLACE.read_text(encoding="utf-8"))["sets"]
    return {name: {kind: _pairs(one) for kind, one in kinds.items()} for name, kinds in sets.items()}


def _pairs(stored: dict[str, list[float]]) -> Scored:
    return [(score, label) for name, label in (("right", True), ("wrong", False)) for score in stored[name]]
