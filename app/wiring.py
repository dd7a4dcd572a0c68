"""The recipe: which concrete thing stands behind each name. The only room that names them all."""

from functools import partial
from typing import Any

import httpx
from anyio import to_thread

from app.accounts.audit import Audit
from app.accounts.invitations import Invitations
from app.accounts.keys import Keys
from app.accounts.limiter import open_limiter
from app.accounts.people import People
from app.accounts.receipts import Receipts
from app.accounts.sessions import Sessions
from app.accounts.workspaces import Workspaces
from app.answering.assistant import Assistant
from app.answering.caching.cache import AnswerCache, Cache, NoCache
from app.answering.caching.memory import CacheMemory
from app.answering.caching.store import CacheStore
from app.answering.composing import Answering
from app.answering.deciding.policy import Policy
from app.answering.drafting import Drafter
from app.answering.handover import Handover
from app.answering.redrafting import Redrafting
from app.answering.second_look import SecondLook
from app.answering.summarising import Summariser
from app.answering.understanding.completing import Completion
from app.application import Application
from app.conversations.bus import EventBus, open_bus
from app.conversations.inbox import Inbox
from app.conversations.live import Live
from app.conversations.store import ConversationStore
from app.conversations.summaries import SummaryStore
from app.conversations.turns import TurnStore
from app.database import Database, new_id, open_database
from app.insight.correcting.corrector import Corrector
from app.insight.correcting.store import CorrectionStore
from app.insight.gaps.store import GapStore
from app.insight.hygiene.care import Care
from app.insight.judgement import Judgement, open_judgement
from app.insight.reviewing.probes import ProbeStore
from app.insight.reviewing.store import ReviewStore
from app.insight.usage import UsageReport
from app.jobs import Jobs, open_jobs
from app.knowledge.embedding import open_embedder
from app.knowledge.engines import open_engine
from app.knowledge.library import Library
from app.knowledge.overriding.store import OverrideStore
from app.knowledge.pushing.store import PushedStore
from app.knowledge.reading import Readers, open_readers
from app.knowledge.runs import RunStore
from app.knowledge.shelves import Shelves
from app.knowledge.snapshots import SnapshotStore
from app.knowledge.store import DocumentStore
from app.knowledge.types import Embedder, VectorEngine, Vectors
from app.knowledge.writing.store import ArticleStore
from app.llm.money.allowance import open_budgeting
from app.llm.money.ledger import Ledger
from app.llm.money.spending import Spending
from app.llm.routing import open_routing
from app.llm.wire.http import open_client
from app.safety.links import Hosts
from app.settings import Settings
from app.speakers import Speakers, open_keys, open_speakers

__all__ = ["Application", "open_application"]


async def open_application(settings: Settings, bus: EventBus | None = None) -> Application:
    """Open everything that the settings name, with the `bus` of this process's jobs. Raises `Misconfigured`."""
    embedder, readers = await to_thread.run_sync(_own_models, settings)
    client, database = open_client(), open_database(settings.database)
    workspace_id = await Workspaces(database).ensure(settings.workspace_name)
    speakers = await _speakers(settings, client, database, workspace_id, embedder)
    bus, jobs = bus or open_bus(settings.redis_url), open_jobs(settings.data_dir, settings.redis_url)
    library = await _library(settings, database, embedder, jobs, readers)
    live, cache = Live(ConversationStore(database), bus), _cache(settings, database)
    handover = _handover(settings, live, speakers, library, readers)
    choices = await _choices(settings, database, speakers, workspace_id, readers)
    answering = _answering(settings, library, speakers, cache, choices["judgement"], readers)
    return Application(
        settings=settings,
        workspace_id=workspace_id,
        database=database,
        bus=bus,
        conversations=live.store,
        live=live,
        assistant=_assistant(settings, live, answering, handover),
        library=library,
        jobs=jobs,
        speakers=speakers,
        client=client,
        cache=cache,
        corrector=Corrector(library, CorrectionStore(database), handover.redrafting.inbox, live),
        **_for_agents(handover),
        **_accounts(settings, database, speakers, jobs),
        **choices,
    )


def _own_models(settings: Settings) -> tuple[Embedder, Readers]:
    """Those that run in this process; loading them takes seconds."""
    return open_embedder(settings.embed, settings.model_dir), open_readers(settings.reader, settings.model_dir)


async def _speakers(
    settings: Settings, client: httpx.AsyncClient, database: Database, workspace_id: str, embedder: Embedder
) -> Speakers:
    keyring = await open_keys(settings, database, workspace_id)
    return open_speakers(settings, client, partial(_in_a_thread, embedder), Ledger(database), keyring)


