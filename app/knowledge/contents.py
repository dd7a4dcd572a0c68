"""What is in a snapshot: operations on a session, for the store of snapshots."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from app.knowledge.articles import articles_of
from app.knowledge.derived import Form, as_vector
from app.knowledge.sections import with_sections
from app.knowledge.store import document_version
from app.knowledge.tables import DocumentRow, MemberRow, PassageRow, SourceRow, VectorRow, VersionRow
from app.knowledge.types import DocumentVersion, Passage, Snapshot, Vectors

SOURCE: Any = col(SourceRow.name).label("source")


class Member(NamedTuple):
    """A document in a snapshot, with the names it has outside. The hash is that of what its source gave."""

    source: str
    external_id: str
    document_id: str
    version: int
    cut: str
    origin: int
    content_hash: str

    @property
    def form(self) -> Form:
        """How it stands in the snapshot."""
        return Form(self.version, self.cut, self.origin)


def members(session: Session, workspace_id: str, snapshot_id: str | None) -> list[Member]:
    """The documents of a snapshot; none without one."""
    query = (
        select(
            col(SourceRow.name),
            col(DocumentRow.external_id),
            col(MemberRow.document_id),
            col(MemberRow.version),
            col(MemberRow.cut),
            col(MemberRow.origin),
            col(VersionRow.content_hash),
        )
        .join(DocumentRow, col(DocumentRow.id) == col(MemberRow.document_id))
        .join(SourceRow, col(SourceRow.id) == col(DocumentRow.source_id))
        .join(VersionRow, _of_the_source())
        .where(col(MemberRow.snapshot_id) == snapshot_id, col(MemberRow.workspace_id) == workspace_id)
    )
    return [Member(*row) for row in session.execute(query)]


def _of_the_source() -> Any:  # noqa: ANN401  # a condition of SQLAlchemy
    same_document = col(VersionRow.document_id) == col(MemberRow.document_id)
    return same_document & (col(VersionRow.number) == col(MemberRow.origin))


def _same_version() -> Any:  # noqa: ANN401  # a condition of SQLAlchemy
    same_document = col(VersionRow.document_id) == col(MemberRow.document_id)
    return same_document & (col(VersionRow.number) == col(MemberRow.version))


def versions(session: Session, workspace_id: str, snapshot_id: str) -> list[DocumentVersion]:
    """Every document of a snapshot with its text."""
    query = select(VersionRow).join(MemberRow, _same_version())
    mine = (col(MemberRow.snapshot_id) == snapshot_id) & (col(MemberRow.workspace_id) == workspace_id)
    return [document_version(row) for row in session.execute(query.where(mine)).scalars()]


def passages(session: Session, snapshot: Snapshot) -> list[Passage]:
    """All passages of a snapshot, in the order of its documents."""
    said = {one.document_id: one for one in versions(session, snapshot.workspace_id, snapshot.id)}
    place = (col(PassageRow.heading), col(PassageRow.start), col(PassageRow.end))
    wishes = (col(PassageRow.added), col(PassageRow.pins))
    columns = select(col(PassageRow.id), col(PassageRow.document_id), *place, *wishes)
    rows = session.execute(_in_snapshot(columns, snapshot))
    own = {article.document_id: f"/help/{article.slug}" for article in articles_of(said.values())}
    return [_passage(said[row.document_id], own.get(row.document_id, ""), row) for row in rows]


def _passage(version: DocumentVersion, own_url: str, row: Any) -> Passage:  # noqa: ANN401  # a row of the columns above
    """A document from elsewhere is linked where it came from, any other to its article in our help centre."""
    return Passage(
        id=row.id,
        document_id=version.document_id,
        version=version.number,
        title=version.title,
        url=version.url or own_url,
        heading=row.heading,
        text=version.text[row.start : row.end],
        start=row.start,
        end=row.end,
        locale=version.locale,
        audience=version.audience,
        added=row.added,
        pins=tuple(row.pins),
    )


def _in_snapshot(query: Any, snapshot: Snapshot) -> Any:  # noqa: ANN401  # a query of SQLAlchemy, with any columns
    mine = (col(MemberRow.snapshot_id) == snapshot.id) & (col(MemberRow.workspace_id) == snapshot.workspace_id)
    members = query.join(MemberRow, passages_of_members()).where(mine)
    return members.order_by(col(PassageRow.document_id), col(PassageRow.start))


def passages_of_members() -> Any:  # noqa: ANN401  # a condition of SQLAlchemy
    """Which passages belong to which members of snapshots: those of the version shown, cut as the member says."""
    same = col(PassageRow.document_id) == col(MemberRow.document_id)
    same &= col(PassageRow.version) == col(MemberRow.version)
    return (
        same
        & (col(PassageRow.cut) == col(MemberRow.cut))
        & (col(PassageRow.workspace_id) == col(MemberRow.workspace_id))
    )


def vectors(session: Session, snapshot: Snapshot) -> tuple[list[str], Vectors]:
    """The ids of a snapshot's passages and what an index holds of them."""
    rows = _vector_rows(session, snapshot)
    return [row.id for row in rows], with_sections(_stacked(rows), [(row.document_id, row.heading) for row in rows])


def own_vectors(session: Session, snapshot: Snapshot) -> tuple[list[str], Vectors]:
    """The ids of a snapshot's passages and the vector of each alone, without its section."""
    rows = _vector_rows(session, snapshot)
    return [row.id for row in rows], _stacked(rows)


def _vector_rows(session: Session, snapshot: Snapshot) -> Sequence[Any]:
    same = (col(VectorRow.workspace_id) == snapshot.workspace_id) & (col(VectorRow.hash) == col(PassageRow.hash))
    made = col(VectorRow.fingerprint) == snapshot.fingerprint
    columns = (col(PassageRow.id), col(PassageRow.document_id), col(PassageRow.heading), col(VectorRow.numbers))
    query = select(*columns).select_from(PassageRow).join(VectorRow, same & made)
    rows: Sequence[Any] = session.execute(_in_snapshot(query, snapshot)).all()
    return rows


def _stacked(rows: Sequence[Any]) -> Vectors:
    if not rows:
        return np.zeros((0, 1), dtype=np.float32)
    return np.stack([as_vector(row.numbers) for row in rows])


def listed(session: Session, workspace_id: str, snapshot_id: str, after: str, limit: int) -> list[dict[str, Any]]:
    """The documents of a snapshot as an admin sees them, in the order of their ids."""
    passages = select(func.count()).select_from(PassageRow).where(passages_of_members()).scalar_subquery()
    query = (
        select(SOURCE, col(DocumentRow.external_id), VersionRow, passages.label("passages"))
        .select_from(MemberRow)
        .join(DocumentRow, col(DocumentRow.id) == col(MemberRow.document_id))
        .join(SourceRow, col(SourceRow.id) == col(DocumentRow.source_id))
        .join(VersionRow, _same_version())
        .where(col(MemberRow.snapshot_id) == snapshot_id, col(MemberRow.workspace_id) == workspace_id)
        .where(col(MemberRow.document_id) > after)
    )
    return [_document_json(row) for row in session.execute(query.order_by(col(MemberRow.document_id)).limit(limit))]


def _document_json(row: Any) -> dict[str, Any]:  # noqa: ANN401  # a row of the query above
    version: VersionRow = row.VersionRow
    return {
        "id": version.document_id,
        "source": row.source,
        "external_id": row.external_id,
        "title": version.title,
        "url": version.url,
        "version": version.number,
        "locale": version.locale,
        "audience": version.audience,
        "flags": version.flags,
        "updated_at": version.created_at.isoformat(),
        "passages": row.passages,
    }
