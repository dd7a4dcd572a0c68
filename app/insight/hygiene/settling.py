"""From what a scan found to tasks: operations on a session, for the store of tasks."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from app.database import new_id, now
from app.insight.hygiene.findings import Finding
from app.insight.hygiene.tables import TaskRow

SCAN = "scan"


class Settled(NamedTuple):
    """How many tasks a scan made, opened again, closed because nothing is wrong any more, and left as they were."""

    new: int
    reopened: int
    gone: int
    same: int


def settle(
    session: Session, workspace_id: str, found: Sequence[Finding], kinds: Collection[str], owners: Mapping[str, str]
) -> Settled:
    """Make the tasks of these kinds agree with what was found. `owners` are people's ids by email address.

    What was dismissed stays so until it says something else; what was done is opened again when it is still there.
    """
    known = _known(session, workspace_id, kinds)
    findings = {finding.identity: finding for finding in found}
    new = [one for name, one in findings.items() if name not in known]
    again = [(known[name], one) for name, one in findings.items() if name in known]
    reopened = [(row, one) for row, one in again if _opens(row, one)]
    gone = [row["id"] for name, row in known.items() if row["state"] == "open" and name not in findings]
    _insert(session, workspace_id, new, owners)
    for row, one in again:
        opened = {"state": "open", "reason": "", "closed_by": ""} if _opens(row, one) else {}
        _update(session, [row["id"]], {**_said(one), **opened, "seen_at": now()})
    _update(session, gone, {"state": "done", "closed_by": SCAN, "updated_at": now()})
    return Settled(len(new), len(reopened), len(gone), len(again) - len(reopened))


def _known(session: Session, workspace_id: str, kinds: Collection[str]) -> dict[str, dict[str, str]]:
    columns = ("id", "identity", "fingerprint", "state")
    mine = (col(TaskRow.workspace_id) == workspace_id) & col(TaskRow.kind).in_(kinds)
    rows = session.execute(select(*(col(getattr(TaskRow, name)) for name in columns)).where(mine))
    return {row.identity: dict(zip(columns, row, strict=True)) for row in rows}


def _opens(row: Mapping[str, str], finding: Finding) -> bool:
    return row["state"] == "done" or (row["state"] == "dismissed" and row["fingerprint"] != finding.fingerprint)


def _said(finding: Finding) -> dict[str, Any]:
    return {"title": finding.title, "detail": finding.detail, "fingerprint": finding.fingerprint}


def _insert(session: Session, workspace_id: str, found: Sequence[Finding], owners: Mapping[str, str]) -> None:
    moment = now()
    rows = [
        {
            "id": new_id(),
            "workspace_id": workspace_id,
            "identity": one.identity,
            "kind": one.kind,
            **_said(one),
            "state": "open",
            "owner_id": owners.get(one.owner.strip().lower()),
            "reason": "",
            "closed_by": "",
            "created_at": moment,
            "updated_at": moment,
            "seen_at": moment,
        }
        for one in found
    ]
    if rows:
        session.execute(insert(TaskRow), rows)


def _update(session: Session, ids: Sequence[str], values: Mapping[str, Any]) -> None:
    if ids:
        session.execute(update(TaskRow).where(col(TaskRow.id).in_(ids)).values(**values))
