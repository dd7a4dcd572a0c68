"""Opens what ingestion needs, which is little of the whole house, and closes it again."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from app.accounts.workspaces import Workspaces
from app.answering.deciding.policy import Policy
from app.answering.deciding.standing import Policies
from app.answering.deciding.store import DecisionStore
from app.database import Database, open_database
from app.errors import Misconfigured
from app.insight.reviewing.probes import ProbeStore
from app.insight.reviewing.reviewer import Reviewer
from app.insight.reviewing.store import ReviewStore
from app.jobs import open_jobs
from app.knowledge.embedding import open_embedder
from app.knowledge.engines import open_engine
from app.knowledge.library import Library
from app.knowledge.overriding.store import OverrideStore
from app.knowledge.pushing.store import PushedStore
from app.knowledge.reading import open_reader
from app.knowledge.runs import RunStore
from app.knowledge.shelves import Shelves
from app.knowledge.snapshots import SnapshotStore
from app.knowledge.store import DocumentStore
from app.migrations.run import migrate
from app.safety.addresses import Reach
from app.settings import Settings, load_settings
from ingest.checking import Checks
from ingest.loaders import MEGABYTE
from ingest.pipeline import Ingestion
from ingest.reviewing import AtReview
from ingest.sources.anywhere import Anywhere
from ingest.sources.confined import Allowance
from ingest.sources.crawl import Limits
from ingest.sources.git import Git
from ingest.sources.web import Web

T = TypeVar("T")


@asynccontextmanager
async def workshop(settings: Settings) -> AsyncIterator[tuple[Ingestion, str]]:
    """The ingestion that these settings describe, and the workspace it fills. The database is brought up to date."""
    migrate(settings.database)
    database = open_database(settings.database)
    try:
        workspace_id = await Workspaces(database).ensure(settings.workspace_name)
        mark = await Workspaces(database).mark(settings.database)
        library, origin = _library(settings, database, mark), open_origin(settings, database)
        checks, days = Checks((AtReview(reviewer_of(settings, library)),)), settings.limits.run_log_days
        largest = settings.limits.upload_megabytes * MEGABYTE
        kept = settings.limits.kept_snapshots
        try:
            yield Ingestion(library, largest, checks, origin, days, kept), workspace_id
        finally:
            origin.close()
            await library.close()
    finally:
        await database.close()


async def within(work: Callable[[Library, str], Awaitable[T]]) -> T:
    """Do this with the library and the workspace that the settings name, and close everything again."""
    async with workshop(load_settings()) as (ingestion, workspace_id):
        return await work(ingestion.library, workspace_id)


def reviewer_of(settings: Settings, library: Library) -> Reviewer:
    """Whoever reviews snapshots of this library, under the rules that these settings give."""
    database = library.snapshots.database
    policies = Policies(DecisionStore(database), Policy(**settings.policy.model_dump()))
    return Reviewer(library, ProbeStore(database), ReviewStore(database), policies)


def open_origin(settings: Settings, database: Database) -> Anywhere:
    """Where documents come from, as these settings allow."""
    choice = settings.fetch
    limits = Limits(pages=choice.pages, megabytes=choice.megabytes)
    largest, authorities = choice.page_megabytes * MEGABYTE, _authorities(choice.authorities)
    web = Web(choice.allowed_hosts, choice.delay_seconds, largest, limits, authorities)
    allowance = Allowance(choice.megabytes, choice.repository_files, choice.repository_seconds)
    git = Git(Reach.of(choice.allowed_hosts), allowance, authorities)
    return Anywhere(database, settings.data_dir / "fetched", web, git, choice.folders)


def _authorities(path: Path | None) -> Path | None:
    """As it is set, when certificates can be read from it."""
    if path is None:
        return None
    try:
        ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"ANSWERDESK_FETCH__AUTHORITIES: no certificates can be read from {path}.") from error
    return path.resolve()


def _library(settings: Settings, database: Database, mark: str) -> Library:
    engine = open_engine(settings.snapshot_dir, settings.chroma_url, settings.pgvector_url, mark)
    snapshots = SnapshotStore(database)
    return Library(
        DocumentStore(database),
        snapshots,
        RunStore(database),
        Shelves(snapshots, engine, settings.snapshot_dir, open_reader(settings.reader)),
        open_embedder(settings.embed, settings.model_dir),
        open_jobs(settings.data_dir, settings.redis_url),
        PushedStore(database),
        OverrideStore(database),
    )
