"""Questions that must keep working: an admin's list, and whether each still holds in a snapshot."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from app.database import Database, new_id, now
from app.errors import Conflict, Invalid, NotFound
from app.insight.reviewing.foreseeing import Foreseen
from app.insight.reviewing.tables import ProbeRow

Expects = Literal["document", "url", "no_answer"]
MOST = 500


@dataclass(frozen=True, slots=True)
class Probe:
    """A question, and the document by id or address that must be read for it; or that nothing may be answered."""

    id: str
    question: str
    expects: Expects
    value: str = ""

    def verdict(self, seen: Foreseen) -> str:
        """What is wrong, as a sentence that names the question; empty when all is well."""
        if self.expects == "no_answer":
            return f"“{self.question}” must not be answered, and would be." if seen.answers else ""
        if not seen.answers:
            return f"“{self.question}” would no longer be answered."
        if not any(self.value in (one.document_id, one.url) for one in seen.read):
            return f"“{self.question}” would be answered from another document than the one expected."
        return ""


@dataclass(frozen=True, slots=True)
class ProbeStore:
    """The list of a workspace."""

    database: Database

    async def all(self, workspace_id: str) -> list[Probe]:
        """Every probe, the oldest first."""
        return await self.database.read(lambda session: _all(session, workspace_id))

    async def add(self, workspace_id: str, asked: Mapping[str, Any]) -> Probe:
        """Keep another one. Raises `Invalid` for one without an expected document, `Conflict` when there are many."""
        probe = _checked(new_id(), asked)
        await self.database.write(lambda session: _add(session, workspace_id, probe))
        return probe

    async def change(self, workspace_id: str, probe_id: str, asked: Mapping[str, Any]) -> tuple[Probe, Probe]:
        """Put another one in its place; (before, after)."""
        probe = _checked(probe_id, asked)
        return await self.database.write(lambda session: _change(session, workspace_id, probe)), probe

    async def remove(self, workspace_id: str, probe_id: str) -> Probe:
        """Take one off the list; what it was."""
        return await self.database.write(lambda session: _remove(session, workspace_id, probe_id))


def json_of(probe: Probe) -> dict[str, Any]:
    """A probe as admins see it."""
    return asdict(probe)


def _checked(probe_id: str, asked: Mapping[str, Any]) -> Probe:
    probe = Probe(probe_id, str(asked["question"]).strip(), asked["expects"], str(asked.get("value") or "").strip())
    if not probe.question:
        raise Invalid("A probe needs a question, as a customer would ask it.")
    if probe.expects != "no_answer" and not probe.value:
        raise Invalid("Say which document or address must be found, or that the question must not be answered.")
    return probe


def _all(session: Session, workspace_id: str) -> list[Probe]:
    mine = select(ProbeRow).where(col(ProbeRow.workspace_id) == workspace_id).order_by(col(ProbeRow.id))
    return [_probe(row) for row in session.execute(mine).scalars()]


def _probe(row: ProbeRow) -> Probe:
    return Probe(row.id, row.question, row.expects, row.value)  # type: ignore[arg-type]  # only these are stored


def _add(session: Session, workspace_id: str, probe: Probe) -> None:
    if len(_all(session, workspace_id)) >= MOST:
        raise Conflict(f"There are {MOST} probe questions already. Remove one before adding another.")
    session.execute(insert(ProbeRow).values(workspace_id=workspace_id, created_at=now(), **asdict(probe)))


def _change(session: Session, workspace_id: str, probe: Probe) -> Probe:
    before = _own(session, workspace_id, probe.id)
    session.execute(update(ProbeRow).where(col(ProbeRow.id) == probe.id).values(**asdict(probe)))
    return before


def _remove(session: Session, workspace_id: str, probe_id: str) -> Probe:
    before = _own(session, workspace_id, probe_id)
    session.execute(delete(ProbeRow).where(col(ProbeRow.id) == probe_id))
    return before


def _own(session: Session, workspace_id: str, probe_id: str) -> Probe:
    row = session.get(ProbeRow, probe_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("There is no such probe question.")
    return _probe(row)
