"""The recipe for work that waits: the little of the house that it needs, opened for one look and closed again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.accounts.workspaces import Workspaces
from app.conversations.summaries import SummaryStore
from app.database import Database, open_database
from app.insight.errands import Errands
from app.insight.gaps.store import GapStore
from app.insight.opinions import OpinionStore
from app.insight.works import Gaps, Opinions, Summaries, Work
from app.jobs import Payload
from app.knowledge.embedding import open_embedder
from app.knowledge.types import Vectors
from app.llm.money.allowance import open_budgeting
from app.llm.money.ledger import Ledger
from app.llm.routing import open_routing
from app.llm.wire.http import open_client
from app.settings import Settings
from app.speakers import Speakers, open_keys, open_speakers


def errands(settings: Settings, payload: Payload) -> None:
    """Look once at everything that waits. What goes wrong is tried again at the next look."""
    asyncio.run(_look(settings, at_once=bool(payload.get("at_once"))))


@asynccontextmanager
async def open_errands(settings: Settings) -> AsyncIterator[Errands]:
    """Everything that waits, under the routes and budgets as they stand."""
    database, client = open_database(settings.database), open_client()
    try:
        workspace_id = await Workspaces(database).ensure(settings.workspace_name)
        embedding = Embedding(settings)
        keyring = await open_keys(settings, database, workspace_id)
        speakers = open_speakers(settings, client, embedding, Ledger(database), keyring)
        await open_routing(database, speakers.routes, workspace_id)
        await open_budgeting(database, speakers.books, speakers.choices.values(), workspace_id)
        try:
            yield _errands(database, workspace_id, speakers, _works(settings, database, embedding))
        finally:
            await speakers.close()
    finally:
        await client.aclose()
        await database.close()


@dataclass(frozen=True, slots=True)
class Embedding:
    """The embedder, opened when somebody asks for it: most looks need none."""

    settings: Settings

    async def __call__(self, texts: list[str]) -> Vectors:
        """One row a text."""
        embedder = await asyncio.to_thread(open_embedder, self.settings.embed, self.settings.model_dir)
        return await asyncio.to_thread(embedder.embed_questions, texts)


async def _look(settings: Settings, *, at_once: bool) -> None:
    async with open_errands(settings) as found:
        await found.look(at_once=at_once)


def _works(settings: Settings, database: Database, embedding: Embedding) -> tuple[Work, ...]:
    workspace = settings.workspace_name
    return (
        Summaries(SummaryStore(database), workspace),
        Gaps(GapStore(database), embedding, workspace),
        Opinions(OpinionStore(database)),
    )


def _errands(database: Database, workspace_id: str, speakers: Speakers, works: tuple[Work, ...]) -> Errands:
    lineups = {"summary": speakers.summarising, "draft": speakers.drafting, "judge": speakers.judging}
    return Errands(database, workspace_id, speakers.batches, lineups, works)  # type: ignore[arg-type]  # purposes
