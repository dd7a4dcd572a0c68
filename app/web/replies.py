"""Answers as JSON, without the cost of a response model."""

from typing import Any

import orjson
from starlette.responses import Response

from app.errors import Invalid

LONGEST_REVISION = 9


def json_of(content: Any, status: int = 200) -> Response:  # noqa: ANN401  # whatever JSON can say
    """This content as a response."""
    return Response(orjson.dumps(content), status, media_type="application/json")


def nothing() -> Response:
    """Done, and nothing to say about it."""
    return Response(status_code=204)


def expected_revision(tag: str | None) -> int | None:
    """The revision that somebody read, from their `If-Match`; none when they did not say."""
    bare = tag.removeprefix("W/").strip('"') if tag else ""
    if bare and not (bare.isascii() and bare.isdecimal() and len(bare) <= LONGEST_REVISION):
        raise Invalid("If-Match must hold the ETag that reading this gave.")
    return int(bare) if bare else None
