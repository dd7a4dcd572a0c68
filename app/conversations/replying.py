"""What people do in a conversation: take it, give it back, reply, note. Taking it silences the bot at once."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from app.conversations.drafts import draft_changed, ready, sent_draft
from app.conversations.log import add_message, append, lock, settle, updated
from app.conversations.store import TAKEN_OVER
from app.conversations.tables import ConversationRow, MessageRow
from app.conversations.types import Agent, Event
from app.database import now
from app.errors import Conflict, Invalid, NotFound


def own(session: Session, agent: Agent, conversation_id: str) -> ConversationRow:
    """The conversation, held, if it is of the person's workspace."""
    row = lock(session, conversation_id)
    if row.workspace_id != agent.workspace_id:
        raise NotFound
    return row


def claim(session: Session, agent: Agent, conversation_id: str) -> list[Event]:
    """Take the conversation."""
    row = own(session, agent, conversation_id)
    if row.owner == "person" and row.agent_id == agent.id:
        return []
    return _take(session, agent, row)


def release(session: Session, agent: Agent, conversation_id: str) -> list[Event]:
    """Give it back to the queue."""
    row = own(session, agent, conversation_id)
    if row.owner != "person":
        raise Conflict("Nobody holds this conversation, so it cannot be released.")
    row.owner, row.status, row.agent_id, row.agent_name = "queue", "queued", None, None
    row.owner_version, row.waiting_since = row.owner_version + 1, now()
    return append(session, row, [updated(row)])


def reply(  # who, where, what, and what it was based on
    session: Session, agent: Agent, conversation_id: str, text: str, draft_id: str | None, seen: int | None
) -> list[Event]:
    """Write to the customer, taking the conversation first."""
    if not text.strip():
        raise Invalid("A reply needs some text.")
    row = own(session, agent, conversation_id)
    _refuse_stale(session, row, seen)
    draft = sent_draft(session, row, draft_id)
    events = _take(session, agent, row) if row.agent_id != agent.id or row.owner != "person" else []
    row.waiting_since = None
    citations = _kept_citations(text, draft.citations) if draft else []
    said = add_message(session, row, author="person", name=agent.name, text=text, citations=citations)
    if draft is None:
        return events + said
    draft.state, draft.text, draft.sent_message_id = "sent", text, said[0].data["message"]["id"]
    return events + said + draft_changed(session, row, draft)


def note(session: Session, agent: Agent, conversation_id: str, text: str) -> list[Event]:
    """Write for colleagues only."""
    if not text.strip():
        raise Invalid("A note needs some text.")
    row = own(session, agent, conversation_id)
    return add_message(session, row, author="note", name=agent.name, text=text)


def change_draft(
    session: Session, agent: Agent, conversation_id: str, version: int, changes: dict[str, Any]
) -> list[Event]:
    """Change the waiting draft."""
    row = own(session, agent, conversation_id)
    draft = ready(session, row, version)
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.version += 1
    return draft_changed(session, row, draft)


def accept_draft(session: Session, agent: Agent, conversation_id: str, version: int) -> list[Event]:
    """Send the waiting draft as it is."""
    row = own(session, agent, conversation_id)
    draft = ready(session, row, version)
    return reply(session, agent, conversation_id, draft.text, draft.id, None)


def _take(session: Session, agent: Agent, row: ConversationRow) -> list[Event]:
    events = settle(session, row, TAKEN_OVER)
    row.owner, row.status, row.agent_id, row.agent_name = "person", "with_agent", agent.id, agent.name
    return events + append(session, row, [updated(row)])


def _refuse_stale(session: Session, row: ConversationRow, seen: int | None) -> None:
    if seen is None:
        return
    newer = (
        (col(MessageRow.conversation_id) == row.id)
        & (col(MessageRow.sequence) > seen)
        & (col(MessageRow.author) != "note")
    )
    if session.execute(select(func.count()).select_from(MessageRow).where(newer)).scalar_one():
        raise Conflict("The conversation went on since you opened it. Read the new messages, then send again.")


def _kept_citations(text: str, citations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in citations if f"[{one['number']}]" in text]
