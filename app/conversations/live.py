"""Following a conversation as it happens: replay from the log, then live, without a gap and without a double."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.conversations.bus import EventBus, Listening
from app.conversations.store import PAGE_OF_EVENTS, ConversationStore
from app.conversations.types import Event

FOR_THE_INBOX = frozenset(
    {"message.created", "conversation.updated", "handoff.requested", "handoff.offered", "draft.updated"}
)


@dataclass(frozen=True, slots=True)
class Live:
    """Tells listeners what was committed, and lets others follow."""

    store: ConversationStore
    bus: EventBus

    async def tell(self, workspace_id: str, conversation_id: str, events: Sequence[Event]) -> None:
        """Announce committed events to whoever follows the conversation, and to the workspace's inbox."""
        if not events:
            return
        await self.bus.publish(f"conversation:{conversation_id}", {"events": events})
        if any(event.name in FOR_THE_INBOX for event in events):
            await self.bus.publish(f"inbox:{workspace_id}", {"conversation_id": conversation_id})

    async def tell_typing(self, conversation_id: str, name: str) -> None:
        """Let followers know that a person is writing. Nothing of it is stored."""
        await self.bus.publish(f"conversation:{conversation_id}", {"typing": {"name": name}})

    async def follow(self, conversation_id: str, after: int, *, people: bool = False) -> AsyncGenerator[Event]:
        """Every event after the given number, for ever; what is not stored has the number 0.

        Events that only people may see are left out for others.
        """
        async with self.bus.subscribe(f"conversation:{conversation_id}") as listening:
            seen = after
            async for event in self._stored(conversation_id, seen):
                seen = event.sequence
                if people or not event.people_only:
                    yield event
            async for event in self._live(conversation_id, seen, listening):
                if people or not event.people_only:
                    yield event

    async def _live(self, conversation_id: str, seen: int, listening: Listening) -> AsyncIterator[Event]:
        while True:
            payload = await listening.get()
            if "typing" in payload:
                yield Event(0, "agent.typing", payload["typing"])
            fresh = [event for event in map(_event, payload.get("events", ())) if event.sequence > seen]
            if fresh and fresh[0].sequence != seen + 1:
                fresh = [event async for event in self._stored(conversation_id, seen)]
            for event in fresh:
                seen = event.sequence
                yield event

    async def _stored(self, conversation_id: str, seen: int) -> AsyncIterator[Event]:
        while events := await self.store.events_after(conversation_id, seen, people=True):
            for event in events:
                yield event
            seen = events[-1].sequence
            if len(events) < PAGE_OF_EVENTS:
                return


def _event(told: Event | dict[str, Any]) -> Event:
    """An event as this process told it, or as another did, over JSON."""
    return told if isinstance(told, Event) else Event(**told)
