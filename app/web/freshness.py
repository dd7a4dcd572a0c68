"""Pages that a browser or a crawler asks for again: the answer is "not modified" as long as it would be the same."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

KEPT = ("cache-control", "vary", "etag", "last-modified", "content-location")
"""Headers that a 304 repeats (RFC 9110, 15.4.5)."""


def fresh(request: Request, response: Response, modified: datetime | None = None) -> Response:
    """The response with what it can be asked for again by, or 304 when the sender has exactly this."""
    response.headers["etag"] = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:32]}"'
    response.headers["cache-control"] = "no-cache"
    if modified:
        response.headers["last-modified"] = format_datetime(
            modified.astimezone(UTC).replace(microsecond=0), usegmt=True
        )
    if not _has(request, response, modified):
        return response
    return Response(
        status_code=304, headers={name: response.headers[name] for name in KEPT if name in response.headers}
    )


def _has(request: Request, response: Response, modified: datetime | None) -> bool:
    """Whether the sender has it. A date counts only without a tag, and only where no cookie changes the page."""
    given = request.headers.get("if-none-match")
    if given is not None:
        tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
        return "*" in tags or response.headers["etag"] in tags
    since = request.headers.get("if-modified-since")
    if since is None or modified is None or "cookie" in request.headers:
        return False
    try:
        return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False
