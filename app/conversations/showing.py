"""Conversations and messages as the outside sees them: JSON objects of the contract."""

from collections.abc import Mapping
from typing import Any

from app.conversations.tables import ConversationRow, MessageRow

_SHOWN = (
    *("id", "conversation_id", "turn_id", "author", "name", "text"),
    *("decision", "probability", "rating", "sequence"),
)


def conversation_json(row: ConversationRow) -> dict[str, Any]:
    """A conversation without its messages, as people and customers see it."""
    return {
        "id": row.id,
        "status": row.status,
        "owner": row.owner,
        "agent": agent_json(row),
        "episode": row.episode,
        "locale": row.locale,
        "customer": row.customer,
        "contact_email": row.contact_email,
        "page_url": row.page_url,
        "subject": row.subject,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "last_event": row.last_event,
        "turn_id": row.turn_id,
    }


def agent_json(row: ConversationRow) -> dict[str, Any] | None:
    """Who holds the conversation, if a person does."""
    return {"id": row.agent_id, "name": row.agent_name} if row.agent_id else None


def message_json(message: MessageRow) -> dict[str, Any]:
    """A stored message as everybody sees it."""
    return shown(message.model_dump())


def shown(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message's columns as everybody sees them."""
    return {
        **{name: message[name] for name in _SHOWN},
        "citations": message["citations"] or [],
        "state": message["state"] or "complete",
        "created_at": message["created_at"].isoformat(),
    }
