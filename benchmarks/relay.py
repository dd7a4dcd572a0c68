"""The baseline: Starlette and httpx pass the fake provider's bytes on. No retrieval, no storage, no check.

python -m benchmarks.relay PORT UPSTREAM_URL
"""

import sys
from collections.abc import AsyncIterator

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

upstream = httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=None, max_keepalive_connections=200))


async def relay(request: Request) -> StreamingResponse:
    """Send the body on and stream what comes back."""
    body = await request.body()

    async def pieces() -> AsyncIterator[bytes]:
        where = sys.argv[2] + "/v1/chat/completions"
        async with upstream.stream("POST", where, content=body, headers={"Content-Type": "application/json"}) as answer:
            async for piece in answer.aiter_raw():
                yield piece

    return StreamingResponse(pieces(), media_type="text/event-stream")


async def ready(_: Request) -> PlainTextResponse:
    """Say that we listen."""
    return PlainTextResponse("ok")


app = Starlette(routes=[Route("/v1/chat/completions", relay, methods=["POST"]), Route("/readyz", ready)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
