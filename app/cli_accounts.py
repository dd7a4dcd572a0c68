"""`answerdesk people`, `keys` and `audit`: who may come in, from the shell."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, Any, TypeVar

import typer

from app.accounts.audit import Audit, Verdict
from app.accounts.invitations import Invitations
from app.accounts.keys import Keys
from app.accounts.people import People
from app.accounts.types import DEFAULT_SCOPES, SYSTEM, Key, Role, Scope
from app.accounts.workspaces import Workspaces
from app.database import Database, now, open_database
from app.errors import Conflict, Invalid
from app.migrations.run import migrate
from app.settings import load_settings

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, one object a line.")]
T = TypeVar("T")
people = typer.Typer(no_args_is_help=True, help="People who may sign in.")
keys = typer.Typer(no_args_is_help=True, help="API keys for other software.")
audit = typer.Typer(no_args_is_help=True, help="Who changed what.")


def add_to(app: typer.Typer) -> None:
    """Put these commands beside the others."""
    app.add_typer(people, name="people")
    app.add_typer(keys, name="keys")
    app.add_typer(audit, name="audit")


@people.command("add")
def add_person(
    email: str,
    name: Annotated[str, typer.Option(help="How colleagues and customers see them.")] = "",
    role: Role = Role.AGENT,
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
    as_json: Json = False,
) -> None:
    """Add a person. Without a password a one-time link is printed, with which they set one."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    made = _run(_add_person(email, name or email.partition("@")[0], role, password))
    _say(made, as_json=as_json, sentence=f"{made['name']} ({made['role']}) was added. {made['link'] or ''}")


@people.command("list")
def list_people(as_json: Json = False) -> None:
    """Everybody, in order of name."""
    for person in _run(_list_people()):
        state = ", shut out" if person["disabled"] else ""
        _say(person, as_json=as_json, sentence=f"{person['email']}  {person['name']} ({person['role']}{state})")


@keys.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="What the key is for.")] = "key",
    scope: Annotated[
        list[str] | None, typer.Option(help="chat, search, inbox, admin; repeat or join by commas.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="After how many days it expires.")] = None,
    as_json: Json = False,
) -> None:
    """Make an API key, which is shown this once. Without a scope it may chat and search."""
    key, text = _run(_add_key(name, _scopes(scope), days))
    _say(key.json() | {"key": text}, as_json=as_json, sentence=f"{text}\nKeep it: it is not shown again.")


@keys.command("list")
def list_keys(as_json: Json = False) -> None:
    """Every key, newest first, without its secret."""
    for key in _run(_list_keys()):
        shown = key.json()
        state = "revoked" if key.revoked_at else f"last used {shown['used_at'] or 'never'}"
        _say(shown, as_json=as_json, sentence=f"{key.id}  {key.name} ({', '.join(shown['scopes'])}), {state}")


@keys.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """Make a key useless, at once and for good."""
    _run(_revoke_key(key_id))
    _say({"id": key_id, "revoked": True}, as_json=as_json, sentence=f"The key {key_id} no longer works.")


@audit.command("verify")
def verify_audit(as_json: Json = False) -> None:
    """Whether the chain of the audit log still holds. Exit code 1 when it does not."""
    verdict = _run(_verify())
    shown = {"holds": verdict.holds, "entries": verdict.entries, "broken_at": verdict.broken_at}
    if not verdict.holds and not as_json:
        raise Conflict(f"The audit log was changed: entry {verdict.broken_at} does not fit the one before.")
    _say(shown, as_json=as_json, sentence=f"The audit log holds: {verdict.entries} entries.")
    if not verdict.holds:
        raise typer.Exit(1)


@audit.command("export")
def export_audit(as_json: Json = True) -> None:
    """Every entry, oldest first, one JSON object a line, whether or not JSON is asked for."""
    del as_json
    for entry in _run(_export()):
        typer.echo(json.dumps(entry, ensure_ascii=False))


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def _say(shown: dict[str, Any], *, as_json: bool, sentence: str) -> None:
    typer.echo(json.dumps(shown, ensure_ascii=False) if as_json else sentence.rstrip())


def _scopes(given: list[str] | None) -> tuple[Scope, ...]:
    words = [word.strip() for text in given or () for word in text.split(",") if word.strip()]
    unknown = [word for word in words if word not in set(Scope)]
    if unknown:
        raise Invalid(f"There is no scope “{unknown[0]}”. Choose from {', '.join(Scope)}.")
    return tuple(Scope(word) for word in words) or DEFAULT_SCOPES


@asynccontextmanager
async def _accounts() -> AsyncIterator[tuple[Database, str]]:
    settings = load_settings()
    await asyncio.to_thread(migrate, settings.database)
    database = open_database(settings.database)
    try:
        yield database, await Workspaces(database).ensure(settings.workspace_name)
    finally:
        await database.close()


async def _add_person(email: str, name: str, role: Role, password: str | None) -> dict[str, Any]:
    async with _accounts() as (database, workspace_id):
        person = await People(database).add(workspace_id, email, name, role, SYSTEM, password)
        token = None if password else await Invitations(database).link_for(workspace_id, person.id, SYSTEM)
        address = load_settings().public_url.rstrip("/")
        return person.json() | {"link": f"{address}/invitation/{token}" if token else None}


async def _list_people() -> list[dict[str, Any]]:
    async with _accounts() as (database, workspace_id):
        return [person.json() for person in await People(database).all(workspace_id)]


async def _add_key(name: str, scopes: tuple[Scope, ...], days: int | None) -> tuple[Key, str]:
    async with _accounts() as (database, workspace_id):
        until = now() + timedelta(days=days) if days else None
        return await Keys(database).add(workspace_id, name, SYSTEM, scopes, until)


async def _list_keys() -> list[Key]:
    async with _accounts() as (database, workspace_id):
        return await Keys(database).all(workspace_id)


async def _revoke_key(key_id: str) -> None:
    async with _accounts() as (database, workspace_id):
        await Keys(database).revoke(workspace_id, key_id, SYSTEM)


async def _verify() -> Verdict:
    async with _accounts() as (database, workspace_id):
        return await Audit(database).verify(workspace_id)


async def _export() -> list[dict[str, Any]]:
    async with _accounts() as (database, workspace_id):
        return [entry.json() for entry in await Audit(database).export(workspace_id)]
