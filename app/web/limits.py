"""How often a customer, a key or a stranger may do what."""

from starlette.requests import Request

from app.accounts.limiter import Allowance
from app.web.identity import application_of
from app.web.protection import STANDING

MINUTE = 60
SIGN_INS = Allowance("sign-in", 10, 5 * MINUTE, "That were many attempts to sign in.")
SIGN_INS_TO_ACCOUNT = Allowance("sign-in-account", 30, 60 * MINUTE, "That were many attempts to sign in.")
INVITATIONS = Allowance("invitation", 20, 5 * MINUTE, "That were many attempts to use a link.")
WHOLE_TEXTS = Allowance("whole-texts", 10, MINUTE, "That were many whole texts.")
RUNS = Allowance("runs", 30, MINUTE, "That were many uploads at once.")
VOTES = Allowance("votes", 20, MINUTE, "That were many votes at once.")
SUGGESTIONS = Allowance("suggestions", 240, MINUTE, "That were many searches at once.")
SCANS = Allowance("scans", 10, MINUTE, "That were many scans at once.")


async def limit_conversations(request: Request) -> None:
    """New conversations from one address."""
    times = application_of(request).settings.limits.conversations_per_minute
    told = "Many conversations were begun from your address."
    await limit(request, Allowance("conversations", times, MINUTE, told), address_of(request))


async def limit_questions(request: Request, key: str) -> None:
    """Questions in one conversation, or with one key."""
    times = application_of(request).settings.limits.questions_per_minute
    told = f"You may ask {times} questions a minute."
    await limit(request, Allowance("questions", times, MINUTE, told), key)


async def limit_calls(request: Request, key: str) -> None:
    """Calls of one API key, each of which is a conversation."""
    times = application_of(request).settings.limits.conversations_per_minute
    told = f"This key may make {times} calls a minute."
    await limit(request, Allowance("calls", times, MINUTE, told), key)


async def limit_sign_ins(request: Request, email: str) -> None:
    """Attempts to sign in: from one address to one account, and to one account from anywhere."""
    account = email.strip().lower()
    await limit(request, SIGN_INS, f"{address_of(request)} {account}")
    # Not told: it would say how often others have tried.
    await application_of(request).limiter.check(SIGN_INS_TO_ACCOUNT, account)


async def limit_invitations(request: Request) -> None:
    """Attempts to use a link."""
    await limit(request, INVITATIONS, address_of(request))


async def limit_runs(request: Request, key: str) -> None:
    """Ingest runs of one workspace."""
    await limit(request, RUNS, key)


async def limit_scans(request: Request, key: str) -> None:
    """Scans of one workspace."""
    await limit(request, SCANS, key)


async def limit(request: Request, allowance: Allowance, key: str) -> None:
    """Count one more, and let the response say where its sender stands. Raises `TooMany`."""
    standing = await application_of(request).limiter.count(allowance, key)
    request.scope[STANDING] = standing
    standing.refuse()


def address_of(request: Request) -> str:
    """Where the request came from."""
    return request.client.host if request.client else ""
