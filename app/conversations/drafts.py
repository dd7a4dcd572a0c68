"""Drafts: replies that wait for a person's eyes, changed only by whoever saw the newest version."""

from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from app.conversations.log import Note, append, lock
from app.conversations.tables import ConversationRow, DraftRow
from app.conversations.types import Event
from app.database import now
from app.errors import Conflict, NotFound

CORRECTION = "an answer needs correcting"


def draft_json(draft: DraftRow) -> dict[str, Any]:
    """A draft as people see it."""
    return draft.model_dump(mode="json", exclude={"workspace_id"})


def drafts_of(session: Session, conversation_id: str) -> list[dict[str, Any]]:
    """The conversation's drafts, newest first."""
    mine = select(DraftRow).where(col(DraftRow.conversation_id) == conversation_id)
    return [draft_json(one) for one in session.execute(mine.order_by(col(DraftRow.created_at).desc())).scalars()]


def ready(session: Session, row: ConversationRow, version: int) -> DraftRow:
    """The waiting draft, if it is still the version that the person saw."""
    waiting = (col(DraftRow.conversation_id) == row.id) & (col(DraftRow.state) == "ready")
    draft: DraftRow | None = session.execute(
        select(DraftRow).where(waiting).order_by(col(DraftRow.created_at).desc()).limit(1)
    ).scalar_one_or_none()
    if draft is None:
        raise NotFound("There is no draft waiting in this conversation.")
    if draft.version != version:
        raise Conflict(f"The draft is at version {draft.version} now; you saw version {version}. Reload it first.")
    return draft


def sent_draft(session: Session, row: ConversationRow, draft_id: str | None) -> DraftRow | None:
    """The waiting draft that a reply was made from."""
    if draft_id is None:
        return None
    draft = session.get(DraftRow, draft_id)
    if draft is None or draft.conversation_id != row.id or draft.state != "ready":
        raise Conflict("This draft was sent or discarded in the meantime.")
    return draft


def improve(session: Session, turn_id: str, text: str, citations: list[dict[str, Any]], model: str) -> list[Event]:
    """Put a better text into a turn's draft, unless a person has touched it."""
    untouched = (col(DraftRow.turn_id) == turn_id) & (col(DraftRow.state) == "ready") & (col(DraftRow.version) == 1)
    draft = session.execute(select(DraftRow).where(untouched)).scalar_one_or_none()
    if draft is None:
        return []
    row = lock(session, draft.conversation_id)
    draft.text, draft.original_text, draft.citations, draft.model, draft.version = text, text, citations, model, 2
    return draft_changed(session, row, draft)


def draft_changed(session: Session, row: ConversationRow, draft: DraftRow) -> list[Event]:
    """Save the draft and tell the people who look at it."""
    draft.updated_at = now()
    session.add(draft)
    session.flush()
    return append(session, row, [Note("draft.updated", {"draft": draft_json(draft)}, people_only=True)])


def take_back(session: Session, draft_id: str) -> list[Event]:
    """Discard a draft that is no longer called for, unless a person has touched it."""
    draft = session.get(DraftRow, draft_id)
    if draft is None or draft.state != "ready" or draft.version != 1:
        return []
    row = lock(session, draft.conversation_id)
    draft.state = "discarded"
    return draft_changed(session, row, draft)


def lay_out(
    session: Session, workspace_id: str, conversation_id: str, fields: dict[str, Any]
) -> tuple[str | None, list[Event]]:
    """Put a correction before the agents, unless another draft waits there; the draft's id and what to tell."""
    row = lock(session, conversation_id)
    if row.workspace_id != workspace_id:
        raise NotFound
    waiting = (col(DraftRow.conversation_id) == row.id) & (col(DraftRow.state) == "ready")
    if session.execute(select(col(DraftRow.id)).where(waiting).limit(1)).first():
        return None, []
    own = {"workspace_id": workspace_id, "conversation_id": conversation_id, "original_text": fields["text"]}
    draft = DraftRow(reason=CORRECTION, **(own | fields))
    return draft.id, draft_changed(session, row, draft)
