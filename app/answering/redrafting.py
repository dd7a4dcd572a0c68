"""Drafts made better: by a model once the customer has been answered, or again at an agent's wish."""

from dataclasses import dataclass

from app.answering.drafting import Drafter
from app.answering.history import spoken
from app.answering.understanding.completing import Completion
from app.answering.understanding.finding import Search, look_up, understand
from app.answering.way import payer_of
from app.conversations.inbox import Inbox
from app.conversations.types import Agent, Begun, Event
from app.errors import Conflict, NotFound
from app.llm.money.payer import Payer

NO_BETTER = "No better draft could be written from the help centre. Edit this one, or write your own reply."


@dataclass(frozen=True, slots=True)
class Redrafting:
    """Writes a waiting draft anew."""

    inbox: Inbox
    search: Search
    drafter: Drafter

    async def improve(self, begun: Begun) -> list[Event]:
        """Replace the quick draft of a turn by a model's, unless a person has touched it or no model is there."""
        if not self.drafter.models or begun.lease is None:
            return []
        understood = await understand(begun, self.search, Completion())
        history = spoken(begun.history)
        payer, locale = payer_of(begun, "draft"), begun.lease.locale
        text, answer = await self.drafter.better(understood, history, locale, payer)
        if not text:
            return []
        return await self.inbox.improve_draft(begun.lease.turn_id, text, answer.cited(), answer.models[-1])

    async def regenerate(self, agent: Agent, conversation_id: str, version: int, wish: str) -> list[Event]:
        """Write the waiting draft anew, as the agent wishes. Raises `Conflict` when it cannot be bettered."""
        waiting = [one for one in await self.inbox.drafts(agent, conversation_id) if one["state"] == "ready"]
        if not waiting:
            raise NotFound("There is no draft waiting in this conversation.")
        question = str(waiting[0]["question"])
        understood = await look_up(agent.workspace_id, question, self.search)
        payer = Payer(agent.workspace_id, "draft", conversation_id)
        text, answer = await self.drafter.better(understood, (), "en", payer, wish)
        if not text:
            raise Conflict(NO_BETTER)
        changes = {"text": text, "original_text": text, "citations": answer.cited(), "model": answer.models[-1]}
        return await self.inbox.change_draft(agent, conversation_id, version, **changes)
