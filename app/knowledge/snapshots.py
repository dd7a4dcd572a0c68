"""The only place that reads or writes snapshots: what belongs to one, and which one answers."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from app.database import Database, new_id, now
from app.errors import NotFound, Unavailable
from app.knowledge import contents, publication
from app.knowledge.contents import Member
from app.knowledge.derived import Form, insert_missing
from app.knowledge.overriding.tables import OutcomeRow
from app.knowledge.overriding.types import Outcome
from app.knowledge.tables import ArtefactRow, MemberRow, SnapshotRow
from app.knowledge.types import DocumentVersion, Passage, Snapshot, Vectors


class Plan(NamedTuple):
    """What a new snapshot is made of."""

    fingerprint: str
    cut: str
    members: Mapping[str, Form]
    run_id: str | None = None
    outcomes: Sequence[Outcome] = ()


@dataclass(frozen=True, slots=True)
class SnapshotStore:
    """Snapshots never change once they are ready. One row for each workspace says which one answers."""

    database: Database

    async def published_id(self, workspace_id: str) -> str | None:
        """Which snapshot answers now."""
        return (await self.standing(workspace_id))[0]

    async def standing(self, workspace_id: str) -> tuple[str | None, str | None]:
        """Which snapshot answers now, and to which one a rollback returns."""
        return await self.database.read(lambda session: publication.standing(session, workspace_id))

    async def get(self, workspace_id: str, snapshot_id: str) -> Snapshot:
        """One snapshot."""
        return await self.database.read(lambda session: _get(session, workspace_id, snapshot_id))

    async def latest(self, workspace_id: str, limit: int = 50) -> list[Snapshot]:
        """The newest snapshots first."""
        return await self.database.read(lambda session: _latest(session, workspace_id, limit))

    async def members(self, workspace_id: str, snapshot_id: str | None) -> list[Member]:
        """The documents of a snapshot; none without one."""
        return await self.database.read(lambda session: contents.members(session, workspace_id, snapshot_id))

    async def begin(self, workspace_id: str, plan: Plan) -> str:
        """Write down what a new snapshot consists of. It cannot be published before it is `ready`."""
        return await self.database.write(lambda session: _begin(session, workspace_id, plan))

    async def ready(self, workspace_id: str, snapshot_id: str, passages: int, lexical: bytes) -> None:
        """The indexes of the snapshot are whole, and here is the one that other machines fetch."""
        await self.database.write(lambda session: _ready(session, workspace_id, snapshot_id, passages, lexical))

    async def fail(self, workspace_id: str, snapshot_id: str) -> None:
        """Give up on a snapshot that was being built."""
        await self.database.write(lambda session: _set_state(session, workspace_id, snapshot_id, "failed"))

    async def unfinished(self, workspace_id: str) -> list[tuple[str, str | None]]:
        """(snapshot, run) of those still being built, by live runs or dead ones."""
        return await self.database.read(lambda session: _unfinished(session, workspace_id))

    async def publish(self, workspace_id: str, snapshot_id: str, *, anyway: bool = False) -> None:
        """Let this snapshot answer from now on; `Conflict` when something speaks against it, unless `anyway`."""
        await self.database.write(
            lambda session: publication.publish(session, workspace_id, snapshot_id, anyway=anyway)
        )

    async def hold(self, workspace_id: str, snapshot_id: str, reasons: Sequence[Mapping[str, Any]]) -> None:
        """Keep why this snapshot should wait: {sentence, stops} each; none, when nothing speaks against it."""
        await self.database.write(lambda session: publication.hold(session, workspace_id, snapshot_id, reasons))

    async def succeed(self, workspace_id: str, snapshot_id: str, base_id: str | None) -> bool:
        """Publish unless something else than the snapshot it was made from is published by now."""
        return await self.database.write(
            lambda session: publication.succeed(session, workspace_id, snapshot_id, base_id)
        )

    async def rollback(self, workspace_id: str) -> str:
        """Return to the snapshot that answered before; doing it twice comes back."""
        return await self.database.write(lambda session: publication.rollback(session, workspace_id))

    async def passages(self, snapshot: Snapshot) -> list[Passage]:
        """All passages of a snapshot, in the order of its documents."""
        return await self.database.read(lambda session: contents.passages(session, snapshot))

    async def vectors(self, snapshot: Snapshot) -> tuple[list[str], Vectors]:
        """The ids of a snapshot's passages and what an index holds of them, from which any can be made again."""
        return await self.database.read(lambda session: contents.vectors(session, snapshot))

    async def own_vectors(self, snapshot: Snapshot) -> tuple[list[str], Vectors]:
        """The ids of a snapshot's passages and the vector of each alone, for comparing passages with each other."""
        return await self.database.read(lambda session: contents.own_vectors(session, snapshot))

    async def lexical(self, workspace_id: str, snapshot_id: str) -> bytes:
        """The stored lexical index, checked against its sha256."""
        return await self.database.read(lambda session: _lexical(session, workspace_id, snapshot_id))

    async def outdated(self, workspace_id: str, keep: int) -> list[str]:
        """Snapshots whose indexes are no longer needed: not published, not the way back, not among the newest."""
        return await self.database.read(lambda session: publication.outdated(session, workspace_id, keep))

    async def unknown(self, ids: Sequence[str]) -> list[str]:
        """Those that are no snapshot of any workspace, or one that failed."""
        return await self.database.read(lambda session: publication.unknown(session, ids))

    async def forget_index(self, workspace_id: str, snapshot_id: str) -> None:
        """Drop the stored lexical index; it can be made again."""
        await self.database.write(lambda session: _forget(session, workspace_id, snapshot_id))

    async def versions(self, workspace_id: str, snapshot_id: str) -> list[DocumentVersion]:
        """Every document of a snapshot with its text."""
        return await self.database.read(lambda session: contents.versions(session, workspace_id, snapshot_id))

    async def listed(self, workspace_id: str, snapshot_id: str, after: str, limit: int) -> list[dict[str, Any]]:
        """The documents of a snapshot as an admin sees them, in the order of their ids."""
        return await self.database.read(
            lambda session: contents.listed(session, workspace_id, snapshot_id, after, limit)
        )


