"""Keys of providers under an admin's hands: set, replaced, removed, and never given back."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.errors import NotFound
from app.web.identity import Admitted, App
from app.web.money_bodies import NewProviderKey
from app.web.replies import json_of
from app.wiring import Application

router = APIRouter(prefix="/api/admin/provider-keys", tags=["models and money"])


@router.get("")
async def list_provider_keys(application: App, caller: Admitted) -> Response:
    """Each key by its name: where the one in use comes from, and of a stored one when it was set, by whom, and its end.

    `trouble` says why none can be stored and how to mend that. No key is ever told.
    """
    del caller
    await application.look()
    rows = [_told(application, name, users) for name, users in application.speakers.enrolment.users().items()]
    return json_of({"data": rows, "trouble": application.keyring.seals.trouble, "next": None})


@router.put("/{name}")
async def set_provider_key(application: App, caller: Admitted, name: str, body: NewProviderKey) -> Response:
    """Store a key, encrypted, in place of the one before. It counts at once, without a restart, for every process."""
    _check_name(application, name)
    await application.keyring.put(name, body.key.get_secret_value(), caller.actor.name)
    await application.audit.record(caller.workspace_id, caller.actor, "provider_key.set", f"provider_key:{name}")
    return await _standing(application, name)


@router.delete("/{name}")
async def remove_provider_key(application: App, caller: Admitted, name: str) -> Response:
    """Forget a stored key; the environment's counts again, if there is one."""
    await application.keyring.remove(name, caller.actor.name)
    await application.audit.record(caller.workspace_id, caller.actor, "provider_key.removed", f"provider_key:{name}")
    return await _standing(application, name)


def _check_name(application: Application, name: str) -> None:
    known = application.speakers.enrolment.users()
    if name not in known:
        some = ", ".join(sorted(known)) or "none yet"
        raise NotFound(f"No model is asked with a key of this name. The names are: {some}.")


async def _standing(application: Application, name: str) -> Response:
    await application.look()
    return json_of(_told(application, name, application.speakers.enrolment.users().get(name, [])))


def _told(application: Application, name: str, users: list[str]) -> dict[str, Any]:
    return {**application.keyring.told(name), "models": users}
