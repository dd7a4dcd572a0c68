"""The calibration that ships with the product, and whether it still fits the weights."""

import hashlib
import json
from functools import cache
from pathlib import Path

from app.answering.deciding.calibration import Calibration
from app.answering.deciding.curve import Curve
from app.answering.deciding.prior import SITE
from app.answering.decision import fingerprint

PLACE = Path(__file__).with_name("shipped.json")


@cache
def shipped() -> Calibration:
    """Made by scripts/fit_calibration.py from public question sets."""
    text = PLACE.read_text(encoding="utf-8")
    stored = json.loads(text)
    version = f"shipped-{hashlib.sha256(f'{text}{SITE}'.encode()).hexdigest()[:8]}"
    scored = tuple(pair for pairs in shipped_sets().values() for pair in pairs)
    return Calibration(version, Curve.of(stored["curve"]), scored, fits=stored["weights"] == fingerprint())


@cache
def shipped_sets() -> dict[str, list[tuple[float, bool]]]:
    """The scores and outcomes behind it, by question set."""
    sets = json.loads(PLACE.read_text(encoding="utf-8"))["sets"]
    outcomes = (("right", True), ("wrong", False))
    return {name: [(score, label) for kind, label in outcomes for score in one[kind]] for name, one in sets.items()}
