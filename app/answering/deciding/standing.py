"""The rules that stand now: followed by every process without a restart, and never left for worse ones."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.answering.deciding.calibration import OWN, Calibration
from app.answering.deciding.policy import Policy, rules_of
from app.answering.deciding.rules import Rules
from app.answering.deciding.shipped import shipped
from app.answering.deciding.store import DecisionStore
from app.errors import Conflict, NotFound

SETTINGS = "settings"
"""Who made a policy that stands in the settings."""


@dataclass(frozen=True, slots=True)
class Force:
    """What is in force in a workspace."""

    policy: Policy
    version: int
    calibration: Calibration
    rules: Rules

    @classmethod
    def of(cls, policy: Policy, version: int, calibration: Calibration) -> "Force":
        """With the rules that follow."""
        return cls(policy, version, calibration, rules_of(policy, version, calibration))


@dataclass(frozen=True, slots=True)
class Policies:
    """Holds what is in force. `written` is the policy of the settings, which stands until another is kept."""

    store: DecisionStore
    written: Policy
    _held: dict[str, Force] = field(default_factory=dict)

    def force(self, workspace_id: str) -> Force:
        """What is in force, as it was last looked up."""
        if workspace_id not in self._held:
            self._held[workspace_id] = Force.of(self.written, 0, shipped())
        return self._held[workspace_id]

    def rules(self, workspace_id: str) -> Rules:
        """The rules that stand now."""
        return self.force(workspace_id).rules

    async def change(self, workspace_id: str, wanted: Mapping[str, Any], made_by: str, seen: int | None) -> Force:
        """Let a changed policy stand from now on. Raises `Invalid` or `Conflict`, and then everything stays."""
        await self.look(workspace_id)
        force = self.force(workspace_id)
        if seen is not None and seen != force.version:
            raise Conflict(f"The policy is at version {force.version} now; you saw version {seen}. Reload it first.")
        await self.store.add_policy(workspace_id, force.policy.changed(wanted), made_by, force.version)
        await self.look(workspace_id)
        return self.force(workspace_id)

    async def open(self, workspace_id: str) -> None:
        """Keep the settings' policy as a version when it is new and no admin has set another; then look."""
        newest = await self.store.policies(workspace_id, 1)
        if not newest or (newest[0].made_by == SETTINGS and newest[0].policy != self.written):
            with contextlib.suppress(Conflict):  # another process that starts just now was first
                seen = newest[0].version if newest else 0
                await self.store.add_policy(workspace_id, self.written, SETTINGS, seen)
        await self.look(workspace_id)

    async def look(self, workspace_id: str) -> None:
        """Let the newest kept policy and calibration stand."""
        newest = await self.store.policies(workspace_id, 1)
        own = await self.store.calibration(workspace_id)
        held = self.force(workspace_id)
        calibration = own if own and own.fits else shipped()
        policy, version = (newest[0].policy, newest[0].version) if newest else (self.written, 0)
        if (version, calibration.version) != (held.version, held.calibration.version):
            self._held[workspace_id] = Force.of(policy, version, calibration)

    async def rules_at(self, workspace_id: str, version: str, calibration: str) -> Rules:
        """The rules of an earlier decision. Raises `NotFound` when they are no longer known."""
        number = int(version.removeprefix("policy-") or 0)
        kept = await self.store.policy_at(workspace_id, number) if number else None
        curve = await self._calibration_at(workspace_id, calibration)
        if curve is None or (number and kept is None):
            raise NotFound(f"The rules {version}/{calibration} of this decision are no longer known.")
        return rules_of(kept.policy if kept else self.written, number, curve)

    async def _calibration_at(self, workspace_id: str, name: str) -> Calibration | None:
        if not name.startswith(OWN):
            return shipped() if name == shipped().version else None
        return await self.store.calibration(workspace_id, int(name.removeprefix(OWN)))
