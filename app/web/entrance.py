"""Signing in and out, and coming in for the first time."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.types import Person
from app.web.bodies import Acceptance, Credentials
from app.web.identity import Admitted, App, application_of, cookie_name
from app.web.limits import limit_invitations, limit_sign_ins
from app.web.replies import json_of, nothing

router = APIRouter(prefix="/api", tags=["entrance"])


@router.post("/session")
async def sign_in(request: Request, application: App, body: Credentials) -> Response:
    """Sign in with email address and password; the browser gets a session cookie."""
    await limit_sign_ins(request, body.email)
    person = await application.people.sign_in(application.workspace_id, body.email, body.password.get_secret_value())
    return await _welcomed(request, person)


@router.get("/session")
async def who_am_i(caller: Admitted) -> Response:
    """Who is signed in here."""
    return json_of(caller.person.json() if caller.person else None)


@router.delete("/session", status_code=204)
async def sign_out(request: Request, application: App) -> Response:
    """End the session, on the server and in the browser."""
    token = request.cookies.get(cookie_name(request))
    if token:
        await application.sessions.end(token)
    response = nothing()
    response.delete_cookie(cookie_name(request), path="/", secure=_is_https(request), httponly=True, samesite="lax")
    return response


@router.get("/invitations/{token}")
async def look_at_invitation(request: Request, application: App, token: str) -> Response:
    """What a one-time link is good for."""
    await limit_invitations(request)
    invitation = await application.invitations.look(token)
    return json_of({"role": invitation.role, "person": invitation.person.json() if invitation.person else None})


@router.post("/invitations/{token}", status_code=201)
async def accept_invitation(request: Request, application: App, token: str, body: Acceptance) -> Response:
    """Redeem a one-time link, and be signed in."""
    await limit_invitations(request)
    password = body.password.get_secret_value()
    person = await application.invitations.accept(token, body.name, body.email, password)
    return await _welcomed(request, person, 201)


async def _welcomed(request: Request, person: Person, status: int = 200) -> Response:
    sessions = application_of(request).sessions
    earlier = request.cookies.get(cookie_name(request))
    if earlier:
        await sessions.end(earlier)
    response = json_of(person.json(), status)
    response.set_cookie(
        cookie_name(request),
        await sessions.begin(person),
        max_age=int(sessions.most_hours * 3600),
        path="/",
        secure=_is_https(request),
        httponly=True,
        samesite="lax",
    )
    return response


def _is_https(request: Request) -> bool:
    return request.url.scheme == "https"
