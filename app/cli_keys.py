"""`answerdesk model key`: a provider's key stored from the shell; and the keys as they stand, for other commands."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from app.errors import NotFound
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    from app.llm.keyring.keyring import Keyring


def add_to(models: typer.Typer) -> None:
    """Put this command under `answerdesk model`."""
    models.command("key")(store_key)


def store_key(
    name: Annotated[str, typer.Argument(help="Its name, such as OPENAI_API_KEY.")],
    remove: Annotated[bool, typer.Option("--remove", help="Forget the stored key.")] = False,
) -> None:
    """Store a provider's key, encrypted, as the console does. The key is asked for, or read from standard input."""
    from app.migrations.run import migrate

    settings = load_settings()
    _check(settings, name)
    migrate(settings.database)
    key = "" if remove else _asked(name)
    asyncio.run(_forget(settings, name) if remove else _keep(settings, name, key))
    typer.echo(f"{name} was removed." if remove else f"{name} is stored, and counts from the next call on.")


@asynccontextmanager
async def keys_at_hand(settings: Settings) -> AsyncIterator["Keyring"]:
    """The environment and the stored keys of a database of this version."""
    from app.accounts.workspaces import Workspaces
    from app.database import open_database
    from app.speakers import open_keys

    database = open_database(settings.database)
    try:
        workspace_id = await Workspaces(database).ensure(settings.workspace_name)
        yield await open_keys(settings, database, workspace_id)
    finally:
        await database.close()


def environment_of(settings: Settings) -> Mapping[str, str]:
    """What models and routes follow from: where none was written down, the stored keys count too."""
    if settings.model or not settings.secret_key:
        return os.environ
    from app.migrations.run import migrate

    migrate(settings.database)
    return asyncio.run(_looked(settings))


async def _looked(settings: Settings) -> "Keyring":
    async with keys_at_hand(settings) as keyring:
        return keyring


async def _keep(settings: Settings, name: str, key: str) -> None:
    async with keys_at_hand(settings) as keyring:
        await keyring.put(name, key, "the command line")
        await _record(keyring, name, "provider_key.set")


async def _forget(settings: Settings, name: str) -> None:
    async with keys_at_hand(settings) as keyring:
        await keyring.remove(name, "the command line")
        await _record(keyring, name, "provider_key.removed")


async def _record(keyring: "Keyring", name: str, action: str) -> None:
    from app.accounts.audit import Audit
    from app.accounts.types import SYSTEM

    store = keyring.store
    await Audit(store.database).record(store.workspace_id, SYSTEM, action, f"provider_key:{name}")


def _check(settings: Settings, name: str) -> None:
    from app.llm.connecting import key_names
    from app.speakers import model_choices

    known = key_names(model_choices(settings, os.environ))
    if name not in known:
        raise NotFound(f"No model is asked with a key of this name. The names are: {', '.join(known)}.")


def _asked(name: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(name, hide_input=True))
    return sys.stdin.readline()
