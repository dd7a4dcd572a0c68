"""A request that may be sent twice and is done once: the `Idempotency-Key` header."""

import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from python_multipart.multipart import parse_options_header
from starlette.requests import Request
from starlette.responses import Response

from app.accounts.receipts import Receipt
from app.accounts.secrecy import digest
from app.errors import Invalid
from app.web.identity import Caller, admitted, application_of

LONGEST_KEY = 200
HEADER = "idempotency-key"
REPLAYED = {"Idempotency-Replayed": "true"}
Answer = Callable[[Request], Awaitable[Response]]


class OnceRoute(APIRoute):
    """A route whose POST with an `Idempotency-Key` is done once; the answer is kept for a day and given again."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the look at the key."""
        answer = super().get_route_handler()

        async def answer_once(request: Request) -> Response:
            key = key_of(request)
            if key is None or request.method != "POST":
                return await answer(request)
            return await _once(request, key, answer)

        return answer_once


def key_of(request: Request) -> str | None:
    """The key that the sender chose. Raises `Invalid` for one that is none."""
    key = request.headers.get(HEADER)
    if key is not None and not (key.strip() and len(key) <= LONGEST_KEY and key.isprintable()):
        raise Invalid(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable characters, such as a UUID.")
    return key


async def _once(request: Request, key: str, answer: Answer) -> Response:
    caller, receipts = await admitted(request), application_of(request).receipts
    name = digest(" ".join((_who(caller), request.url.path, key)))
    said = hashlib.sha256(_without_boundary(await request.body(), request)).hexdigest()
    before = await receipts.begin(caller.workspace_id, name, said)
    if before:
        return Response(before.body, before.status, REPLAYED, "application/json")
    try:
        response = await answer(request)
    except BaseException:
        await receipts.forget(name)
        raise
    await receipts.keep(name, Receipt(response.status_code, bytes(response.body).decode()))
    return response


def _without_boundary(body: bytes, request: Request) -> bytes:
    """A form sent again has another boundary between the same fields."""
    _, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    return body.replace(boundary, b"") if boundary else body


def _who(caller: Caller) -> str:
    who = caller.person or caller.key
    return f"{caller.workspace_id} {who.id if who else ''}"
