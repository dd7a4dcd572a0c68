"""People, keys, the audit log and what was used, under an admin's hands."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.accounts.audit import Sought
from app.accounts.types import Person
from app.database import now
from app.web.bodies import AuditSearch, NewKey, NewPerson
from app.web.identity import Admitted, App
from app.web.replies import json_of, nothing
from app.wiring import Application

router = APIRouter(prefix="/api/admin", tags=["administration"])


@router.get("/people")
async def list_people(application: App, caller: Admitted) -> Response:
    """Everybody of the workspace."""
    people = await application.people.all(caller.workspace_id)
    return json_of({"data": [person.json() for person in people], "next": None})


@router.post("/people", status_code=201)
async def add_person(application: App, caller: Admitted, body: NewPerson) -> Response:
    """Add somebody; `link` lets them set a password, once, and is shown this once."""
    person = await application.people.add(caller.workspace_id, body.email, body.name, body.role, caller.actor)
    return json_of(person.json() | {"link": await _link(application, caller, person)}, 201)


@router.post("/people/{person_id}/disable")
async def disable_person(application: App, caller: Admitted, person_id: str) -> Response:
    """Shut somebody out: their sessions and keys die at once."""
    return json_of((await _set_disabled(application, caller, person_id, disabled=True)).json())


@router.post("/people/{person_id}/enable")
async def enable_person(application: App, caller: Admitted, person_id: str) -> Response:
    """Let somebody in again."""
    return json_of((await _set_disabled(application, caller, person_id, disabled=False)).json())


@router.post("/people/{person_id}/link", status_code=201)
async def make_person_link(application: App, caller: Admitted, person_id: str) -> Response:
    """A new one-time link for somebody who forgot their password."""
    person = await application.people.get(caller.workspace_id, person_id)
    return json_of({"link": await _link(application, caller, person)}, 201)


@router.get("/keys")
async def list_keys(application: App, caller: Admitted) -> Response:
    """Every API key, without its secret."""
    return json_of({"data": [key.json() for key in await application.keys.all(caller.workspace_id)], "next": None})


@router.post("/keys", status_code=201)
async def add_key(application: App, caller: Admitted, body: NewKey) -> Response:
    """Make an API key; `key` is shown this once."""
    until = now() + timedelta(days=body.days) if body.days else None
    key, text = await application.keys.add(caller.workspace_id, body.name, caller.actor, body.scopes, until)
    return json_of(key.json() | {"key": text}, 201)


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(application: App, caller: Admitted, key_id: str) -> Response:
    """Make a key useless, at once and for good."""
    await application.keys.revoke(caller.workspace_id, key_id, caller.actor)
    return nothing()


@router.get("/audit")
async def list_audit(
    application: App,
    caller: Admitted,
    sought: Annotated[AuditSearch, Query()],
) -> Response:
    """Who changed what, newest first; `next` is where the following page begins."""
    after, limit = sought.after, sought.limit
    wanted = Sought(sought.action, sought.text, sought.since, sought.until)
    entries = await application.audit.entries(caller.workspace_id, after, limit, wanted)
    rows = [entry.json() for entry in entries]
    return json_of({"data": rows, "next": entries[-1].sequence if len(entries) == limit else None})


@router.get("/audit/verification")
async def verify_audit(application: App, caller: Admitted) -> Response:
    """Whether the chain of the audit log still holds."""
    verdict = await application.audit.verify(caller.workspace_id)
    return json_of({"holds": verdict.holds, "entries": verdict.entries, "broken_at": verdict.broken_at})


@router.get("/usage")
async def read_usage(application: App, caller: Admitted, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Response:
    """Turns, decisions, tokens and cost of the last days."""
    return json_of(await application.usage.of(caller.workspace_id, days))


async def _set_disabled(application: Application, caller: Admitted, person_id: str, *, disabled: bool) -> Person:
    return await application.people.set_disabled(caller.workspace_id, person_id, caller.actor, disabled=disabled)


async def _link(application: Application, caller: Admitted, person: Person) -> str:
    token = await application.invitations.link_for(caller.workspace_id, person.id, caller.actor)
    return f"{application.settings.public_url.rstrip('/')}/invitation/{token}"
