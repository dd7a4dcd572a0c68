"""The recipe: which concrete thing stands behind each name. The only room that names them all."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from anyio import to_thread

from app.accounts.audit import Audit
from app.accounts.invitations import Invitations
from app.accounts.keys import Keys
from app.accounts.limiter import Limiter, open_limiter
from app.accounts.people import People
from app.accounts.receipts import Receipts
from app.accounts.sessions import Sessions
from app.accounts.workspaces import Workspaces
from app.answering.assistant import Assistant
from app.answering.caching.cache import AnswerCache, Cache, NoCache
from app.answering.caching.memory import CacheMemory
from app.answering.caching.store import CacheStore
from app.answering.composing import Answering
from app.answering.deciding.rules import Rules, always
from app.answering.drafting import Drafter
from app.answering.redrafting import Redrafting
from app.conversations.bus import EventBus, open_bus
from app.conversations.inbox import Inbox
from app.conversations.live import Live
from app.conversations.store import ConversationStore
from app.conversations.turns import TurnStore
from app.database import Database, new_id, open_database
from app.errors import NotFound, Unavailable
from app.insight.usage import UsageReport
from app.jobs import Jobs, open_jobs
from app.knowledge.embedding import open_embedder
from app.knowledge.library import Library
from app.knowledge.pushing.store import PushedStore
from app.knowledge.runs import RunStore
from app.knowledge.shelves import Shelves
from app.knowledge.snapshots import SnapshotStore
from app.knowledge.store import DocumentStore
from app.knowledge.types import Embedder, VectorEngine, Vectors
from app.llm.money.allowance import Budgeting, open_budgeting
from app.llm.money.ledger import Ledger
from app.llm.money.spending import Spending
from app.llm.routing import Routing, open_routing
from app.llm.types import Model
from app.llm.wire.http import open_client
from app.safety.links import Hosts
from app.settings import Settings
from app.speakers import Speakers, open_speakers

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
    library: Library
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
    limiter: Limiter
    client: httpx.AsyncClient
    cache: Cache
    routing: Routing
    budgeting: Budgeting

    @property
    def models(self) -> Mapping[str, Model]:
        """Every model by its name."""
        return self.speakers.models

    def model_named(self, name: str) -> Model:
        """One model. Raises `NotFound`."""
        if name not in self.models:
            raise NotFound(f"There is no model “{name}”. These are known: {', '.join(sorted(self.models))}.")
        return self.models[name]

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
        await self.cache.close()
        await self.library.close()
        await self.speakers.close()
        await self.client.aclose()
        await self.limiter.close()
        await self.bus.close()
        await self.database.close()


async def open_application(settings: Settings) -> Application:
    """Open everything that the settings name. Raises `Misconfigured` with what to mend."""
    embedder = await to_thread.run_sync(open_embedder, settings.embed, settings.model_dir)
    client, database = open_client(), open_database(settings.database)
    speakers = open_speakers(settings, client, partial(_in_a_thread, embedder), Ledger(database))
    bus, jobs = open_bus(settings.redis_url), open_jobs(settings.data_dir, settings.redis_url)
    library = _library(settings, database, embedder, jobs)
    live = Live(ConversationStore(database), bus)
    drafter = Drafter(speakers.last, speakers.drafting, _hosts(settings), settings.workspace_name)
    cache = _cache(settings, database)
    redrafting = Redrafting(Inbox(database), library.search, drafter)
    return Application(
        settings=settings,
        workspace_id=(workspace_id := await Workspaces(database).ensure(settings.workspace_name)),
        database=database,
        bus=bus,
        conversations=live.store,
        inbox=redrafting.inbox,
        live=live,
        assistant=_assistant(settings, live, _answering(settings, library, speakers, drafter, cache), redrafting),
        redrafting=redrafting,
        library=library,
        jobs=jobs,
        speakers=speakers,
        hosts=_hosts(settings),
        client=client,
        cache=cache,
        **_accounts(settings, database, speakers),
        **await _choices(database, speakers, workspace_id),
    )


async def _choices(database: Database, speakers: Speakers, workspace_id: str) -> dict[str, Any]:
    """What an admin chose in place of the settings."""
    return {
        "routing": await open_routing(database, speakers.routes, workspace_id),
        "budgeting": await open_budgeting(database, speakers.books, speakers.choices.values(), workspace_id),
    }


def _cache(settings: Settings, database: Database) -> Cache:
    chosen = settings.cache
    if not chosen.enabled:
        return NoCache()
    memory = CacheMemory(CacheStore(database))
    return AnswerCache(memory, chosen.similarity if chosen.semantic else None, chosen.recheck_share)


def _answering(settings: Settings, library: Library, speakers: Speakers, drafter: Drafter, cache: Cache) -> Answering:
    return Answering(
        search=library.search,
        writers=speakers.answering,
        drafter=drafter,
        price=speakers.price,
        rules=always(Rules(never_auto=settings.policy.never_auto)),
        hosts=_hosts(settings),
        workspace=settings.workspace_name,
        cache=cache,
    )


def _assistant(settings: Settings, live: Live, answering: Answering, redrafting: Redrafting) -> Assistant:
    turns, longest = TurnStore(live.store.database), settings.limits.question_characters
    return Assistant(turns, live, answering, new_id(), longest, redrafting.improve)


def _accounts(settings: Settings, database: Database, speakers: Speakers) -> dict[str, Any]:
    """Who may do what and how often, who did, and what it came to."""
    return {
        "people": People(database),
        "sessions": Sessions(database, settings.limits.session_hours),
        "invitations": Invitations(database),
        "keys": Keys(database),
        "receipts": Receipts(database),
        "audit": Audit(database),
        "usage": UsageReport(database, Spending(database, speakers.books.allowance)),
        "limiter": open_limiter(settings.redis_url),
    }


async def _in_a_thread(embedder: Embedder, texts: list[str]) -> Vectors:
    return await to_thread.run_sync(embedder.embed_questions, texts)


def _library(settings: Settings, database: Database, embedder: Embedder, jobs: Jobs) -> Library:
    snapshots = SnapshotStore(database)
    shelves = Shelves(snapshots, _engine(settings), settings.snapshot_dir)
    return Library(
        DocumentStore(database), snapshots, RunStore(database), shelves, embedder, jobs, PushedStore(database)
    )


def _engine(settings: Settings) -> VectorEngine:
    from app.knowledge.dense import ChromaFolder, ChromaServer  # noqa: PLC0415  # 1.3 s that --help need not pay

    return ChromaServer(settings.chroma_url) if settings.chroma_url else ChromaFolder(settings.snapshot_dir)


def _hosts(settings: Settings) -> Hosts:
    return Hosts.of((*settings.link_hosts, settings.public_url))
