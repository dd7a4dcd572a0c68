"""A fake provider that speaks OpenAI chat: first token after 200 ms, then 50 tokens a second, 100 tokens in all.

    python -m benchmarks.upstream PORT

It answers about `topic N` with the sentences that `benchmarks.corpus` put into the article on that topic, cited as [1].
"""

import asyncio
import json
import re
import sys

from aiohttp import web

from benchmarks.corpus import ANSWER_TOKENS, answer_tokens

FIRST_TOKEN_S = 0.2
TOKEN_S = 0.02


async def complete(request: web.Request) -> web.StreamResponse:
    """One streamed chat completion, on schedule: a late token does not delay the next."""
    body = await request.json()
    topic = re.findall(r"topic (\d+)", json.dumps(body["messages"][-1]))
    tokens = answer_tokens(int(topic[-1]) if topic else 0)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    began = asyncio.get_running_loop().time() + FIRST_TOKEN_S
    for at, token in enumerate(tokens):
        await asyncio.sleep(max(0, began + at * TOKEN_S - asyncio.get_running_loop().time()))
        await response.write(_chunk({"content": token}, None))
    usage = {"prompt_tokens": 900, "completion_tokens": ANSWER_TOKENS, "total_tokens": 900 + ANSWER_TOKENS}
    await response.write(
        _chunk({}, "stop") + _data({"id": "x", "model": "fake", "choices": [], "usage": usage}) + b"data: [DONE]\n\n"
    )
    return response


def _chunk(delta: dict[str, str], reason: str | None) -> bytes:
    return _data(
        {
            "id": "x",
            "object": "chat.completion.chunk",
            "model": "fake",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        }
    )


def _data(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


if __name__ == "__main__":
    app = web.Application(client_max_size=10_000_000)
    app.router.add_post("/v1/chat/completions", complete)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
