"""What the model gateway costs: processor time for each streamed token and time for each call.

    python -m benchmarks.gateway [--streams 50] [--rounds 5]

The same fake provider is read by httpx, which only takes the bytes as a relay does, once on its own engine and once on
ours; by the gateway as the product builds it, every wrapper and the books included; and by the official openai SDK.
They take turns, so that a noisy machine is noisy for all of them. Overhead is the time at which the first token arrives
minus the time at which the provider has sent it.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx
import openai

from app.database import open_database
from app.llm.extractive.scoring import Vectors
from app.llm.gateway import asked
from app.llm.keyring.keyring import Keyring
from app.llm.keyring.store import KeyStore
from app.llm.money.ledger import Ledger
from app.llm.types import Model, Options, Prompt, Text, Turn
from app.llm.wire.http import open_client
from app.migrations.run import migrate
from app.settings import ModelSettings, Settings
from app.speakers import open_speakers
from benchmarks.corpus import ANSWER_TOKENS
from benchmarks.upstream import FIRST_TOKEN_S

PORT = 9104
URL = f"http://127.0.0.1:{PORT}/v1"
QUESTION = "What about topic 7?"
NUMBERS = count()
BETWEEN_S = 0.02
Read = Callable[[], Awaitable[float]]
"""Reads one stream to its end; the seconds until its first token."""


async def by_httpx(client: httpx.AsyncClient) -> float:
    """As a relay does: the bytes as they come, unread."""
    body = {"model": "fake", "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
    began, first = time.perf_counter(), 0.0
    async with client.stream("POST", f"{URL}/chat/completions", json=body) as answer:
        async for _ in answer.aiter_raw():
            first = first or time.perf_counter() - began
    return first


async def by_gateway(model: Model) -> float:
    """As a turn does: parts of one shape."""
    # Nobody asks the same at once, for they would be given one call.
    prompt = Prompt(f"Be brief. Customer {next(NUMBERS)}.", (Turn("user", QUESTION),))
    began, first = time.perf_counter(), 0.0
    async with asked(model, prompt, Options()) as parts:
        async for part in parts:
            if isinstance(part, Text):
                first = first or time.perf_counter() - began
    return first


async def by_sdk(client: openai.AsyncOpenAI) -> float:
    """As the official SDK's users do."""
    began, first = time.perf_counter(), 0.0
    chunks = await client.chat.completions.create(
        model="fake", messages=[{"role": "user", "content": QUESTION}], stream=True
    )
    async for chunk in chunks:
        if chunk.choices and chunk.choices[0].delta.content:
            first = first or time.perf_counter() - began
    return first


@dataclass(slots=True)
class Figures:
    """What one reader needed: microseconds for a token, one a round, and milliseconds for a call."""

    cpu: list[float] = field(default_factory=list)
    overhead: list[float] = field(default_factory=list)

    async def measure(self, read: Read, streams: int) -> None:
        """One round of so many streams, begun one after the other."""

        async def one(at: int) -> float:
            await asyncio.sleep(at * BETWEEN_S)
            return await read()

        used = time.process_time()
        firsts = await asyncio.gather(*(one(at) for at in range(streams)))
        self.cpu.append((time.process_time() - used) / (streams * ANSWER_TOKENS) * 1e6)
        self.overhead += [(first - FIRST_TOKEN_S) * 1000 for first in firsts]

    def row(self, name: str, bare: "Figures") -> dict[str, object]:
        """One line of the table."""
        cpu, values = statistics.median(self.cpu), sorted(self.overhead)
        return {
            "reader": name,
            "cpu_us_per_token": round(cpu, 1),
            "cpu_of_httpx": round(cpu / statistics.median(bare.cpu), 2),
            "overhead_p50_ms": round(statistics.median(values), 1),
            "overhead_p95_ms": round(values[int(len(values) * 0.95)], 1),
        }


async def compare(folder: str, streams: int, rounds: int) -> dict[str, Figures]:
    """The readers in turn, after one round of each that counts for nothing."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=streams)
    async with (
        httpx.AsyncClient(limits=limits, timeout=60) as plain,
        open_client() as client,
        openai.AsyncOpenAI(base_url=URL, api_key="none", max_retries=0) as sdk,
        opened(folder, client) as model,
    ):
        readers: dict[str, Read] = {
            "httpx": lambda: by_httpx(plain),
            "httpx on aiohttp": lambda: by_httpx(client),
            "gateway": lambda: by_gateway(model),
            "openai SDK": lambda: by_sdk(sdk),
        }
        figures = {name: Figures() for name in readers}
        for number in range(rounds + 1):
            for name, read in readers.items():
                await (figures[name] if number else Figures()).measure(read, streams)
    return figures


def prepare(folder: str) -> None:
    """A database for the books."""
    migrate(chosen_settings(folder).database)


def chosen_settings(folder: str) -> Settings:
    """One model, and all else as it comes."""
    fake = ModelSettings(name="fake", dialect="openai-compatible", id="fake", base_url=URL)
    return Settings(data_dir=Path(folder), model=(fake,))


@asynccontextmanager
async def opened(folder: str, client: httpx.AsyncClient) -> AsyncIterator[Model]:
    """The model as the product builds it: kept up, on the books, and shared by who asks the same."""
    settings = chosen_settings(folder)
    database = open_database(settings.database)
    keyring = Keyring({}, KeyStore(database, "default"))
    speakers = open_speakers(settings, client, _no_vectors, Ledger(database), keyring)
    try:
        yield speakers.models["fake"]
    finally:
        await speakers.close()
        await database.close()


async def _no_vectors(_: list[str]) -> Vectors:
    raise NotImplementedError  # the extractive model is not asked


def main() -> None:
    """Print one JSON row a reader, and one with the two ratios that have a goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    provider = subprocess.Popen([sys.executable, "-m", "benchmarks.upstream", str(PORT)], env=os.environ)
    try:
        _wait_for(PORT)
        with tempfile.TemporaryDirectory() as folder:
            prepare(folder)
            figures = asyncio.run(compare(folder, chosen.streams, chosen.rounds))
    finally:
        provider.terminate()
        provider.wait()
    rows = [one.row(name, figures["httpx"]) for name, one in figures.items()]
    for row in rows:
        print(json.dumps(row), flush=True)
    gateway, sdk = (statistics.median(figures[name].cpu) for name in ("gateway", "openai SDK"))
    bare = statistics.median(figures["httpx"].cpu)
    print(json.dumps({"gateway_of_httpx": round(gateway / bare, 2), "gateway_of_sdk": round(gateway / sdk, 2)}))


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=1)
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("The fake provider did not start.")


if __name__ == "__main__":
    main()
