"""What became of each document in a run: operations on a session, for the store of runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, tuple_
from sqlmodel import Session, col

from app.errors import Invalid
from app.knowledge.run_listing import own
from app.knowledge.tables import ItemRow, RunRow

OUTCOMES = ("added", "changed", "unchanged", "removed", "failed")
FAILED, FLAGGED, TOLD, UNCHANGED = range(4)
"""In this order a log is read."""
MEND = "Mend this document where it comes from or leave it out, then retry what failed."


class Item(NamedTuple):
    """What became of one document, or of a file that is none; `flags` are what screening found in it."""

    name: str
    outcome: str
    detail: str = ""
    flags: tuple[dict[str, str], ...] = ()

    @property
    def rank(self) -> int:
        """How soon somebody should read it."""
        if self.outcome == "failed":
            return FAILED
        if self.flags:
            return FLAGGED
        return UNCHANGED if self.outcome == "unchanged" else TOLD


class Wanted(NamedTuple):
    """Which items: of one outcome, only flagged ones, with these letters in the name."""

    outcome: str = ""
    flagged: bool = False
    name: str = ""


def tell(session: Session, workspace_id: str, run_id: str, position: int, items: Sequence[Item]) -> None:
    """Note what became of these documents."""
    rows = [
        {"run_id": run_id, "position": at, "workspace_id": workspace_id, "rank": item.rank, **item._asdict()}
        for at, item in enumerate(items, start=position)
    ]
    if rows:
        session.execute(insert(ItemRow), rows)


def clear(session: Session, run_id: str) -> None:
    """Forget what the run told."""
    session.execute(delete(ItemRow).where(col(ItemRow.run_id) == run_id))


def forget(session: Session, workspace_id: str, until: datetime) -> None:
    """Drop the logs of runs that ended before this moment."""
    ended = (col(RunRow.workspace_id) == workspace_id) & (col(RunRow.ended_at) < until)
    old = select(col(RunRow.id)).where(ended)
    session.execute(delete(ItemRow).where(col(ItemRow.run_id).in_(old)))


def failed(session: Session, run_id: str) -> list[str]:
    """The names of what failed."""
    mine = (col(ItemRow.run_id) == run_id) & (col(ItemRow.rank) == FAILED)
    return list(session.execute(select(col(ItemRow.name)).where(mine).order_by(col(ItemRow.position))).scalars())


def page(
    session: Session, workspace_id: str, run_id: str, wanted: Wanted, after: str, limit: int
) -> list[dict[str, Any]]:
    """The items behind this place; each tells its own."""
    own(session, workspace_id, run_id)
    query = select(ItemRow).where(col(ItemRow.run_id) == run_id, *_conditions(wanted))
    if after:
        query = query.where(tuple_(col(ItemRow.rank), col(ItemRow.position)) > _place(after))
    rows = session.execute(query.order_by(col(ItemRow.rank), col(ItemRow.position)).limit(limit)).scalars()
    return [
        {
            "name": row.name,
            "outcome": row.outcome,
            "detail": row.detail,
            "remedy": _remedy(row.outcome, row.detail),
            "flags": row.flags,
            "place": f"{row.rank}.{row.position}",
        }
        for row in rows
    ]


def _remedy(outcome: str, detail: str) -> str:
    """What to do about a failure whose reason does not say so itself: one of a single sentence."""
    return MEND if outcome == "failed" and ". " not in detail else ""


def _conditions(wanted: Wanted) -> list[Any]:
    conditions: list[Any] = []
    if wanted.outcome:
        conditions.append(col(ItemRow.outcome) == wanted.outcome)
    if wanted.flagged:
        conditions.append(col(ItemRow.rank) == FLAGGED)
    if wanted.name:
        conditions.append(col(ItemRow.name).icontains(wanted.name, autoescape=True))
    return conditions


def _place(after: str) -> tuple[int, int]:
    rank, _, position = after.partition(".")
    if not (rank.isdecimal() and position.isdecimal() and len(after) < 16):  # noqa: PLR2004  # far within 64 bits
        raise Invalid("“after” must be the place of an item, as this list gave it.")
    return int(rank), int(position)
