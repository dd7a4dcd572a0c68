"""How sources are shown: operations on a session, for the store of sources."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from app.knowledge.sourcing.types import AGAIN, Source
from app.knowledge.tables import DocumentRow, MemberRow, PublicationRow, RunRow


def shown(session: Session, workspace_id: str, sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Each source with how many of its documents are published, and what came of its newest run."""
    documents, runs = _documents(session, workspace_id), _newest_runs(session, workspace_id)
    return [_json(source, documents.get(source.id, 0), runs.get(source.name)) for source in sources]


def _documents(session: Session, workspace_id: str) -> dict[str, int]:
    published = select(col(PublicationRow.snapshot_id)).where(col(PublicationRow.workspace_id) == workspace_id)
    query = (
        select(col(DocumentRow.source_id), func.count())
        .join(MemberRow, col(MemberRow.document_id) == col(DocumentRow.id))
        .where(col(MemberRow.snapshot_id) == published.scalar_subquery())
        .group_by(col(DocumentRow.source_id))
    )
    return {str(row[0]): int(row[1]) for row in session.execute(query)}


def _newest_runs(session: Session, workspace_id: str) -> dict[str, RunRow]:
    newest = (
        select(func.max(col(RunRow.id))).where(col(RunRow.workspace_id) == workspace_id).group_by(col(RunRow.source))
    )
    rows = session.execute(select(RunRow).where(col(RunRow.id).in_(newest))).scalars()
    return {row.source: row for row in rows}


def _json(source: Source, documents: int, run: RunRow | None) -> dict[str, Any]:
    hidden = {"workspace_id", "last_run_at", "next_run_at", "created_at"}
    values = {name: getattr(source, name) for name in Source.__dataclass_fields__ if name not in hidden}
    last = run and {
        "id": run.id,
        "state": run.state,
        "counts": run.counts,
        "error": run.error,
        "created_at": run.created_at.isoformat(),
    }
    moments = {
        "next_run_at": source.next_run_at.isoformat() if source.next_run_at else None,
        "created_at": source.created_at.isoformat() if source.created_at else None,
    }
    return {**values, **moments, "documents": documents, "last_run": last, "again": source.kind in AGAIN}
