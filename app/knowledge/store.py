"""The only place that reads or writes documents, their versions, passages and vectors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, tuple_
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import NotFound
from app.knowledge import derived
from app.knowledge.derived import Cutting, Uncut, VersionKey, in_parts, insert_missing
from app.knowledge.readings import ENGLISH, PUBLIC, Reading
from app.knowledge.tables import DocumentRow, PassageRow, SourceRow, VectorRow, VersionRow
from app.knowledge.types import DocumentVersion, Passage, Vectors


@dataclass(frozen=True, slots=True)
class DocumentStore:
    """Documents and what was derived from them. All is only ever added, so that nothing cited disappears."""

    database: Database

    async def keep(self, workspace_id: str, source: str, readings: Sequence[Reading]) -> list[VersionKey]:
        """Store these documents, each as a new version unless one of its versions already says the same."""
        return await self.database.write(lambda session: _keep(session, workspace_id, source, readings))

    async def keep_edited(self, workspace_id: str, document_id: str, reading: Reading) -> int:
        """Store what a document says with the passages that were edited here; the number of that version."""
        return await self.database.write(lambda session: _keep_edited(session, workspace_id, document_id, reading))

    async def version(self, workspace_id: str, document_id: str, number: int) -> DocumentVersion:
        """One version, however old."""
        return await self.database.read(lambda session: _version(session, workspace_id, document_id, number))

    async def history(self, workspace_id: str, document_id: str) -> list[dict[str, Any]]:
        """The versions of a document without their texts, newest first; `NotFound` when there is no such document."""
        return await self.database.read(lambda session: _history(session, workspace_id, document_id))

    async def passages(self, workspace_id: str, ids: Sequence[str]) -> dict[str, Passage]:
        """These passages by their ids, however old; unknown ones are left out. Each points to where it came from."""
        return await self.database.read(lambda session: _passages(session, workspace_id, ids))

    async def without_passages(self, workspace_id: str, keys: Iterable[VersionKey], cut: str) -> list[VersionKey]:
        """Those of the versions that were not cut this way yet."""
        wanted = list(keys)
        return await self.database.read(lambda session: derived.without_passages(session, workspace_id, wanted, cut))

    async def versions(self, keys: Sequence[VersionKey]) -> list[DocumentVersion]:
        """These versions with their texts, in any order."""
        return await self.database.read(lambda session: _versions(session, keys))

    async def keep_passages(self, workspace_id: str, cut: str, pieces: dict[VersionKey, list[Cutting]]) -> None:
        """Store how these versions were cut; doing it again changes nothing."""
        rows = [
            derived.passage_fields(workspace_id, cut, key, piece)
            for key, cuttings in pieces.items()
            for piece in cuttings
        ]
        await self.database.write(lambda session: insert_missing(session, PassageRow, rows))

    async def without_vector(
        self, workspace_id: str, fingerprint: str, cut: str, keys: Iterable[VersionKey]
    ) -> list[Uncut]:
        """The passages of these versions whose text this embedder has not seen yet, each text once."""
        wanted = list(keys)
        return await self.database.read(
            lambda session: derived.without_vector(session, workspace_id, fingerprint, cut, wanted),
        )

    async def keep_vectors(self, workspace_id: str, fingerprint: str, hashes: list[str], vectors: Vectors) -> None:
        """Store what the embedder made of the texts with these hashes."""
        rows = [
            {"workspace_id": workspace_id, "fingerprint": fingerprint, "hash": hash_, "numbers": row.tobytes()}
            for hash_, row in zip(hashes, vectors.astype("<f4"), strict=True)
        ]
        await self.database.write(lambda session: insert_missing(session, VectorRow, rows))


def _keep(session: Session, workspace_id: str, source: str, readings: Sequence[Reading]) -> list[VersionKey]:
    source_id = source_id_of(session, workspace_id, source)
    ids = _document_ids(session, workspace_id, source_id, [reading.external_id for reading in readings])
    known = _known_versions(session, list(ids.values()))
    kept = []
    for reading in readings:
        document_id = ids[reading.external_id]
        numbers = known.setdefault(document_id, {})
        kept.append(VersionKey(document_id, _number(session, workspace_id, document_id, numbers, reading)))
    return kept


def _keep_edited(session: Session, workspace_id: str, document_id: str, reading: Reading) -> int:
    numbers = _known_versions(session, [document_id]).get(document_id, {})
    return _number(session, workspace_id, document_id, numbers, reading)


def _number(session: Session, workspace_id: str, document_id: str, numbers: dict[str, int], reading: Reading) -> int:
    """The version that says this, which is made when it is new."""
    if reading.content_hash not in numbers:
        numbers[reading.content_hash] = max(numbers.values(), default=0) + 1
        session.execute(insert(VersionRow).values(_version_fields(workspace_id, document_id, numbers, reading)))
    return numbers[reading.content_hash]


def source_id_of(session: Session, workspace_id: str, name: str) -> str:
    """The id of the source with this name, which is made when it is new."""
    insert_missing(session, SourceRow, [SourceRow(workspace_id=workspace_id, name=name).model_dump()])
    mine = (col(SourceRow.workspace_id) == workspace_id) & (col(SourceRow.name) == name)
    return str(session.execute(select(col(SourceRow.id)).where(mine)).scalar_one())


def _document_ids(session: Session, workspace_id: str, source_id: str, names: Sequence[str]) -> dict[str, str]:
    ids = _known_documents(session, source_id, names)
    new = [name for name in dict.fromkeys(names) if name not in ids]
    rows = [DocumentRow(workspace_id=workspace_id, source_id=source_id, external_id=name).model_dump() for name in new]
    insert_missing(session, DocumentRow, rows)
    return ids | _known_documents(session, source_id, new)


def _known_documents(session: Session, source_id: str, names: Sequence[str]) -> dict[str, str]:
    ids: dict[str, str] = {}
    for part in in_parts(names):
        named = (col(DocumentRow.source_id) == source_id) & col(DocumentRow.external_id).in_(part)
        rows = session.execute(select(col(DocumentRow.external_id), col(DocumentRow.id)).where(named))
        ids.update((row.external_id, row.id) for row in rows)
    return ids


def _known_versions(session: Session, document_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    known: dict[str, dict[str, int]] = {}
    for part in in_parts(document_ids):
        columns = (col(VersionRow.document_id), col(VersionRow.content_hash), col(VersionRow.number))
        for row in session.execute(select(*columns).where(col(VersionRow.document_id).in_(part))):
            known.setdefault(row.document_id, {})[row.content_hash] = row.number
    return known


def _version_fields(workspace_id: str, document_id: str, numbers: dict[str, int], reading: Reading) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "number": numbers[reading.content_hash],
        "workspace_id": workspace_id,
        "title": reading.title,
        "url": reading.url,
        "text": reading.text,
        "locale": reading.locale or ENGLISH,
        "audience": reading.audience or PUBLIC,
        "front_matter": reading.front_matter or {},
        "content_hash": reading.content_hash,
        "flags": [*reading.flags, *reading.concerns],
        "created_at": now(),
    }


def _history(session: Session, workspace_id: str, document_id: str) -> list[dict[str, Any]]:
    names = ("number", "title", "url", "locale", "audience", "flags", "created_at")
    mine = (col(VersionRow.workspace_id) == workspace_id) & (col(VersionRow.document_id) == document_id)
    columns = [col(getattr(VersionRow, name)) for name in names]
    rows = session.execute(select(*columns).where(mine).order_by(col(VersionRow.number).desc())).all()
    if not rows:
        raise NotFound
    return [dict(zip(names, row, strict=True)) for row in rows]


def _version(session: Session, workspace_id: str, document_id: str, number: int) -> DocumentVersion:
    row = session.get(VersionRow, (document_id, number))
    if row is None or row.workspace_id != workspace_id:
        raise NotFound
    return document_version(row)


def _passages(session: Session, workspace_id: str, ids: Sequence[str]) -> dict[str, Passage]:
    same = (col(VersionRow.document_id) == col(PassageRow.document_id)) & (
        col(VersionRow.number) == col(PassageRow.version)
    )
    mine = (col(PassageRow.workspace_id) == workspace_id) & col(PassageRow.id).in_(ids)
    rows = session.execute(select(PassageRow, VersionRow).join(VersionRow, same).where(mine))
    return {piece.id: _passage(piece, version) for piece, version in rows}


def _passage(piece: PassageRow, version: VersionRow) -> Passage:
    text = version.text[piece.start : piece.end]
    named = (piece.id, piece.document_id, piece.version, version.title, version.url, piece.heading)
    return Passage(*named, text, piece.start, piece.end, version.locale, version.audience)


def document_version(row: VersionRow) -> DocumentVersion:
    """A version as a plain value."""
    return DocumentVersion(
        row.document_id,
        row.number,
        row.title,
        row.url,
        row.text,
        row.locale,
        row.audience,
        row.front_matter,
        row.created_at,
    )


def _versions(session: Session, keys: Sequence[VersionKey]) -> list[DocumentVersion]:
    found = []
    for part in in_parts(keys):
        wanted = tuple_(col(VersionRow.document_id), col(VersionRow.number)).in_(part)
        found += [document_version(row) for row in session.execute(select(VersionRow).where(wanted)).scalars()]
    return found
