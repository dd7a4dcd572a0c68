"""What `answerdesk doctor` looks at: each part of an installation, in the order in which the others need it."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.errors import AppError, Conflict, Misconfigured, NotFound, Unavailable
from app.settings import Settings, Unreadable, load_settings
from app.settings.telling import located, wrong

if TYPE_CHECKING:
    from app.knowledge.snapshots import SnapshotStore
    from app.knowledge.types import Snapshot

LITTLE_FREE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; without a mend all is well."""

    check: str
    ok: bool
    what: str
    mend: str = ""

    @property
    def line(self) -> str:
        """As a person reads it."""
        return f"ok: {self.what}" if self.ok else f"attention: {self.what} — {self.mend}"


def examine() -> Iterator[Finding]:
    """One finding after the other. Without readable settings there is nothing else to look at."""
    try:
        settings = load_settings()
    except (ValueError, OSError) as error:
        yield Finding("settings", False, _sentence(error), "correct it in the environment, .env or answerdesk.toml")
        return
    yield _settings()
    parts = [_looked("data", _data, settings), _looked("database", _database, settings)]
    parts.append(_looked("embedding", _embedding, settings))
    yield from parts
    whole = all(part.ok for part in parts[:2])
    if whole:
        yield _looked("knowledge", _knowledge, settings)
    else:
        yield Finding("knowledge", False, "The published snapshot was not looked at", "mend what stands above first")
    yield _looked("models", _models if whole else _models_alone, settings)


def _sentence(error: Exception) -> str:
    """What is wrong, without the value: it may be a secret."""
    if isinstance(error, ValidationError):
        return wrong(error).rstrip(".")
    return str(error).rstrip(".") if isinstance(error, Unreadable) else f"The settings cannot be read: {error}"


def _looked(check: str, look: Callable[[Settings], str], settings: Settings) -> Finding:
    """A refusal is a sentence that says what is wrong, and another that says how to mend it."""
    try:
        return Finding(check, True, look(settings))
    except AppError as refusal:
        what, _, mend = refusal.detail.partition(". ")
        return Finding(check, False, what.rstrip("."), mend.rstrip(".") or "look into the log")


def _settings() -> Finding:
    path = os.environ.get("ANSWERDESK_CONFIG")
    if path and not Path(path).is_file():
        return Finding("settings", False, f"There is no file {path}", "correct ANSWERDESK_CONFIG")
    return Finding("settings", True, "The settings are readable.")


def _data(settings: Settings) -> str:
    folder = settings.data_dir.resolve()
    if not folder.is_dir():
        raise NotFound(f"The data folder {folder} is not there. Create it, or run `answerdesk ingest`.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Unavailable(f"The data folder {folder} cannot be written. Let its owner be who runs Answerdesk.")
    free = shutil.disk_usage(folder).free
    if free < LITTLE_FREE_BYTES:
        raise Unavailable(f"The disk of {folder} has only {free // 1_000_000} MB free. Make room on it.")
    return f"The data folder {folder} can be written, with {free / 1e9:.1f} GB free."


def _database(settings: Settings) -> str:
    from asyncpg import InterfaceError, PostgresError

    from app.migrations.run import behind

    path = sqlite_file(settings)
    if path and not path.is_file():
        raise NotFound(f"There is no database at {path}. Run `answerdesk migrate`.")
    try:
        late = behind(settings.database)
    except (SQLAlchemyError, PostgresError, InterfaceError, OSError) as error:
        raise Unavailable("The database does not answer. Check ANSWERDESK_DATABASE_URL and its server.") from error
    if late:
        raise Conflict("The database is not of this version. Run `answerdesk migrate`.")
    return "The database answers and is of this version."


def _embedding(settings: Settings) -> str:
    from app.knowledge.embedding import open_embedder
    from app.knowledge.embedding.hashing import HashEmbedder

    fingerprint = open_embedder(settings.embed, settings.model_dir).fingerprint
    if settings.embed.backend == "onnx" and fingerprint == HashEmbedder().fingerprint:
        raise NotFound(f"No embedding model is prepared in {settings.model_dir}. Run `answerdesk model prepare`.")
    return f"The embedding model is ready: {fingerprint}."


def _knowledge(settings: Settings) -> str:
    return asyncio.run(_opened(settings))


async def _opened(settings: Settings) -> str:
    from app.accounts.workspaces import Workspaces
    from app.database import open_database
    from app.knowledge.snapshots import SnapshotStore

    database = open_database(settings.database)
    try:
        snapshots = SnapshotStore(database)
        workspace_id = await Workspaces(database).ensure(settings.workspace_name)
        published = await snapshots.published_id(workspace_id)
        if published is None:
            raise NotFound("Nothing is published. Run `answerdesk ingest` with your articles.")
        trouble = await _trouble(settings, snapshots, await snapshots.get(workspace_id, published))
    finally:
        await database.close()
    if trouble:
        raise Unavailable(f"Snapshot {published} does not open whole: {trouble}. Ingest your articles again.")
    return f"Snapshot {published} is published and opens."


async def _trouble(settings: Settings, snapshots: "SnapshotStore", published: "Snapshot") -> str | None:
    """What keeps the published snapshot from being searched as it should; opened as a search opens it."""
    from app.knowledge.embedding import open_embedder
    from app.knowledge.engines import open_engine
    from app.knowledge.shelves import Shelves

    engine = open_engine(settings.snapshot_dir, settings.chroma_url, settings.pgvector_url)
    embedder = open_embedder(settings.embed, settings.model_dir)
    opened = await Shelves(snapshots, engine, settings.snapshot_dir).open(published, embedder)
    opened.close()
    return opened.degraded


def refused_at_start(settings: Settings, environment: Mapping[str, str]) -> str | None:
    """Why the server would not start with these models, routes and budgets. A key that may be stored is not missed."""
    from app.llm.connecting import key_name
    from app.speakers import check_speakers, model_choices

    keys = {key_name(choice) or "" for choice in model_choices(settings, environment)}
    try:
        asyncio.run(check_speakers(settings, environment, keys if settings.secret_key else ()))
    except Misconfigured as trouble:
        return located(trouble.detail)
    return None


def _models(settings: Settings) -> str:
    return asyncio.run(_models_with_keys(settings))


def _models_alone(settings: Settings) -> str:
    from app.speakers import check_speakers

    return f"Each model has what it needs: {', '.join(asyncio.run(check_speakers(settings, os.environ)))}."


async def _models_with_keys(settings: Settings) -> str:
    from app.cli_keys import keys_at_hand
    from app.speakers import check_speakers

    async with keys_at_hand(settings) as keyring:
        names = await check_speakers(settings, keyring, keyring.stored)
        if keyring.unreadable:
            stored = ", ".join(keyring.unreadable)
            raise Unavailable(
                f"The stored keys {stored} were encrypted under another ANSWERDESK_SECRET_KEY. Set them again in the "
                "console, or put the earlier secret into ANSWERDESK_FORMER_SECRET_KEYS."
            )
    return f"Each model has what it needs: {', '.join(names)}."


def sqlite_file(settings: Settings) -> Path | None:
    """Where the SQLite database lies; none when it is on a server."""
    url = make_url(settings.database)
    return Path(url.database or "answerdesk.db") if url.get_backend_name() == "sqlite" else None
