"""How overrides and the passages that they are about are shown: operations on a session."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from app.errors import NotFound
from app.knowledge.contents import passages_of_members
from app.knowledge.overriding.tables import OutcomeRow, OverrideRow
from app.knowledge.overriding.types import CONFLICT, Anchor, Outcome, Override, Wish
from app.knowledge.tables import DocumentRow, MemberRow, PassageRow, PublicationRow, SourceRow, VersionRow

WAITING = "waiting"
"""Of an override that no published snapshot knows yet."""
ORDER = (CONFLICT, WAITING)


def override(row: OverrideRow) -> Override:
    """An override as a plain value."""
    anchor = Anchor(row.document_id, row.heading, row.quote, row.start)
    wish = Wish(row.disabled, row.text, tuple(row.questions), tuple(row.keywords), tuple(row.pins))
    return Override(row.id, anchor, wish, row.revision, row.changed_by, row.changed_at)


def outcomes(session: Session, workspace_id: str, snapshot_id: str) -> list[Outcome]:
    """What became of overrides in a snapshot, by their ids."""
    mine = (col(OutcomeRow.snapshot_id) == snapshot_id) & (col(OutcomeRow.workspace_id) == workspace_id)
    rows = session.execute(select(OutcomeRow).where(mine).order_by(col(OutcomeRow.override_id))).scalars()
    return [Outcome(*(getattr(row, name) for name in Outcome._fields)) for row in rows]


def listed(session: Session, workspace_id: str, document_id: str | None) -> list[dict[str, Any]]:
    """Overrides with what became of them in the published snapshot, conflicts first."""
    found = {one.override_id: one for one in outcomes(session, workspace_id, _published(session, workspace_id))}
    mine = col(OverrideRow.workspace_id) == workspace_id
    rows = session.execute(select(OverrideRow).where(mine).order_by(col(OverrideRow.id))).scalars()
    shown = [_shown(session, override(row), found.get(row.id)) for row in rows]
    about = [one for one in shown if document_id in (None, one["document_id"], one["where"]["document_id"])]
    return sorted(about, key=lambda one: ORDER.index(one["state"]) if one["state"] in ORDER else len(ORDER))


def document(session: Session, workspace_id: str, document_id: str) -> dict[str, Any]:
    """A published document with its passages and its overrides."""
    member = session.get(MemberRow, (_published(session, workspace_id), document_id))
    version = session.get(VersionRow, (document_id, member.version)) if member else None
    if member is None or version is None or member.workspace_id != workspace_id:
        raise NotFound("This document is not published now.")
    of_document = select(SourceRow).join(DocumentRow, col(DocumentRow.source_id) == col(SourceRow.id))
    source = session.execute(of_document.where(col(DocumentRow.id) == document_id)).scalar_one()
    overrides = listed(session, workspace_id, document_id)
    passages = [_passage(version, row, overrides) for row in _passages(session, member)]
    return {
        "document_id": document_id,
        "version": member.version,
        "origin": member.origin,
        "title": version.title,
        "source": source.name,
        "source_id": source.id,
        "cutting": source.cutting,
        "locale": version.locale,
        "audience": version.audience,
        "passages": passages,
        "overrides": overrides,
    }


def _published(session: Session, workspace_id: str) -> str:
    mine = col(PublicationRow.workspace_id) == workspace_id
    return session.execute(select(col(PublicationRow.snapshot_id)).where(mine)).scalar_one_or_none() or ""


def _passages(session: Session, member: MemberRow) -> Sequence[PassageRow]:
    mine = (col(MemberRow.snapshot_id) == member.snapshot_id) & (col(MemberRow.document_id) == member.document_id)
    query = select(PassageRow).join(MemberRow, passages_of_members()).where(mine)
    return session.execute(query.order_by(col(PassageRow.start))).scalars().all()


def _passage(version: VersionRow, row: PassageRow, overrides: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The override of a passage is the one whose span holds it: a long one is several passages."""
    about = (one["id"] for one in overrides if _holds(one["where"], row) and one["state"] not in ORDER)
    place = {"heading": row.heading, "start": row.start, "end": row.end, "text": version.text[row.start : row.end]}
    return place | {"added": row.added, "pins": row.pins, "override_id": next(about, None)}


def _holds(where: dict[str, Any], row: PassageRow) -> bool:
    same = where["document_id"] == row.document_id
    return same and bool(where["start"] <= row.start and row.end <= where["end"])


def _shown(session: Session, one: Override, outcome: Outcome | None) -> dict[str, Any]:
    if outcome is None:
        waiting = {"state": WAITING, "reason": "The next run applies it.", "where": {"document_id": None}}
        return one.json | waiting
    where = {name: getattr(outcome, name) for name in ("document_id", "version", "heading", "start", "end")}
    version = session.get(VersionRow, (outcome.document_id, outcome.version))
    alike = version.text[outcome.start : outcome.end] if version and outcome.state == CONFLICT else ""
    return one.json | {"state": outcome.state, "reason": outcome.reason, "where": where | {"text": alike}}