async def _choices(
    settings: Settings, database: Database, speakers: Speakers, workspace_id: str, readers: Readers
) -> dict[str, Any]:
    """What an admin chose in place of the settings."""
    written, known = Policy(**settings.policy.model_dump()), (settings.workspace_name,)
    return {
        "routing": await open_routing(database, speakers.routes, workspace_id),
        "judgement": await open_judgement(database, written, workspace_id, known, readers.claims),
        "budgeting": await open_budgeting(database, speakers.books, speakers.choices.values(), workspace_id),
    }


def _drafter(settings: Settings, speakers: Speakers, readers: Readers) -> Drafter:
    return Drafter(speakers.last, speakers.drafting, _hosts(settings), settings.workspace_name, readers.claims)


def _cache(settings: Settings, database: Database) -> Cache:
    own = settings.cache
    if not own.enabled:
        return NoCache()
    # Without a similarity only the same words are the same question.
    similarity = own.similarity if own.semantic else None
    return AnswerCache(CacheMemory(CacheStore(database)), similarity, own.recheck_share)


def _answering(  # what a turn needs
    settings: Settings, library: Library, speakers: Speakers, cache: Cache, judgement: Judgement, readers: Readers
) -> Answering:
    return Answering(
        search=library.search,
        versions=library.version,
        writers=speakers.answering,
        drafter=_drafter(settings, speakers, readers),
        price=speakers.price,
        rules=judgement.policies.rules,
        hosts=_hosts(settings),
        workspace=settings.workspace_name,
        cache=cache,
        complete=Completion(speakers.rewriting, settings.workspace_name),
        second_look=SecondLook(readers.answers),
        claims=readers.claims,
    )


def _handover(settings: Settings, live: Live, speakers: Speakers, library: Library, readers: Readers) -> Handover:
    """What agents find: drafts and summaries."""
    database, workspace = live.store.database, settings.workspace_name
    summaries = Summariser(SummaryStore(database), speakers.summarising, workspace, live.tell)
    return Handover(Redrafting(Inbox(database), library.search, _drafter(settings, speakers, readers)), summaries)


def _for_agents(handover: Handover) -> dict[str, Any]:
    """What the people's side works with."""
    redrafting = handover.redrafting
    return {"inbox": redrafting.inbox, "redrafting": redrafting, "summaries": handover.summaries}


def _assistant(settings: Settings, live: Live, answering: Answering, handover: Handover) -> Assistant:
    turns, longest = TurnStore(live.store.database), settings.limits.question_characters
    return Assistant(turns, live, answering, new_id(), longest, handover.prepare)


def _accounts(settings: Settings, database: Database, speakers: Speakers, jobs: Jobs) -> dict[str, Any]:
    """Who may do what and how often, who did, what it came to, what they write and what is looked at first."""
    return {
        "articles": ArticleStore(database),
        "gaps": GapStore(database),
        "hosts": _hosts(settings),
        "people": People(database),
        "sessions": Sessions(database, settings.limits.session_hours),
        "invitations": Invitations(database),
        "keys": Keys(database),
        "receipts": Receipts(database),
        "audit": Audit(database),
        "care": Care.over(database, jobs),
        "probes": ProbeStore(database),
        "reviews": ReviewStore(database),
        "usage": UsageReport(database, Spending(database, speakers.books.allowance)),
        "limiter": open_limiter(settings.redis_url),
    }


async def _in_a_thread(embedder: Embedder, texts: list[str]) -> Vectors:
    return await to_thread.run_sync(embedder.embed_questions, texts)


async def _library(settings: Settings, database: Database, embedder: Embedder, jobs: Jobs, readers: Readers) -> Library:
    mark = await Workspaces(database).mark(settings.database)
    snapshots = SnapshotStore(database)
    shelves = Shelves(snapshots, _engine(settings, mark), settings.snapshot_dir, readers.ordering)
    runs, pushed, overrides = RunStore(database), PushedStore(database), OverrideStore(database)
    return Library(DocumentStore(database), snapshots, runs, shelves, embedder, jobs, pushed, overrides)


def _engine(settings: Settings, mark: str) -> VectorEngine:
    return open_engine(settings.snapshot_dir, settings.chroma_url, settings.pgvector_url, mark)


def _hosts(settings: Settings) -> Hosts:
    return Hosts.of((*settings.link_hosts, settings.public_url))
