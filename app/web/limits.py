"""How often a customer, a key or a stranger may do what."""

from starlette.requests import Request

from app.accounts.limiter import Allowance
from app.web.identity import application_of

MINUTE = 60
SIGN_INS = Allowance("sign-in", 10, 5 * MINUTE, "That were many attempts to sign in.")
SIGN_INS_TO_ACCOUNT = Allowance("sign-in-account", 30, 60 * MINUTE, "That were many attempts to sign in.")
INVITATIONS = Allowance("invitation", 20, 5 * MINUTE, "That were many attempts to use a link.")
RUNS = Allowance("runs", 30, MINUTE, "That were many uploads at once.")


async def limit_conversations(request: Request) -> None:
    """New conversations from one address."""
    application = application_of(request)
    times = application.settings.limits.conversations_per_minute
    told = "Many conversations were begun from your address."
    await application.limiter.check(Allowance("conversations", times, MINUTE, told), address_of(request))


async def limit_questions(request: Request, key: str) -> None:
    """Questions in one conversation, or with one key."""
    application = application_of(request)
    times = application.settings.limits.questions_per_minute
    told = f"You may ask {times} questions a minute."
    await application.limiter.check(Allowance("questions", times, MINUTE, told), key)


async def limit_calls(request: Request, key: str) -> None:
    """Calls of one API key, each of which is a conversation."""
    application = application_of(request)
    times = application.settings.limits.conversations_per_minute
    told = f"This key may make {times} calls a minute."
    await application.limiter.check(Allowance("calls", times, MINUTE, told), key)


async def limit_sign_ins(request: Request, email: str) -> None:
    """Attempts to sign in: from one address to one account, and to one account from anywhere."""
    limiter, account = application_of(request).limiter, email.strip().lower()
    await limiter.check(SIGN_INS, f"{address_of(request)} {account}")
    await limiter.check(SIGN_INS_TO_ACCOUNT, account)


async def limit_invitations(request: Request) -> None:
    """Attempts to use a link."""
    await application_of(request).limiter.check(INVITATIONS, address_of(request))


def address_of(request: Request) -> str:
    """Where the request came from."""
    return request.client.host if request.client else ""
