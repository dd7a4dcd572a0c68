"""The AI SDK's door: parts that its client knows, in an order that it takes, and an answer that can be read again."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from app.accounts.types import SYSTEM, Scope
from app.wiring import Application
from tests.web.customer import Talk

QUESTION = "How do I track a parcel?"
FIELDS = {
    "start": {"messageId"},
    "start-step": set(),
    "source-url": {"sourceId", "url", "title"},
    "text-start": {"id"},
    "text-delta": {"id", "delta"},
    "text-end": {"id"},
    "finish-step": set(),
    "finish": {"finishReason", "messageMetadata"},
    "error": {"errorText"},
    "abort": {"reason"},
}
"""What version 1 of the protocol knows; everything else must be called data-…."""


def asked(text: str = QUESTION, message_id: str = "m1") -> dict[str, Any]:
    message = {"id": message_id, "role": "user", "parts": [{"type": "text", "text": text}], "metadata": {"x": 1}}
    return {"id": "chat", "messages": [message], "trigger": "submit-message", "messageId": None, "page": "/prices"}


def parts_of(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.headers["x-vercel-ai-ui-message-stream"] == "v1"
    lines = [line[5:].strip() for line in response.text.splitlines() if line.startswith("data:")]
    assert lines[-1] == "[DONE]"
    assert not [line for line in response.text.splitlines() if line.startswith("event:")]
    parts = [json.loads(line) for line in lines[:-1]]
    for part in parts:
        assert part["type"].startswith("data-") or set(part) - {"type"} <= FIELDS[part["type"]], part
    return parts


def text_of(parts: list[dict[str, Any]]) -> str:
    return "".join(part["delta"] for part in parts if part["type"] == "text-delta")


@pytest.fixture
async def key(application: Application) -> str:
    return (await application.keys.add(application.workspace_id, "site", SYSTEM, [Scope.CHAT]))[1]


async def test_an_answer_comes_as_parts_with_its_sources(talk: Talk) -> None:
    parts = parts_of(await talk.client.post("/api/chat", json=asked(), headers=talk.headers))
    kinds = [part["type"] for part in parts]
    assert kinds[:2] == ["start", "start-step"]
    assert kinds[-3:] == ["text-end", "finish-step", "finish"]
    assert (kinds.count("text-start"), kinds.count("text-end"), kinds.count("finish")) == (1, 1, 1)
    assert kinds.index("source-url") < kinds.index("text-start")
    assert parts[-1]["messageMetadata"]["decision"] in {"answer", "caveat"}
    assert all(part["url"].startswith("http") for part in parts if part["type"] == "source-url")
    assert text_of(parts) == (await talk.view())["messages"][-1]["text"]


async def test_the_same_message_is_answered_once_and_can_be_asked_for_anew(talk: Talk) -> None:
    first = parts_of(await talk.client.post("/api/chat", json=asked(), headers=talk.headers))
    again = parts_of(await talk.client.post("/api/chat", json=asked(), headers=talk.headers))
    anew = parts_of(
        await talk.client.post("/api/chat", json=asked() | {"trigger": "regenerate-message"}, headers=talk.headers)
    )
    assert first[0]["messageId"] == again[0]["messageId"] != anew[0]["messageId"]
    assert text_of(first) == text_of(again)


async def test_a_running_answer_is_read_again_from_its_beginning_and_else_there_is_none(talk: Talk) -> None:
    assert (await talk.client.get(f"/api/chat/{talk.id}/stream", headers=talk.headers)).status_code == 204
    asking = asyncio.create_task(talk.client.post("/api/chat", json=asked(), headers=talk.headers))
    resumed: list[list[dict[str, Any]]] = []
    while not asking.done():
        response = await talk.client.get(f"/api/chat/{talk.id}/stream", headers=talk.headers)
        resumed += [parts_of(response)] if response.status_code == 200 else []
    whole = parts_of(await asking)
    assert all(text_of(parts) == text_of(whole) and parts[0] == whole[0] for parts in resumed)


async def test_a_person_who_holds_the_conversation_is_not_talked_over(talk: Talk) -> None:
    parts_of(await talk.client.post("/api/chat", json=asked("I want a human"), headers=talk.headers))
    parts = parts_of(await talk.client.post("/api/chat", json=asked("Hello?", "m2"), headers=talk.headers))
    assert text_of(parts) == ""
    assert parts[-1]["type"] == "finish"


async def test_with_a_key_the_history_is_what_was_sent(client: httpx.AsyncClient, key: str) -> None:
    earlier = [
        {"role": "user", "parts": [{"type": "text", "text": QUESTION}]},
        {"role": "assistant", "parts": [{"type": "step-start"}, {"type": "text", "text": "Open the tracking page."}]},
    ]
    body = asked("How long does it take?")
    body["messages"] = [*earlier, *body["messages"]]
    response = await client.post("/api/chat", json=body, headers={"Authorization": f"Bearer {key}"})
    assert text_of(parts_of(response))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"messages": []}, 422),
        ({"messages": [{"role": "assistant", "parts": []}]}, 422),
        ({"messages": [{"role": "user", "parts": []}]}, 422),
        ({"messages": [{"role": "user", "parts": [{"type": "text", "text": "a\x00"}]}]}, 422),
        (asked("a" * 4001), 422),
    ],
)
async def test_a_bad_request_is_refused(talk: Talk, body: dict[str, Any], status: int) -> None:
    response = await talk.client.post("/api/chat", json=body, headers=talk.headers)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


async def test_nobody_reads_without_a_right(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/chat", json=asked())).status_code == 401
    assert (await client.get("/api/chat/x/stream")).status_code == 401
