"""What is derived from a version: its passages and their vectors. Operations on a session, for the documents' store."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from app.database import new_id
from app.knowledge.tables import PassageRow, VectorRow, VersionRow
from app.knowledge.types import Vectors

PARAMETERS = 500
"""How many values one statement compares with; SQLite before 3.32 takes 999."""
T = TypeVar("T")


class VersionKey(NamedTuple):
    """Names one version of one document."""

    document_id: str
    number: int


class Form(NamedTuple):
    """How a document stands in a snapshot: the version shown, how that is cut, and the version its source gave."""

    version: int
    cut: str
    origin: int


class Cutting(NamedTuple):
    """A passage as the splitter made it, with the hash of the text that is embedded for it.

    `added` is read along and never cited; `pins` are questions to which this is the first answer.
    """

    heading: str
    start: int
    end: int
    hash: str
    added: str = ""
    pins: tuple[str, ...] = ()


class Uncut(NamedTuple):
    """A passage's place in its document, for making the embedded text again."""

    hash: str
    title: str
    heading: str
    text: str
    added: str


def without_passages(session: Session, workspace_id: str, keys: list[VersionKey], cut: str) -> list[VersionKey]:
    """Those of the versions that were not cut this way yet."""
    mine = (col(PassageRow.workspace_id) == workspace_id) & (col(PassageRow.cut) == cut)
    rows = session.execute(select(col(PassageRow.document_id), col(PassageRow.version)).where(mine).distinct())
    there = {(row.document_id, row.version) for row in rows}
    return [key for key in keys if key not in there]


def passage_fields(workspace_id: str, cut: str, key: VersionKey, piece: Cutting) -> dict[str, Any]:
    """A row of the table of passages."""
    place = {"id": new_id(), "workspace_id": workspace_id, "document_id": key.document_id, "version": key.number}
    return {**place, "cut": cut, **piece._asdict(), "pins": list(piece.pins)}


def without_vector(
    session: Session, workspace_id: str, fingerprint: str, cut: str, keys: list[VersionKey]
) -> list[Uncut]:
    """The passages whose text this embedder has not seen yet, each text once."""
    there = (
        select(col(VectorRow.hash))
        .where(col(VectorRow.workspace_id) == workspace_id, col(VectorRow.fingerprint) == fingerprint)
        .where(col(VectorRow.hash) == col(PassageRow.hash))
    )
    found: dict[str, Uncut] = {}
    same = col(VersionRow.document_id) == col(PassageRow.document_id)
    same &= col(VersionRow.number) == col(PassageRow.version)
    length = col(PassageRow.end) - col(PassageRow.start)
    text = func.substr(col(VersionRow.text), col(PassageRow.start) + 1, length)
    for part in in_parts(keys):
        query = (
            select(col(PassageRow.hash), col(VersionRow.title), col(PassageRow.heading), text, col(PassageRow.added))
            .join(VersionRow, same)
            .where(col(PassageRow.cut) == cut, tuple_(col(PassageRow.document_id), col(PassageRow.version)).in_(part))
            .where(~there.exists())
        )
        found.update((row[0], Uncut(*row)) for row in session.execute(query))
    return list(found.values())


def as_vector(numbers: bytes) -> Vectors:
    """A stored vector as numbers again."""
    return np.frombuffer(numbers, dtype="<f4").astype(np.float32)


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in stretches that fit into one statement."""
    for start in range(0, len(values), PARAMETERS):
        yield values[start : start + PARAMETERS]


def insert_missing(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Insert those rows that are not there yet, even when another process inserts them at this moment."""
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(table).on_conflict_do_nothing(), rows)
