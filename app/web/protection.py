"""What every request passes and every response carries: an id, a check of where it comes from, and strict headers."""

import math
import re
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.accounts.limiter import Standing
from app.web.problems import problem

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE | {"POST", "PUT", "PATCH", "DELETE"}
UPLOADS = ("/api/admin/uploads", "/api/admin/documents", "/api/admin/articles")
"""Where whole documents come in, which may be larger than other requests."""
STANDING = "rate_limit_standing"
"""Where a request's scope keeps how often its sender may still do this."""
MACHINES = ("/api/", "/v1/")
MEGABYTE = 1024 * 1024
EMBEDDED = ("/embed", "/widget.js")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
)
_HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
)


@dataclass(frozen=True, slots=True)
class Guard:
    """How the front door is set up; the sizes are bytes."""

    body_bytes: int
    upload_bytes: int
    allowed_hosts: frozenset[str] = frozenset()
    widget_origins: tuple[str, ...] = ()
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)


class Protection:
    """Pure ASGI, since it runs for every request and every chunk of a stream."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self.app = app
        self.guard = guard
        self.requests = Counter(
            "answerdesk_requests", "Requests answered.", ("route", "method", "status"), registry=guard.registry
        )
        self.seconds = Histogram(
            "answerdesk_first_byte_seconds", "Until the response began.", ("route",), registry=guard.registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what must not come in, and let the rest pass."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD" and not scope["path"].startswith(MACHINES):
            scope = {**scope, "method": "GET"}  # the server keeps the body to itself
        headers, began = Headers(scope=scope), time.perf_counter()
        scope["request_id"] = _request_id(headers)

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._protect(scope, MutableHeaders(scope=message))
                self._count(scope, message["status"], time.perf_counter() - began)
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal:
            response = problem(Request(scope), *refusal)
            await response(scope, receive, send_protected)
        else:
            told = "content-length" in headers
            await self.app(scope, receive if told else _limited(receive, self._longest(scope)), send_protected)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            return 400, "This address holds a NUL character."
        if self.guard.allowed_hosts and _host(headers) not in self.guard.allowed_hosts:
            return 421, "This server does not answer for this host name."
        longest = self._longest(scope)
        if _length(headers) > longest:
            return 413, f"A request here may have at most {_size(longest)}; yours has {_size(_length(headers))}."
        if scope["method"] not in SAFE and forged(headers):
            return 403, "This request came from another site, so it was refused."
        return None

    def _longest(self, scope: Scope) -> int:
        return self.guard.upload_bytes if scope["path"].startswith(UPLOADS) else self.guard.body_bytes

    def _protect(self, scope: Scope, headers: MutableHeaders) -> None:
        path = scope["path"]
        for name, value in _HEADERS:
            headers.setdefault(name, value)
        headers.setdefault("content-security-policy", _POLICY + self._ancestors(path))
        headers.setdefault(
            "cross-origin-resource-policy", "cross-origin" if path.startswith(EMBEDDED) else "same-origin"
        )
        headers["x-request-id"] = scope["request_id"]
        if STANDING in scope:
            headers.update(allowance_headers(scope[STANDING]))
        if path.startswith(MACHINES):
            headers.setdefault("cache-control", "no-store")
        if scope["scheme"] == "https":
            headers.setdefault("strict-transport-security", "max-age=31536000")

    def _ancestors(self, path: str) -> str:
        return " ".join(("'self'", *self.guard.widget_origins)) if path.startswith(EMBEDDED) else "'none'"

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "name", None) or "none"
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.requests.labels(route, method, status).inc()
        self.seconds.labels(route).observe(seconds)


def allowance_headers(standing: Standing) -> dict[str, str]:
    """What somebody has left, as draft-ietf-httpapi-ratelimit-headers-11 writes it."""
    allowance = standing.allowance
    left, seconds = max(0, standing.left), max(0, math.ceil(standing.seconds))
    return {
        "ratelimit-policy": f'"{allowance.name}";q={allowance.times};w={allowance.seconds}',
        "ratelimit": f'"{allowance.name}";r={left};t={seconds}',
    }


def _limited(receive: Receive, longest: int) -> Receive:
    """A body that does not say how long it is, cut off where it gets too long.

    FastAPI's `max_body_size` would replace every answer to such a request by a plain text of its own.
    """
    taken = 0

    async def receive_limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > longest:
            raise HTTPException(413)
        return message

    return receive_limited


def forged(headers: Headers) -> bool:
    """Whether another site made the browser send this.

    Fetch Metadata decides where the browser sends it, else the Origin (OWASP, CSRF prevention). A request with an
    Authorization header was made by a program that holds a secret; no browser adds that by itself.
    """
    if "authorization" in headers:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _host(headers: Headers) -> str:
    return headers.get("host", "").rsplit(":", 1)[0].lower()


def _size(count: int) -> str:
    """Rounded up, so that what is a little too large does not look as if it were not."""
    return f"{math.ceil(100 * count / MEGABYTE) / 100:g} MB" if count >= MEGABYTE else f"{math.ceil(count / 1024)} KB"


def _length(headers: Headers) -> int:
    given = headers.get("content-length", "0")
    return int(given) if given.isdecimal() and given.isascii() else 0
