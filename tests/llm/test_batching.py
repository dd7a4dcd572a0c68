"""Work that can wait: handed in once, fetched when it is done, booked once at half the price."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlmodel import select

from app.database import Database
from app.errors import Conflict
from app.llm.batching.batches import Batches
from app.llm.batching.providers import batch_provider
from app.llm.batching.wire import Job
from app.llm.connecting import ModelChoice, dialect_named
from app.llm.errors import ModelError
from app.llm.money.payer import Payer
from app.llm.money.prices import Price
from app.llm.money.tables import ModelCallRow
from app.llm.types import Options, Part, Prompt, Stop, Text, Turn, Usage
from app.llm.wire.dialect import Endpoint
from app.llm.wire.remote import RemoteModel

JOBS = [Job(f"j{number}", Prompt("Be brief.", (Turn("user", f"Question {number}"),))) for number in (1, 2, 3)]
PAYER = Payer("w1", "summary")
PRICE = Price(2.0, 10.0)


def chat(number: int) -> dict[str, Any]:
    message = {"role": "assistant", "content": f"Answer {number}"}
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    return {
        "id": "c",
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage,
    }


def message(number: int) -> dict[str, Any]:
    usage = {"input_tokens": 1000, "output_tokens": 100}
    content = [{"type": "text", "text": f"Answer {number}"}]
    return {
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": content,
        "stop_reason": "end_turn",
        "usage": usage,
    }


@dataclass
class Provider:
    """Both batch interfaces, as their documentation shows them. Two jobs succeed, the third does not."""

    ended: bool = False
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers().get((request.method, request.url.path))
        if isinstance(answer, list):
            return httpx.Response(200, text="\n".join(map(json.dumps, answer)))
        return httpx.Response(200, json=answer) if answer else httpx.Response(404, json={"error": {"message": "none"}})

    def _answers(self) -> dict[tuple[str, str], Any]:
        files = {"output_file_id": "out", "error_file_id": "err"} if self.ended else {"output_file_id": None}
        too_long = {"error": {"message": "Too long.", "code": "context_length_exceeded"}}
        results = [{"custom_id": f"j{n}", "result": {"type": "succeeded", "message": message(n)}} for n in (1, 2)]
        return {
            ("POST", "/v1/files"): {"id": "file-in", "object": "file"},
            ("POST", "/v1/batches"): {"id": "batch-1", "status": "validating"},
            ("GET", "/v1/batches/batch-1"): {"status": "completed" if self.ended else "in_progress", **files},
            ("GET", "/v1/files/out/content"): [
                {"custom_id": f"j{n}", "response": {"status_code": 200, "body": chat(n)}, "error": None} for n in (2, 1)
            ],
            ("GET", "/v1/files/err/content"): [
                {"custom_id": "j3", "response": {"status_code": 400, "body": too_long}, "error": None}
            ],
            ("POST", "/v1/messages/batches"): {"id": "msgbatch_1", "processing_status": "in_progress"},
            ("GET", "/v1/messages/batches/msgbatch_1"): {
                "processing_status": "ended" if self.ended else "in_progress",
                "results_url": "https://evil.example/results",
            },
            ("GET", "/v1/messages/batches/msgbatch_1/results"): [
                *results, {"custom_id": "j3", "result": {"type": "expired"}},
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class Ordinary:
    """Answers one question after the other."""

    name: str = "plain"

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        assert options.payer == PAYER
        yield Text(prompt.turns[-1].text.replace("Question", "Answer"))
        yield Usage(1000, 100)
        yield Stop("stop")


def batches(database: Database, provider: Provider, dialect: str) -> Batches:
    base_url = "https://api.example" if dialect == "anthropic" else "https://api.example/v1"
    client = httpx.AsyncClient(transport=httpx.MockTransport(provider))
    endpoint = Endpoint("m", base_url, "a-key", 300)
    remote = RemoteModel("large", endpoint, dialect_named(dialect), client)
    choice = ModelChoice("large", dialect, "m", price=PRICE)
    return Batches(database, choice, Ordinary(), batch_provider(remote, dialect))


@pytest.mark.parametrize("dialect", ["openai-chat", "anthropic"])
async def test_it_is_handed_in_once_and_fetched_after_a_restart(database: Database, dialect: str) -> None:
    provider = Provider()
    batch_id = await batches(database, provider, dialect).submit(PAYER, JOBS)
    handed_in = len(provider.asked)
    again = batches(database, provider, dialect)
    assert await again.submit(PAYER, JOBS) == batch_id
    assert len(provider.asked) == handed_in
    assert await again.poll(batch_id) == "running"
    with pytest.raises(Conflict):
        await again.collect(batch_id, JOBS)
    provider.ended = True
    assert await again.poll(batch_id) == "ended"
    results = await again.collect(batch_id, JOBS)
    assert [(one["id"], one["text"]) for one in results] == [("j1", "Answer 1"), ("j2", "Answer 2"), ("j3", "")]
    assert results[2]["error"]["kind"] == ("context_length" if dialect == "openai-chat" else "timeout")
    assert [one["cost_usd"] for one in results] == [0.0015, 0.0015, None]


@pytest.mark.parametrize("dialect", ["openai-chat", "anthropic"])
async def test_it_is_booked_once_at_half_the_price(database: Database, dialect: str) -> None:
    provider = Provider(ended=True)
    one = batches(database, provider, dialect)
    batch_id = await one.submit(PAYER, JOBS)
    for _ in range(3):
        await one.collect(batch_id, JOBS)
    calls = await database.read(lambda session: list(session.exec(select(ModelCallRow))))
    assert [(call.cost_micro_usd, call.purpose, call.price_version) for call in calls] == [
        (1500, "summary", "settings, batch"), (1500, "summary", "settings, batch"),
    ]  # fmt: skip
    assert Decimal(calls[0].input_tokens) == 1000


async def test_what_openai_is_sent(database: Database) -> None:
    provider = Provider()
    await batches(database, provider, "openai-chat").submit(PAYER, JOBS)
    upload, made = provider.asked
    assert upload.headers["authorization"] == "Bearer a-key"
    assert b'name="purpose"' in upload.content
    row = json.loads(next(line for line in upload.content.splitlines() if b"custom_id" in line))
    assert (row["custom_id"], row["method"], row["url"]) == ("j1", "POST", "/v1/chat/completions")
    assert row["body"]["model"] == "m"
    assert "stream" not in row["body"]
    asked = {"input_file_id": "file-in", "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    assert json.loads(made.content) == asked


async def test_what_anthropic_is_sent(database: Database) -> None:
    provider = Provider()
    await batches(database, provider, "anthropic").submit(PAYER, JOBS)
    [made] = provider.asked
    assert (made.headers["x-api-key"], made.headers["anthropic-version"]) == ("a-key", "2023-06-01")
    first = json.loads(made.content)["requests"][0]
    assert first["custom_id"] == "j1"
    assert first["params"]["messages"] == [{"role": "user", "content": "Question 1"}]
    assert "stream" not in first["params"]


async def test_results_are_fetched_from_our_own_address(database: Database) -> None:
    provider = Provider(ended=True)
    one = batches(database, provider, "anthropic")
    await one.collect(await one.submit(PAYER, JOBS), JOBS)
    assert {request.url.host for request in provider.asked} == {"api.example"}


async def test_elsewhere_the_model_is_asked_one_after_the_other(database: Database) -> None:
    one = batches(database, Provider(), "gemini")
    batch_id = await one.submit(PAYER, JOBS)
    assert await one.poll(batch_id) == "ended"
    results = await one.collect(batch_id, JOBS)
    assert [one["text"] for one in results] == ["Answer 1", "Answer 2", "Answer 3"]
    assert results[0]["cost_usd"] == 0.003


async def test_a_refusal_is_an_error_of_ours(database: Database) -> None:
    client = httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(401, json={"error": {"message": "no"}}))
    )
    remote = RemoteModel("large", Endpoint("m", "https://api.example/v1", "bad"), dialect_named("openai-chat"), client)
    one = Batches(database, ModelChoice("large", "openai-chat", "m"), Ordinary(), batch_provider(remote, "openai-chat"))
    with pytest.raises(ModelError) as refused:
        await one.submit(PAYER, JOBS)
    assert refused.value.kind == "auth"