def _get(session: Session, workspace_id: str, snapshot_id: str) -> Snapshot:
    row = session.get(SnapshotRow, snapshot_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound(f"There is no snapshot {snapshot_id}.")
    return _snapshot(row, publication.standing(session, workspace_id)[0])


def _latest(session: Session, workspace_id: str, limit: int) -> list[Snapshot]:
    published, _ = publication.standing(session, workspace_id)
    mine = select(SnapshotRow).where(col(SnapshotRow.workspace_id) == workspace_id)
    rows = session.execute(mine.order_by(col(SnapshotRow.created_at).desc(), col(SnapshotRow.id).desc()).limit(limit))
    return [_snapshot(row, published) for row in rows.scalars()]


def _snapshot(row: SnapshotRow, published: str | None) -> Snapshot:
    state = row.state
    if state == "ready" and row.published_at:
        state = "published" if row.id == published else "retired"
    elif state == "ready" and row.reasons:
        state = "waiting"
    return Snapshot(
        row.id,
        row.workspace_id,
        state,
        row.fingerprint,
        row.cut,
        row.documents,
        row.passages,
        row.run_id,
        row.created_at,
        row.published_at,
        tuple(row.reasons),
    )


def _begin(session: Session, workspace_id: str, plan: Plan) -> str:
    snapshot_id = new_id()
    fields = {"id": snapshot_id, "workspace_id": workspace_id, "state": "building", "created_at": now(), "passages": 0}
    made_of = {"fingerprint": plan.fingerprint, "cut": plan.cut, "run_id": plan.run_id, "documents": len(plan.members)}
    session.execute(insert(SnapshotRow).values(**fields, **made_of))
    rows = [
        {"snapshot_id": snapshot_id, "document_id": key, "workspace_id": workspace_id, **form._asdict()}
        for key, form in plan.members.items()
    ]
    insert_missing(session, MemberRow, rows)
    of_snapshot = {"snapshot_id": snapshot_id, "workspace_id": workspace_id}
    insert_missing(session, OutcomeRow, [of_snapshot | one._asdict() for one in plan.outcomes])
    return snapshot_id


def _ready(session: Session, workspace_id: str, snapshot_id: str, passages: int, lexical: bytes) -> None:
    _store_lexical(session, workspace_id, snapshot_id, lexical)
    mine = (col(SnapshotRow.id) == snapshot_id) & (col(SnapshotRow.workspace_id) == workspace_id)
    session.execute(update(SnapshotRow).where(mine).values(state="ready", passages=passages))


def _store_lexical(session: Session, workspace_id: str, snapshot_id: str, lexical: bytes) -> None:
    row = {"snapshot_id": snapshot_id, "name": "lexical", "workspace_id": workspace_id, "data": lexical}
    insert_missing(session, ArtefactRow, [{**row, "sha256": hashlib.sha256(lexical).hexdigest()}])


def _set_state(session: Session, workspace_id: str, snapshot_id: str, state: str) -> None:
    mine = (col(SnapshotRow.id) == snapshot_id) & (col(SnapshotRow.workspace_id) == workspace_id)
    session.execute(update(SnapshotRow).where(mine).values(state=state))


def _unfinished(session: Session, workspace_id: str) -> list[tuple[str, str | None]]:
    mine = (col(SnapshotRow.workspace_id) == workspace_id) & (col(SnapshotRow.state) == "building")
    return [
        (row.id, row.run_id)
        for row in session.execute(select(col(SnapshotRow.id), col(SnapshotRow.run_id)).where(mine))
    ]


def _lexical(session: Session, workspace_id: str, snapshot_id: str) -> bytes:
    row = session.get(ArtefactRow, (snapshot_id, "lexical"))
    if row is None or row.workspace_id != workspace_id:
        raise NotFound(f"The lexical index of snapshot {snapshot_id} is not stored.")
    if hashlib.sha256(row.data).hexdigest() != row.sha256:
        raise Unavailable(f"The stored lexical index of snapshot {snapshot_id} is damaged.")
    return row.data


def _forget(session: Session, workspace_id: str, snapshot_id: str) -> None:
    mine = (col(ArtefactRow.snapshot_id) == snapshot_id) & (col(ArtefactRow.workspace_id) == workspace_id)
    session.execute(delete(ArtefactRow).where(mine))
