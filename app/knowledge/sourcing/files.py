"""What was in each file of a source when it was last read: only names and hashes, for the words are in the versions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from app.database import Database
from app.knowledge.derived import in_parts
from app.knowledge.sourcing.tables import FileRow
from app.knowledge.store import source_id_of
from app.knowledge.tables import SourceRow


class Known(NamedTuple):
    """A document that was in a file: its name, the hash of what it says, and what was hidden in it."""

    external_id: str
    content_hash: str
    flags: tuple[dict[str, str], ...] = ()


class FileThen(NamedTuple):
    """A file as it was: a hash of its bytes and of how they were read, and its documents."""

    digest: str
    documents: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class FileStore:
    """The files of sources. What is forgotten here is only read once more."""

    database: Database

    async def then(self, workspace_id: str, source: str) -> dict[str, FileThen]:
        """The files of a source by name; of one that was never read to its end, none."""
        return await self.database.read(lambda session: _then(session, workspace_id, source))

    async def keep(
        self, workspace_id: str, source: str, learnt: Mapping[str, FileThen], gone: Collection[str] = ()
    ) -> None:
        """Remember these files as they are now, and forget those that are gone."""
        if learnt or gone:
            await self.database.write(lambda session: _keep(session, workspace_id, source, learnt, gone))


def _then(session: Session, workspace_id: str, source: str) -> dict[str, FileThen]:
    mine = (col(SourceRow.workspace_id) == workspace_id) & (col(SourceRow.name) == source)
    columns = select(col(FileRow.name), col(FileRow.digest), col(FileRow.documents))
    rows = session.execute(columns.join(SourceRow, col(SourceRow.id) == col(FileRow.source_id)).where(mine))
    return {name: FileThen(digest, tuple(map(_known, documents))) for name, digest, documents in rows}


def _known(stored: list[object]) -> Known:
    name, content_hash, flags = stored
    return Known(str(name), str(content_hash), tuple(flags))  # type: ignore[arg-type]  # what JSON holds


def _keep(
    session: Session, workspace_id: str, source: str, learnt: Mapping[str, FileThen], gone: Collection[str]
) -> None:
    source_id = source_id_of(session, workspace_id, source)
    for part in in_parts([*learnt, *gone]):
        session.execute(delete(FileRow).where(col(FileRow.source_id) == source_id, col(FileRow.name).in_(part)))
    place = {"source_id": source_id, "workspace_id": workspace_id}
    rows = [
        {**place, "name": name, "digest": file.digest, "documents": [list(one) for one in file.documents]}
        for name, file in learnt.items()
    ]
    if rows:
        session.execute(insert(FileRow), rows)
