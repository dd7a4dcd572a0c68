"""Snapshots under an admin's hands: what is in each, how two differ, and which one answers."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.knowledge.comparing.alignment import Row
from app.knowledge.comparing.differences import Wanted
from app.knowledge.types import DocumentVersion, Snapshot
from app.web.identity import Admitted, App, Caller
from app.web.once import OnceRoute
from app.web.replies import json_of
from app.web.review_bodies import DiffSearch, Publishing, RowSearch
from app.wiring import Application

router = APIRouter(prefix="/api/admin/snapshots", tags=["snapshots"], route_class=OnceRoute)


@router.get("")
async def list_snapshots(application: App, caller: Admitted) -> Response:
    """The newest snapshots first; `previous` is the one to which a rollback returns."""
    snapshots = await application.library.latest_snapshots(caller.workspace_id)
    _, previous = await application.library.snapshots.standing(caller.workspace_id)
    return json_of({"data": [_snapshot(one) for one in snapshots], "previous": previous, "next": None})


@router.get("/{snapshot_id}")
async def read_snapshot(application: App, caller: Admitted, snapshot_id: str) -> Response:
    """One snapshot."""
    return json_of(_snapshot(await application.library.snapshots.get(caller.workspace_id, snapshot_id)))


@router.get("/{snapshot_id}/diff")
async def compare_snapshots(
    application: App, caller: Admitted, snapshot_id: str, sought: Annotated[DiffSearch, Query()]
) -> Response:
    """What differs from the published snapshot, or from another one, and a page of the documents that do."""
    comparison = application.library.comparison
    sides = await comparison.sides(caller.workspace_id, snapshot_id, sought.against)
    rows = await comparison.documents(sides, Wanted(sought.change, sought.words, sought.after, sought.limit))
    told = {"snapshot_id": snapshot_id, "against": sides.before and sides.before.id}
    if not sought.after:
        told |= await comparison.summary(sides)
    return json_of({**told, "data": rows, "next": rows[-1]["id"] if len(rows) == sought.limit else None})


@router.get("/{snapshot_id}/diff/{document_id}")
async def compare_document(
    application: App, caller: Admitted, snapshot_id: str, document_id: str, sought: Annotated[RowSearch, Query()]
) -> Response:
    """The passages of one document side by side, with the words that changed."""
    sides = await application.library.comparison.sides(caller.workspace_id, snapshot_id, sought.against)
    shown = await application.library.comparison.document(sides, document_id)
    end = sought.after + sought.limit
    rows = [_row(one) for one in shown.rows[sought.after : end]]
    about = {name: {"before": old, "after": new} for name, (old, new) in shown.about.items()}
    ends = {"before": _version(shown.before), "after": _version(shown.after), "about": about}
    return json_of({**ends, "data": rows, "next": end if end < len(shown.rows) else None})


@router.post("/{snapshot_id}/publish")
async def publish_snapshot(
    application: App, caller: Admitted, snapshot_id: str, body: Publishing | None = None
) -> Response:
    """Let this snapshot answer; 409 with the reasons when it waits for review, unless it is to answer `anyway`."""
    anyway = body is not None and body.anyway
    overridden = await application.library.publish(caller.workspace_id, snapshot_id, anyway=anyway)
    return await _published(application, caller, "snapshot.published", snapshot_id, overridden)


@router.post("/rollback")
async def roll_back_snapshot(application: App, caller: Admitted) -> Response:
    """Return to the snapshot that answered before."""
    snapshot_id = await application.library.rollback(caller.workspace_id)
    return await _published(application, caller, "snapshot.rolled_back", snapshot_id)


async def _published(
    application: Application, caller: Caller, action: str, snapshot_id: str, overridden: Sequence[str] = ()
) -> Response:
    after = {"overridden": list(overridden)} if overridden else None
    await application.audit.record(caller.workspace_id, caller.actor, action, f"snapshot:{snapshot_id}", after=after)
    snapshot = await application.library.snapshots.get(caller.workspace_id, snapshot_id)
    return json_of(_snapshot(snapshot))


def _snapshot(snapshot: Snapshot) -> dict[str, Any]:
    hidden = {"workspace_id", "cut"}
    return {name: value for name, value in asdict(snapshot).items() if name not in hidden}


def _version(version: DocumentVersion | None) -> dict[str, Any] | None:
    return {"number": version.number, "title": version.title, "url": version.url} if version else None


def _row(row: Row) -> dict[str, Any]:
    sides = {side: [stretch._asdict() for stretch in getattr(row, side)] for side in ("before", "after")}
    return {"kind": row.kind, "heading": row.heading, "passages": row.passages, **sides}
