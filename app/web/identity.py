"""Who asks, and whether they may: one dependency for every route, decided by the table of rules."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from app.accounts.keys import PREFIX
from app.accounts.rules import RULES, Rule
from app.accounts.secrecy import digest
from app.accounts.types import SYSTEM, Actor, Key, Person
from app.conversations.inbox import Agent
from app.conversations.types import Asked
from app.errors import Forbidden, NotFound, Unauthorised
from app.wiring import Application

ANONYMOUS = Actor("anonymous", "Somebody", SYSTEM.role.AGENT)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever made the request, and the workspace that they see."""

    workspace_id: str
    conversation: Asked | None = None
    person: Person | None = None
    key: Key | None = None

    @property
    def actor(self) -> Actor:
        """As the audit log names them."""
        if self.person:
            return self.person.actor
        return self.key.actor if self.key else ANONYMOUS

    @property
    def agent(self) -> Agent:
        """As conversations know them."""
        who = self.person or self.key
        if who is None:
            raise Unauthorised
        return Agent(who.id, who.name, who.workspace_id)

    @property
    def is_staff(self) -> bool:
        """Whether this is a person or a key, who may see what customers may not."""
        return self.person is not None or self.key is not None


def application_of(request: Request) -> Application:
    """What the process is made of."""
    application: Application = request.app.state.application
    return application


async def admitted(request: Request) -> Caller:
    """Whoever asks, if the rule of this route lets them in."""
    rule = RULES.get(request.scope["route"].name)
    if rule is None:
        raise Forbidden("Nobody may use this address, because no rule says who may.")
    return await caller_under(rule, request)


async def caller_under(rule: Rule, request: Request) -> Caller:
    """Whoever asks, if this rule lets them in. Raises `Unauthorised`, `Forbidden` or `NotFound`."""
    application = application_of(request)
    if rule.public or (rule.loopback and _is_near(request)):
        return Caller(application.workspace_id)
    bearer = _bearer(request)
    if bearer is None:
        return await _with_cookie(application, rule, request)
    if bearer.startswith(PREFIX):
        return await _with_key(application, rule, bearer)
    if rule.conversation:
        return await _with_token(application, request, bearer)
    raise Unauthorised


async def signed_in(request: Request) -> Person | None:
    """The person whose browser this is; none when nobody is signed in. For pages that are open to all."""
    token = request.cookies.get(cookie_name(request))
    try:
        return await application_of(request).sessions.find(token) if token else None
    except Unauthorised:
        return None


def cookie_name(request: Request) -> str:
    """The name of the session's cookie. Browsers take `__Host-` only over https."""
    return "__Host-session" if request.url.scheme == "https" else "session"


def token_of(conversation_id: str, secret: str) -> str:
    """What a customer keeps: it names its conversation, so that it can be found with one look."""
    return f"{conversation_id}.{secret}"


async def _with_cookie(application: Application, rule: Rule, request: Request) -> Caller:
    token = request.cookies.get(cookie_name(request))
    if not token or rule.role is None:
        raise Unauthorised
    person = await application.sessions.find(token)
    if not rule.admits(person, None):
        raise Forbidden
    return Caller(person.workspace_id, person=person)


async def _with_key(application: Application, rule: Rule, text: str) -> Caller:
    key = await application.keys.find(text)
    if not rule.admits(None, key):
        wanted = f"This key lacks the scope “{rule.scope.value}”." if rule.scope else "This address takes no API key."
        raise Forbidden(wanted)
    return Caller(key.workspace_id, key=key)


async def _with_token(application: Application, request: Request, bearer: str) -> Caller:
    named, _, secret = bearer.partition(".")
    wanted = request.path_params.get("conversation_id", named)
    if not secret:
        raise Unauthorised
    if wanted != named:
        raise NotFound
    asked = await application.conversations.authenticate(named, digest(secret))
    return Caller(asked.workspace_id, conversation=asked)


def _bearer(request: Request) -> str | None:
    given = request.headers.get("authorization")
    if given is None:
        return None
    kind, _, value = given.partition(" ")
    if kind.lower() != "bearer" or not value.strip():
        raise Unauthorised("Send the secret as “Authorization: Bearer …”.")
    return value.strip()


def _is_near(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


async def _customer(caller: Annotated[Caller, Depends(admitted)]) -> Asked:
    if caller.conversation is None:
        raise Unauthorised
    return caller.conversation


async def _application(request: Request) -> Application:
    # A dependency that is no coroutine would cost a hop to another thread.
    return application_of(request)


App = Annotated[Application, Depends(_application)]
Admitted = Annotated[Caller, Depends(admitted)]
Customer = Annotated[Asked, Depends(_customer)]
