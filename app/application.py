"""The product as one thing: everything that a web route, a job or a command may need, and how it is let go of."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from app.accounts.audit import Audit
from app.accounts.invitations import Invitations
from app.accounts.keys import Keys
from app.accounts.limiter import Limiter
from app.accounts.people import People
from app.accounts.receipts import Receipts
from app.accounts.sessions import Sessions
from app.answering.assistant import Assistant
from app.answering.caching.cache import Cache
from app.answering.redrafting import Redrafting
from app.answering.summarising import Summariser
from app.conversations.bus import EventBus
from app.conversations.inbox import Inbox
from app.conversations.live import Live
from app.conversations.store import ConversationStore
from app.database import Database
from app.errors import NotFound, Unavailable
from app.insight.correcting.corrector import Corrector
from app.insight.gaps.store import GapStore
from app.insight.hygiene.care import Care
from app.insight.judgement import Judgement
from app.insight.reviewing.probes import ProbeStore
from app.insight.reviewing.store import ReviewStore
from app.insight.usage import UsageReport
from app.jobs import Jobs
from app.knowledge.library import Library
from app.knowledge.sourcing.previews import PreviewStore
from app.knowledge.sourcing.store import SourceStore
from app.knowledge.writing.store import ArticleStore
from app.llm.keyring.keyring import Keyring
from app.llm.money.allowance import Budgeting
from app.llm.routing import Routing
from app.llm.types import Model
from app.safety.links import Hosts
from app.settings import Settings
from app.speakers import Speakers

SHELL_TOKEN_DAYS = 1


@dataclass(frozen=True, slots=True)
class Application:
    """Everything that a web route, a job or a command may need."""

    settings: Settings
    workspace_id: str
    database: Database
    bus: EventBus
    conversations: ConversationStore
    inbox: Inbox
    live: Live
    assistant: Assistant
    redrafting: Redrafting
    summaries: Summariser
    gaps: GapStore
    library: Library
    articles: ArticleStore
    jobs: Jobs
    speakers: Speakers
    hosts: Hosts
    people: People
    sessions: Sessions
    invitations: Invitations
    keys: Keys
    receipts: Receipts
    audit: Audit
    usage: UsageReport
    care: Care
    limiter: Limiter
    client: httpx.AsyncClient
    cache: Cache
    routing: Routing
    budgeting: Budgeting
    judgement: Judgement
    probes: ProbeStore
    corrector: Corrector
    reviews: ReviewStore

    @property
    def sources(self) -> SourceStore:
        """Where documents come from."""
        return SourceStore(self.database)

    @property
    def previews(self) -> PreviewStore:
        """What was seen of sources before they were read."""
        return PreviewStore(self.database)

    @property
    def models(self) -> Mapping[str, Model]:
        """Every model by its name."""
        return self.speakers.models

    @property
    def keyring(self) -> Keyring:
        """The keys of providers."""
        return self.speakers.enrolment.keyring

    def model_named(self, name: str) -> Model:
        """One model. Raises `NotFound`."""
        if name not in self.models:
            raise NotFound(f"There is no model “{name}”. These are known: {', '.join(sorted(self.models))}.")
        return self.models[name]

    async def look(self) -> None:
        """Take up what an admin changed here or in another process about keys, models and routes."""
        await self.speakers.enrolment.look()
        await self.routing.look()

    async def ask_once(self, text: str) -> dict[str, Any]:
        """One question in a conversation of its own, to the end of its turn: the message as it was stored."""
        conversation_id = await self.conversations.open(
            self.workspace_id, token_hash=secrets.token_hex(32), token_days=SHELL_TOKEN_DAYS
        )
        begun = await self.assistant.hear(conversation_id, text)
        await asyncio.gather(*self.assistant.running.values())
        said = (await self.conversations.view(conversation_id))["messages"]
        answers = [one for one in said if one["turn_id"] == begun.turn_id and one["author"] == "bot"]
        if not answers:
            raise Unavailable("This question could not be answered. The log says why.")
        answer: dict[str, Any] = answers[-1]
        return answer

    async def close(self) -> None:
        """Let go of everything, in the reverse order of opening."""
        await self.summaries.close()
        await self.cache.close()
        await self.library.close()
        await self.speakers.close()
        await self.client.aclose()
        await self.limiter.close()
        await self.bus.close()
        await self.database.close()
