"""Computes a stored decision again, and says whether it comes out the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.answering.deciding.basis import Basis
from app.answering.deciding.outcomes import conclude
from app.answering.deciding.standing import Policies
from app.answering.decision import fingerprint
from app.errors import NotFound

COMPARED = ("name", "reason", "probability", "low", "high", "choices", "components")


@dataclass(frozen=True, slots=True)
class Again:
    """A decision as it was stored and as it comes out now. `trouble` says why it could not be computed."""

    turn_id: str
    stored: dict[str, Any]
    now: dict[str, Any] | None = None
    trouble: str = ""

    @property
    def differences(self) -> dict[str, Any]:
        """Each part that differs: [stored, now]."""
        if self.now is None:
            return {}
        now = self.now | {"components": _known(self.now["components"], self.stored["components"])}
        return {name: [self.stored[name], now[name]] for name in COMPARED if self.stored[name] != now[name]}

    def json(self) -> dict[str, Any]:
        """As an admin sees it."""
        same = self.now is not None and not self.differences
        told = {"turn_id": self.turn_id, "same": same, "stored": self.stored, "now": self.now}
        return {**told, "differences": self.differences, "trouble": self.trouble or None}


async def decided_again(policies: Policies, workspace_id: str, turn_id: str, record: Mapping[str, Any]) -> Again:
    """The decision of this turn, from the basis, the policy and the calibration that its record names."""
    stored, rules = dict(record["decision"]), record["rules"]
    if rules["weights"] != fingerprint():
        return Again(turn_id, stored, trouble="It was made with other weights than this version of Answerdesk has.")
    try:
        standing = await policies.rules_at(workspace_id, rules["version"], rules["calibration"])
    except NotFound as gone:
        return Again(turn_id, stored, trouble=gone.detail)
    return Again(turn_id, stored, conclude(Basis.of(record["basis"]), standing).json())


def _known(now: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Without the components that are new since the decision was stored."""
    return {name: value for name, value in now.items() if name in stored}
