"""Providers that break off in the middle of an answer or are down: answers stay whole and nobody waits for the dead.

`FAULT_CUTS` sets how many answers are cut (10 in an ordinary run) and `FAULT_OUTAGE_S` how long an outage lasts (2 s);
`make faults` takes 100 and 60. The faults are those of the reference data's replay server.
"""

import asyncio
import json
import os
import random
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.answering.cascading import Writers
from app.answering.evidence import Evidence
from app.answering.prompt import Voice, answer_prompt
from app.answering.writing import Answer
from app.knowledge.types import Passage
from app.llm.connecting import ModelChoice
from app.llm.errors import ModelError
from app.llm.registry import build_models
from app.llm.resilience.circuit import Rules
from app.llm.resilience.keeping import Keeper
from app.llm.types import Model, Options, Part, Prompt, Stop, Text
from app.llm.wire.http import open_client
from app.llm.wire.patience import Timeouts
from app.safety.links import Hosts
from app.safety.redaction import redact
from tests.llm.recordings import SHARED, load
from tests.serving import SEES_THE_END_WITHIN_S

CUTS = int(os.environ.get("FAULT_CUTS", "10"))
OUTAGE_S = float(os.environ.get("FAULT_OUTAGE_S", "2"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
STALL_S = 1.5
PROBE_S = 1.0
PACE = ("split=event", "gap=0.004")  # 250 tokens a second
QUESTION = "What may each plan do?"
PLANS = "Bronze Silver Gold Platinum Garnet Opal Pearl Ruby Topaz Quartz Jade Amber".split()
SENTENCES = [f"The {plan} plan allows {7 * number + 3} seats." for number, plan in enumerate(PLANS)]
PASSAGE = Passage("p1", "d1", 1, "Plans", "/help/plans", "Seats", " ".join(SENTENCES), 0, 10_000)
WHOLE = [f"{sentence} [1]" for sentence in SENTENCES]
pytestmark = [pytest.mark.shared, pytest.mark.slow]


@dataclass(frozen=True)
class Last:
    """Answers when no provider does."""

    name: str = "extractive"

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        yield Text(f"{SENTENCES[0]} [1]")
        yield Stop("stop")


@dataclass(frozen=True)
class Provider:
    """The replay server, playing an answer of our own."""

    url: str
    server: Any

    def choice(self, name: str, *faults: str, **times: float) -> ModelChoice:
        base = ";".join([f"{self.url}/answer", *PACE, f"key={name}", *faults])
        return ModelChoice(name, "openai-compatible", name, f"{base}/v1", timeouts=Timeouts(**times))

    def times_asked(self, name: str) -> list[float]:
        return [one["t"] for one in self.server.requests_seen if json.loads(one["body"])["model"] == name]


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    program = SHARED / "tools" / "replay.py"
    if not program.exists():
        pytest.skip(f"NOT COVERED: outages, because {program} is missing; set ANSWERDESK_SHARED")
    (tmp_path / "answer.body.sse").write_bytes(body())
    case = {"id": "answer", "status": 200, "stream": True, "headers": [], "body_file": "answer.body.sse"}
    (tmp_path / "answer.case.json").write_text(json.dumps(case))
    server = load(program).make_server(0, [tmp_path])
    server.handle_error = lambda *_: None  # clients that hang up are this server's business
    threading.Thread(target=server.serve_forever, args=(SEES_THE_END_WITHIN_S,), daemon=True).start()
    yield Provider(f"http://127.0.0.1:{server.server_port}", server)
    server.shutdown()
    server.server_close()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client() as opened:
        yield opened


def body() -> bytes:
    words = " ".join(WHOLE).split(" ")
    deltas = [{"content": word if at == 0 else f" {word}"} for at, word in enumerate(words)]
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks) + b"data: [DONE]\n\n"


def kept(client: httpx.AsyncClient, keeper: Keeper, *choices: ModelChoice) -> list[Model]:
    return list(build_models(choices, {}, client, Last(), keeper).values())[1:]


async def answered(models: list[Model]) -> tuple[Answer, float]:
    """The answer, and the longest time for which the customer saw nothing new."""
    answer = Answer("t", Evidence.of([PASSAGE]), Hosts.of([]), redact(QUESTION))
    prompt = answer_prompt(QUESTION, [PASSAGE], (), "a1b2c3", Voice())
    facts = Writers(tuple(models), tuple(models), Last()).write("strong", prompt, Options(), answer, likely=1.0)
    seen = [time.monotonic(), *[time.monotonic() async for _ in facts], time.monotonic()]
    return answer, max(later - earlier for earlier, later in pairwise(seen))


def shown(answer: Answer) -> list[str]:
    return [line.strip() for line in answer.text.replace("] ", "]\n").splitlines() if line.strip()]


@pytest.mark.timeout(60 + 5 * CUTS)
async def test_an_answer_that_is_cut_at_any_byte_is_finished_by_the_next_model(
    provider: Provider, client: httpx.AsyncClient
) -> None:
    chance, stalls, continued = random.Random(SEED), list[float](), 0  # noqa: S311  # moments, not secrets
    for number in range(CUTS):
        cut = f"cut={chance.randrange(len(body()))}"
        fault = [cut, "rst=1"] if chance.random() < 0.5 else [cut]
        first, second = provider.choice(f"first-{number}", *fault), provider.choice(f"second-{number}")
        keeper = Keeper()
        answer, stall = await answered(kept(client, keeper, first, second))
        await keeper.close()
        assert sorted(shown(answer)) == sorted(WHOLE), f"seed {SEED}, run {number}, {fault}"
        stalls.append(stall)
        continued += len(answer.models) > 1
    middle, late = sorted(stalls)[CUTS // 2], sorted(stalls)[int(CUTS * 0.95)]
    print(f"\n{CUTS} cuts, {continued} continued by another model: stall p50 {middle:.2f} s, p95 {late:.2f} s")
    assert late <= STALL_S


@pytest.mark.parametrize("fault", ["fail=100000", "stall=0", "fail_cut=100000"])
@pytest.mark.timeout(60 + 2 * OUTAGE_S)
async def test_while_the_only_model_is_down_it_is_probed_and_nobody_waits(
    fault: str, provider: Provider, client: httpx.AsyncClient
) -> None:
    keeper = Keeper(rules=Rules(probe_every=PROBE_S))
    models = kept(client, keeper, provider.choice("only", fault, first_token=0.5))
    while not models[0].model.probing:  # type: ignore[attr-defined]  # the wrapper inside
        await answered(models)
    opened, waits, until = time.time(), list[float](), time.monotonic() + OUTAGE_S

    async def customers() -> None:
        while time.monotonic() < until:
            began = time.monotonic()
            answer, _ = await answered(models)
            waits.append(time.monotonic() - began)
            assert shown(answer) == WHOLE[:1]
            await asyncio.sleep(0.05)

    await asyncio.gather(*(customers() for _ in range(5)))
    await keeper.close()
    probes = [at for at in provider.times_asked("only") if at > opened]
    print(
        f"\n{fault}: {len(waits)} requests in {OUTAGE_S:.0f} s, {len(probes)} probes, longest wait {max(waits):.3f} s"
    )
    assert len(probes) <= OUTAGE_S / PROBE_S
    assert max(waits) <= 1.0


async def test_a_model_that_is_well_again_is_used_again(provider: Provider, client: httpx.AsyncClient) -> None:
    keeper = Keeper(rules=Rules(probe_every=0.2))
    models = kept(client, keeper, provider.choice("only", "fail=6"))
    answer, _ = await answered(models)
    for _ in range(100):
        if shown(answer) == WHOLE:
            break
        await asyncio.sleep(0.05)
        answer, _ = await answered(models)
    await keeper.close()
    assert shown(answer) == WHOLE
    assert len(provider.times_asked("only")) <= 9


async def test_a_revoked_key_is_tried_once(client: httpx.AsyncClient, provider: Provider) -> None:
    keeper = Keeper()
    models = kept(client, keeper, provider.choice("only", "fail=100000", "status=401"))
    for _ in range(20):
        answer, _ = await answered(models)
        assert shown(answer) == WHOLE[:1]
    with pytest.raises(ModelError, match="unavailable"):
        async for _ in models[0].stream(Prompt("", ()), Options()):
            pass
    await keeper.close()
    assert len(provider.times_asked("only")) == 1
