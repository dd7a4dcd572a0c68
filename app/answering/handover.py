"""What agents find when a conversation comes to them: a better draft, and a summary."""

from dataclasses import dataclass

from app.answering.redrafting import Redrafting
from app.answering.summarising import Summariser
from app.conversations.types import Begun, Event


@dataclass(frozen=True, slots=True)
class Handover:
    """Prepares a conversation for people once its customer has been answered."""

    redrafting: Redrafting
    summaries: Summariser

    async def prepare(self, begun: Begun) -> list[Event]:
        """Better the draft; the summary is told of by itself, for it must not wait for that."""
        self.summaries.soon(begun.workspace_id, begun.conversation_id)
        return await self.redrafting.improve(begun)
