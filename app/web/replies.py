"""Answers as JSON, without the cost of a response model."""

from typing import Any

import orjson
from starlette.responses import Response


def json_of(content: Any, status: int = 200) -> Response:  # noqa: ANN401  # whatever JSON can say
    """This content as a response."""
    return Response(orjson.dumps(content), status, media_type="application/json")


def nothing() -> Response:
    """Done, and nothing to say about it."""
    return Response(status_code=204)
