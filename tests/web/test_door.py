"""The OpenAI door, asked by OpenAI's own client."""

from collections.abc import AsyncIterator

import httpx
import openai
import pytest
from fastapi import FastAPI

from app.accounts.types import SYSTEM, Scope
from app.wiring import Application

QUESTION = "How do I track a parcel?"


@pytest.fixture
async def key(application: Application) -> str:
    return (await application.keys.add(application.workspace_id, "shop", SYSTEM, [Scope.CHAT]))[1]


@pytest.fixture
async def asking(web: FastAPI, key: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{web.state.url}/v1", api_key=key, max_retries=0) as client:
        yield client


async def test_the_models_are_listed(asking: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in asking.models.list()] == ["answerdesk"]


async def test_a_completion_carries_its_sources_as_annotations(asking: openai.AsyncOpenAI) -> None:
    completion = await asking.chat.completions.create(
        model="answerdesk", messages=[{"role": "user", "content": QUESTION}]
    )
    [choice] = completion.choices
    content, annotations = choice.message.content or "", choice.message.annotations or []
    assert choice.finish_reason == "stop"
    assert "tracking" in content
    assert annotations
    for annotation in annotations:
        cited = annotation.url_citation
        assert content[cited.start_index : cited.end_index].startswith("[")
        assert (cited.title, cited.url.startswith("http")) == ("Track a parcel", True)
    assert completion.usage
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


async def test_a_stream_says_the_same_and_ends_once(asking: openai.AsyncOpenAI) -> None:
    stream = await asking.chat.completions.create(
        model="answerdesk",
        messages=[{"role": "user", "content": QUESTION}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    assert len({chunk.id for chunk in chunks}) == 1
    choices = [choice for chunk in chunks for choice in chunk.choices]
    assert [choice.finish_reason for choice in choices if choice.finish_reason] == ["stop"]
    assert [(bool(chunk.usage), chunk.choices) for chunk in chunks][-1] == (True, [])
    whole = await asking.chat.completions.create(model="answerdesk", messages=[{"role": "user", "content": QUESTION}])
    assert "".join(choice.delta.content or "" for choice in choices) == whole.choices[0].message.content


async def test_what_was_said_before_is_understood(asking: openai.AsyncOpenAI, application: Application) -> None:
    completion = await asking.chat.completions.create(
        model="answerdesk",
        messages=[
            {"role": "system", "content": "You are a pirate."},
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": "Open the tracking page."},
            {"role": "user", "content": [{"type": "text", "text": "How often is its status updated?"}]},
        ],
    )
    turn = await application.conversations.turn(completion.id.removeprefix("chatcmpl-"))
    said = (await application.conversations.view(turn["conversation_id"]))["messages"]
    assert [message["author"] for message in said] == ["customer", "bot", "customer", "bot"]
    assert "thirty minutes" in (completion.choices[0].message.content or "")


async def test_what_is_not_known_is_not_made_up(asking: openai.AsyncOpenAI) -> None:
    completion = await asking.chat.completions.create(
        model="answerdesk", messages=[{"role": "user", "content": "Who won the chess championship of 1974?"}]
    )
    assert completion.choices[0].message.content
    assert not completion.choices[0].message.annotations


async def test_sources_can_be_had_as_markdown(asking: openai.AsyncOpenAI) -> None:
    completion = await asking.chat.completions.create(
        model="answerdesk",
        messages=[{"role": "user", "content": QUESTION}],
        metadata={"citation_style": "markdown"},
    )
    assert "\n\nSources:\n1. [Track a parcel](http" in (completion.choices[0].message.content or "")


async def test_unknown_parameters_are_passed_over(asking: openai.AsyncOpenAI) -> None:
    completion = await asking.chat.completions.create(
        model="answerdesk",
        messages=[{"role": "user", "content": QUESTION}],
        temperature=0.3,
        extra_body={"api_base": "http://evil.example", "made_up": True},
    )
    assert completion.choices[0].message.content


async def test_a_bad_key_is_told_in_openais_shape(web: FastAPI) -> None:
    async with openai.AsyncOpenAI(base_url=f"{web.state.url}/v1", api_key="sk-nothing", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as refused:
            await client.models.list()
    assert refused.value.code == "invalid_api_key"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"model": "gpt-9", "messages": [{"role": "user", "content": "Hi"}]}, 404, "no model named"),
        ({"model": "answerdesk", "messages": []}, 422, "messages"),
        ({"model": "answerdesk", "messages": [{"role": "assistant", "content": "Hi"}]}, 422, "last message"),
        ({"model": "answerdesk", "messages": [{"role": "user", "content": " "}]}, 422, "needs some text"),
        ({"model": "answerdesk", "messages": [{"role": "user", "content": "a\x00b"}]}, 422, "NUL"),
        ({"model": "answerdesk", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 422, "Only text"),
        ({"model": "answerdesk", "messages": [{"role": "user", "content": "x" * 5000}]}, 422, "4,000"),
    ],
)
async def test_what_cannot_be_answered_is_told_in_openais_shape(
    client: httpx.AsyncClient, key: str, body: dict[str, object], status: int, said: str
) -> None:
    response = await client.post("/v1/chat/completions", json=body, headers={"Authorization": f"Bearer {key}"})
    assert response.status_code == status
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert said in error["message"]
