"""What the shell can do with snapshots: list them, compare two, publish one, go back."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import typer

from app.accounts.audit import Audit
from app.accounts.types import SYSTEM
from app.errors import NotFound
from app.knowledge.comparing.differences import CHANGES, Sides, Wanted
from app.knowledge.library import Library
from app.knowledge.types import Snapshot
from ingest.workshop import within

PAGE = 200
SIGNS = {"added": "+", "changed": "~", "removed": "-"}
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, one object a line.")]
snapshots = typer.Typer(no_args_is_help=False, invoke_without_command=True, help="Versions of the knowledge base.")


@snapshots.callback()
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_snapshots()


@snapshots.command("list")
def list_snapshots(as_json: Json = False) -> None:
    """The newest snapshots first."""
    for snapshot in asyncio.run(within(lambda library, workspace_id: library.latest_snapshots(workspace_id))):
        typer.echo(json.dumps(_json(snapshot)) if as_json else _line(snapshot))


@snapshots.command("diff")
def compare(
    snapshot_id: Annotated[str | None, typer.Argument(help="By default the newest one.")] = None,
    against: Annotated[str | None, typer.Option(help="By default the published one, or what it replaced.")] = None,
    as_json: Json = False,
) -> None:
    """What a snapshot adds, changes and removes: one line for each document, and the counts last."""
    for one in asyncio.run(
        within(lambda library, workspace_id: _compared(library, workspace_id, snapshot_id, against))
    ):
        typer.echo(json.dumps(one, ensure_ascii=False) if as_json else _readable(one))


async def _compared(
    library: Library, workspace_id: str, snapshot_id: str | None, against: str | None
) -> list[dict[str, Any]]:
    sides = await library.comparison.sides(workspace_id, snapshot_id or await _newest(library, workspace_id), against)
    counts = await library.comparison.summary(sides)
    told = {"snapshot_id": sides.after.id, "against": sides.before and sides.before.id, **counts}
    return [*[one async for one in _documents(library, sides)], told]


async def _newest(library: Library, workspace_id: str) -> str:
    for snapshot in await library.latest_snapshots(workspace_id):
        if snapshot.state not in ("building", "failed"):
            return snapshot.id
    raise NotFound("There is no snapshot yet. Run `answerdesk ingest` first.")


async def _documents(library: Library, sides: Sides) -> AsyncIterator[dict[str, Any]]:
    for change in CHANGES:
        after = ""
        while page := await library.comparison.documents(sides, Wanted(change, after=after, limit=PAGE)):
            for one in page:
                yield one
            after = page[-1]["id"]


def _readable(one: dict[str, Any]) -> str:
    if "passages" in one:
        return _counted(one)
    return f"{SIGNS[one['change']]} {one['source']}/{one['external_id']}  {one['title']}"


def _counted(told: dict[str, Any]) -> str:
    documents = ", ".join(f"{told['documents'][change]} {change}" for change in CHANGES)
    passages = ", ".join(f"{count} {name}" for name, count in told["passages"].items())
    return f"Documents: {documents}. Passages: {passages}. Compared with {told['against'] or 'nothing'}."


@snapshots.command()
def publish(
    snapshot_id: str,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also when a review found reasons against it.")] = False,
) -> None:
    """Let a snapshot answer from now on."""
    asyncio.run(within(lambda library, workspace_id: _publish(library, workspace_id, snapshot_id, anyway=anyway)))
    typer.echo(f"Snapshot {snapshot_id} is published.")


async def _publish(library: Library, workspace_id: str, snapshot_id: str, *, anyway: bool) -> None:
    overridden = await library.publish(workspace_id, snapshot_id, anyway=anyway)
    await _note(library, workspace_id, "snapshot.published", snapshot_id, overridden)


@snapshots.command()
def rollback() -> None:
    """Return to the snapshot that answered before."""
    snapshot_id = asyncio.run(within(_roll_back))
    typer.echo(f"Snapshot {snapshot_id} is published again.")


async def _roll_back(library: Library, workspace_id: str) -> str:
    snapshot_id = await library.rollback(workspace_id)
    await _note(library, workspace_id, "snapshot.rolled_back", snapshot_id, ())
    return snapshot_id


async def _note(library: Library, workspace_id: str, action: str, snapshot_id: str, overridden: Sequence[str]) -> None:
    after = {"overridden": list(overridden)} if overridden else None
    audit = Audit(library.snapshots.database)
    await audit.record(workspace_id, SYSTEM, action, f"snapshot:{snapshot_id}", after=after)


def _json(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "state": snapshot.state,
        "documents": snapshot.documents,
        "passages": snapshot.passages,
        "fingerprint": snapshot.fingerprint,
        "created_at": snapshot.created_at.isoformat(),
        "published_at": snapshot.published_at.isoformat() if snapshot.published_at else None,
        "run_id": snapshot.run_id,
        "reasons": [one["sentence"] for one in snapshot.reasons],
    }


def _line(snapshot: Snapshot) -> str:
    size = f"{snapshot.documents} documents, {snapshot.passages} passages"
    line = f"{snapshot.id}  {snapshot.state:10} {snapshot.created_at:%Y-%m-%d %H:%M}  {size}"
    reasons = [one["sentence"] for one in snapshot.reasons] if snapshot.state == "waiting" else []
    return "\n    ".join([line, *reasons])
