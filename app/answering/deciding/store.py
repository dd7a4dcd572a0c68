"""Keeps policies, calibrations and agents' verdicts. Every version stays: old decisions can be computed again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlmodel import Session, col

from app.answering.deciding.calibration import OWN, Calibration
from app.answering.deciding.curve import Curve
from app.answering.deciding.policy import Policy
from app.answering.deciding.tables import CalibrationRow, PolicyRow, VerdictRow
from app.answering.decision import fingerprint
from app.database import Database
from app.errors import Conflict


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy as it was set, by whom and when."""

    policy: Policy
    version: int
    made_by: str
    made_at: datetime

    def json(self) -> dict[str, Any]:
        """As an admin sees it."""
        return {**self.policy.json(), "version": self.version, "by": self.made_by, "at": self.made_at.isoformat()}


@dataclass(frozen=True, slots=True)
class DecisionStore:
    """The only place that reads or writes what decisions rest on."""

    database: Database

    async def policies(self, workspace_id: str, limit: int = 50) -> list[PolicyVersion]:
        """The newest versions first."""
        return await self.database.read(lambda session: _policies(session, workspace_id, limit))

    async def policy_at(self, workspace_id: str, version: int) -> PolicyVersion | None:
        """One version."""
        return await self.database.read(lambda session: _policy(session, workspace_id, version))

    async def add_policy(self, workspace_id: str, policy: Policy, made_by: str, seen: int) -> int:
        """Keep a new version; its number. Raises `Conflict` when another was kept after version `seen`."""
        return await self.database.write(lambda session: _add_policy(session, workspace_id, policy, made_by, seen))

    async def calibration(self, workspace_id: str, version: int | None = None) -> Calibration | None:
        """The newest calibration from the workspace's own verdicts, or one version."""
        return await self.database.read(lambda session: _calibration(session, workspace_id, version))

    async def calibrations(self, workspace_id: str, limit: int = 20) -> list[dict[str, Any]]:
        """What is told of the newest ones."""
        return await self.database.read(lambda session: _calibrations(session, workspace_id, limit))

    async def add_calibration(self, workspace_id: str, made: Calibration, sources: dict[str, int], error: float) -> int:
        """Keep a calibration; its number."""
        return await self.database.write(lambda session: _add_calibration(session, workspace_id, made, sources, error))

    async def said(self, workspace_id: str, turns: Collection[str]) -> dict[str, bool]:
        """What agents said of these answers."""
        return await self.database.read(lambda session: _said(session, workspace_id, turns))

    async def say(self, workspace_id: str, turn_id: str, person: str, *, right: bool | None) -> None:
        """Keep what an agent says of an answer; none takes it back."""
        await self.database.write(lambda session: _say(session, workspace_id, turn_id, person, right=right))


def _policies(session: Session, workspace_id: str, limit: int) -> list[PolicyVersion]:
    mine = select(PolicyRow).where(col(PolicyRow.workspace_id) == workspace_id)
    rows = session.execute(mine.order_by(col(PolicyRow.version).desc()).limit(limit)).scalars()
    return [_version(row) for row in rows]


def _policy(session: Session, workspace_id: str, version: int) -> PolicyVersion | None:
    row = session.get(PolicyRow, (workspace_id, version))
    return _version(row) if row else None


def _version(row: PolicyRow) -> PolicyVersion:
    return PolicyVersion(Policy().changed(row.policy), row.version, row.made_by, row.created_at)


def _add_policy(session: Session, workspace_id: str, policy: Policy, made_by: str, seen: int) -> int:
    mine = select(func.max(col(PolicyRow.version))).where(col(PolicyRow.workspace_id) == workspace_id)
    newest = session.execute(mine).scalar_one() or 0
    if newest != seen:
        raise Conflict(f"The policy is at version {newest} now; you saw version {seen}. Reload it first.")
    row = PolicyRow(workspace_id=workspace_id, version=newest + 1, policy=policy.json(), made_by=made_by)
    session.execute(insert(PolicyRow).values(row.model_dump()))
    return newest + 1


def _calibration(session: Session, workspace_id: str, version: int | None) -> Calibration | None:
    mine = select(CalibrationRow).where(col(CalibrationRow.workspace_id) == workspace_id)
    if version is not None:
        mine = mine.where(col(CalibrationRow.version) == version)
    row = session.execute(mine.order_by(col(CalibrationRow.version).desc()).limit(1)).scalar_one_or_none()
    if row is None:
        return None
    scored = tuple((score, bool(right)) for score, right in row.scored)
    fits = row.weights == fingerprint()
    return Calibration(f"{OWN}{row.version}", Curve.of(row.curve), scored, row.created_at, fits)


def _calibrations(session: Session, workspace_id: str, limit: int) -> list[dict[str, Any]]:
    mine = select(CalibrationRow).where(col(CalibrationRow.workspace_id) == workspace_id)
    rows = session.execute(mine.order_by(col(CalibrationRow.version).desc()).limit(limit)).scalars()
    return [
        {
            "version": f"{OWN}{row.version}",
            "verdicts": len(row.scored),
            "right": sum(right for _, right in row.scored),
            "sources": row.sources,
            "error": row.error,
            "at": row.created_at.isoformat(),
        }
        for row in rows
    ]


def _add_calibration(
    session: Session, workspace_id: str, made: Calibration, sources: dict[str, int], error: float
) -> int:
    mine = select(func.max(col(CalibrationRow.version))).where(col(CalibrationRow.workspace_id) == workspace_id)
    number = (session.execute(mine).scalar_one() or 0) + 1
    row = CalibrationRow(
        workspace_id=workspace_id,
        version=number,
        weights=fingerprint(),
        curve=made.curve.json(),
        scored=[[score, float(right)] for score, right in made.scored],
        sources=sources,
        error=error,
    )
    session.execute(insert(CalibrationRow).values(row.model_dump()))
    return number


def _said(session: Session, workspace_id: str, turns: Collection[str]) -> dict[str, bool]:
    mine = (col(VerdictRow.workspace_id) == workspace_id) & col(VerdictRow.turn_id).in_(turns)
    return {row.turn_id: row.right for row in session.execute(select(VerdictRow).where(mine)).scalars()}


def _say(session: Session, workspace_id: str, turn_id: str, person: str, *, right: bool | None) -> None:
    mine = (col(VerdictRow.turn_id) == turn_id) & (col(VerdictRow.workspace_id) == workspace_id)
    session.execute(delete(VerdictRow).where(mine))
    if right is not None:
        row = VerdictRow(turn_id=turn_id, workspace_id=workspace_id, right=right, person=person)
        session.execute(insert(VerdictRow).values(row.model_dump()))
