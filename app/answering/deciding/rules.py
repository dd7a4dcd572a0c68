"""What the bot may decide alone, ready for use: the policy of an admin together with a calibration."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.answering.deciding.curve import IDENTITY, Curve
from app.answering.deciding.office import OfficeHours
from app.answering.decision import fingerprint

FAILURES_BEFORE_OFFER = 2


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds are probabilities as the curve gives them.

    From `answer_from` on the bot answers, from `caveat_from` on it answers and says that it is not sure; below, nothing
    is shown and an agent gets a draft. Below `try_from` no model is asked.
    """

    never_auto: tuple[str, ...] = ()
    answer_from: float = 0.5
    caveat_from: float = 0.12
    try_from: float = 0.06
    failures_before_offer: int = FAILURES_BEFORE_OFFER
    version: str = "policy-0"
    calibration: str = "none"
    curve: Curve = IDENTITY
    office: OfficeHours | None = None

    @property
    def name(self) -> str:
        """Policy and calibration by their versions."""
        return f"{self.version}/{self.calibration}"

    def json(self) -> dict[str, Any]:
        """What a turn keeps of them: versions and thresholds. Topics and curve stand under the versions."""
        names = ("version", "calibration", "answer_from", "caveat_from", "try_from", "failures_before_offer")
        return {name: getattr(self, name) for name in names} | {"weights": fingerprint()}


Standing = Callable[[str], Rules]
"""The rules that stand now in a workspace."""


def always(rules: Rules) -> Standing:
    """Rules that nobody changes."""
    return lambda _: rules
