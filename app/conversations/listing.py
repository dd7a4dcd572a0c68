"""What the inbox shows: conversations by view, with the last thing said and whether a draft waits."""

from typing import Any, Literal

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from app.conversations.showing import conversation_json
from app.conversations.tables import ConversationRow, DraftRow, MessageRow
from app.conversations.types import Agent
from app.errors import NotFound

View = Literal["queue", "mine", "all", "resolved"]


def rows(session: Session, agent: Agent, view: View, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Conversations of a view. The queue has the longest waiting first, the others the newest."""
    where = _where(agent, view)
    waits = func.coalesce(col(ConversationRow.waiting_since), col(ConversationRow.updated_at))
    last = session.get(ConversationRow, after) if after else None
    if last:
        reached = last.waiting_since or last.updated_at
        where &= (waits > reached) if view == "queue" else (col(ConversationRow.updated_at) < last.updated_at)
    order = waits if view == "queue" else col(ConversationRow.updated_at).desc()
    found = list(session.execute(select(ConversationRow).where(where).order_by(order).limit(limit)).scalars())
    return _with_snippets(session, found)


def counts(session: Session, agent: Agent) -> dict[str, int]:
    """How many conversations each view holds."""
    views: tuple[View, ...] = ("queue", "mine", "all", "resolved")
    return {
        view: session.execute(select(func.count()).select_from(ConversationRow).where(_where(agent, view))).scalar_one()
        for view in views
    }


def belongs(session: Session, agent: Agent, conversation_id: str) -> None:
    """Raise `NotFound` unless the conversation is of the person's workspace."""
    row = session.get(ConversationRow, conversation_id)
    if row is None or row.workspace_id != agent.workspace_id:
        raise NotFound


def _where(agent: Agent, view: View) -> ColumnElement[bool]:
    mine = (col(ConversationRow.workspace_id) == agent.workspace_id) & (col(ConversationRow.subject) != "")
    if view == "queue":
        drafted = select(col(DraftRow.conversation_id)).where(col(DraftRow.state) == "ready")
        reviewed = (col(ConversationRow.owner) == "bot") & col(ConversationRow.id).in_(drafted)
        return mine & ((col(ConversationRow.owner) == "queue") | reviewed)
    if view == "mine":
        return mine & (col(ConversationRow.owner) == "person") & (col(ConversationRow.agent_id) == agent.id)
    if view == "resolved":
        return mine & (col(ConversationRow.status) == "resolved")
    return mine & (col(ConversationRow.status) != "resolved")


def _with_snippets(session: Session, rows: list[ConversationRow]) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    newest = (
        select(func.max(MessageRow.sequence))
        .where(col(MessageRow.conversation_id).in_(ids))
        .group_by(col(MessageRow.conversation_id))
    )
    said = select(MessageRow).where(col(MessageRow.conversation_id).in_(ids) & col(MessageRow.sequence).in_(newest))
    last = {one.conversation_id: one for one in session.execute(said.order_by(col(MessageRow.sequence))).scalars()}
    ready = select(col(DraftRow.conversation_id), col(DraftRow.probability)).where(
        col(DraftRow.conversation_id).in_(ids) & (col(DraftRow.state) == "ready")
    )
    drafts = {row[0]: row[1] for row in session.execute(ready)}
    return [_row(row, last.get(row.id), drafts) for row in rows]


def _row(row: ConversationRow, last: MessageRow | None, drafts: dict[str, float | None]) -> dict[str, Any]:
    return conversation_json(row) | {
        "snippet": last.text[:160] if last else "",
        "reason": row.reason,
        "waiting_since": row.waiting_since.isoformat() if row.waiting_since else None,
        "has_draft": row.id in drafts,
        "probability": drafts.get(row.id),
    }
