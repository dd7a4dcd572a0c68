"""The people's side of conversations: the queue, claims, replies, notes and drafts."""

from dataclasses import dataclass
from typing import Any

from app.conversations import listing, replying
from app.conversations.drafts import drafts_of, improve, lay_out, take_back
from app.conversations.listing import View
from app.conversations.types import Agent, Event
from app.database import Database

__all__ = ["Agent", "Inbox", "View"]


@dataclass(frozen=True, slots=True)
class Inbox:
    """The only place where people act on conversations. Each call sees the person's own workspace alone."""

    database: Database

    async def rows(self, agent: Agent, view: View, after: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Conversations of a view. The queue holds who waits for a person, and drafts that wait for a look."""
        return await self.database.read(lambda session: listing.rows(session, agent, view, after, limit))

    async def counts(self, agent: Agent) -> dict[str, int]:
        """How many conversations each view holds."""
        return await self.database.read(lambda session: listing.counts(session, agent))

    async def belongs(self, agent: Agent, conversation_id: str) -> None:
        """Raise `NotFound` unless the conversation is of the person's workspace."""
        await self.database.read(lambda session: listing.belongs(session, agent, conversation_id))

    async def claim(self, agent: Agent, conversation_id: str) -> list[Event]:
        """Take the conversation. The bot falls silent at once."""
        return await self.database.write(lambda session: replying.claim(session, agent, conversation_id))

    async def release(self, agent: Agent, conversation_id: str) -> list[Event]:
        """Give the conversation back to the queue."""
        return await self.database.write(lambda session: replying.release(session, agent, conversation_id))

    async def reply(
        self, agent: Agent, conversation_id: str, text: str, draft_id: str | None = None, seen: int | None = None
    ) -> list[Event]:
        """Write to the customer; refused when the customer wrote after event `seen`, the last one read."""
        return await self.database.write(
            lambda session: replying.reply(session, agent, conversation_id, text, draft_id, seen)
        )

    async def note(self, agent: Agent, conversation_id: str, text: str) -> list[Event]:
        """Write for colleagues only."""
        return await self.database.write(lambda session: replying.note(session, agent, conversation_id, text))

    async def typing(self, agent: Agent, conversation_id: str) -> None:
        """Check that the person may be shown typing here."""
        await self.belongs(agent, conversation_id)

    async def drafts(self, agent: Agent, conversation_id: str) -> list[dict[str, Any]]:
        """The conversation's drafts, newest first."""
        await self.belongs(agent, conversation_id)
        return await self.database.read(lambda session: drafts_of(session, conversation_id))

    async def change_draft(self, agent: Agent, conversation_id: str, version: int, **changes: Any) -> list[Event]:  # noqa: ANN401  # columns
        """Change the ready draft if it is still the version that the person saw."""
        return await self.database.write(
            lambda session: replying.change_draft(session, agent, conversation_id, version, changes)
        )

    async def improve_draft(self, turn_id: str, text: str, citations: list[dict[str, Any]], model: str) -> list[Event]:
        """Put a better text into a turn's draft, unless a person has touched it."""
        return await self.database.write(lambda session: improve(session, turn_id, text, citations, model))

    async def lay_out(
        self, workspace_id: str, conversation_id: str, fields: dict[str, Any]
    ) -> tuple[str | None, list[Event]]:
        """Put a correction before the agents: the draft's id, none while another draft waits there."""
        return await self.database.write(lambda session: lay_out(session, workspace_id, conversation_id, fields))

    async def take_back(self, draft_id: str) -> list[Event]:
        """Discard a draft that is no longer called for, unless a person has touched it."""
        return await self.database.write(lambda session: take_back(session, draft_id))

    async def accept_draft(self, agent: Agent, conversation_id: str, version: int) -> list[Event]:
        """Send the ready draft as it is."""
        return await self.database.write(
            lambda session: replying.accept_draft(session, agent, conversation_id, version)
        )
