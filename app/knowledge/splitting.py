"""How a source wants its documents cut, and which documents that is about."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select, update
from sqlmodel import Session, col

from app.errors import Invalid, NotFound
from app.knowledge.run_queue import Queued, join_run
from app.knowledge.tables import DocumentRow, SourceRow


class Splitting(BaseModel):
    """In tokens of the embedder. By default passages are as long as it reads at once, and read alone.

    `overlap` is how much of the passage before is read along, `neighbours` whether what stands before and behind fills
    what room is left. Neither is cited with the passage: the passages of a document never overlap.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokens: Annotated[int, Field(ge=32, le=4096)] | None = None
    overlap: Annotated[int, Field(ge=0, le=256)] = 0
    neighbours: bool = False


WHOLE = Splitting()


def splitting_of(cutting: dict[str, Any]) -> Splitting:
    """The rules in the column of a source. Raises `Invalid` with what to mend."""
    try:
        return Splitting(**cutting)
    except ValidationError as error:
        one = error.errors()[0]
        raise Invalid(f"The cutting of this source has a mistake at “{'.'.join(map(str, one['loc']))}”.") from error


def splittings(session: Session, workspace_id: str) -> dict[str, Splitting]:
    """The rules for each document whose source has any."""
    query = select(col(DocumentRow.id), col(SourceRow.cutting)).join(
        SourceRow, col(SourceRow.id) == col(DocumentRow.source_id)
    )
    rows = session.execute(query.where(col(SourceRow.workspace_id) == workspace_id, _has_rules(session, workspace_id)))
    return {row.id: splitting_of(row.cutting) for row in rows}


def _has_rules(session: Session, workspace_id: str) -> Any:  # noqa: ANN401  # a condition of SQLAlchemy
    mine = select(col(SourceRow.id), col(SourceRow.cutting)).where(col(SourceRow.workspace_id) == workspace_id)
    return col(SourceRow.id).in_([row.id for row in session.execute(mine) if row.cutting])


def change(session: Session, workspace_id: str, source_id: str, wanted: Splitting, request: dict[str, Any]) -> Queued:
    """Have the documents of a source cut in another way."""
    mine = (col(SourceRow.workspace_id) == workspace_id) & (col(SourceRow.id) == source_id)
    stored = wanted.model_dump(exclude_defaults=True)
    changed = session.execute(update(SourceRow).where(mine).values(cutting=stored).returning(col(SourceRow.name)))
    name = changed.scalar_one_or_none()
    if name is None:
        raise NotFound("There is no such source.")
    return join_run(session, workspace_id, name, request)
