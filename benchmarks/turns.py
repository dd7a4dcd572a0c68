"""Whole turns over HTTP against a fake provider, beside a bare relay in the same run: latency, CPU, streams, memory.

    python -m benchmarks.turns [--streams 1,10,50,170] [--turns 1000]

Overhead is the time at which the first sentence arrives minus the time at which the provider has sent it. For the
relay, which knows no sentences, it is the same for the chunk that ends the first sentence. The cache of answers is
off, so that every turn asks the model.
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
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import httpx
import psutil

from benchmarks.corpus import TOPICS, answer_tokens, first_sentence_token, question, write_articles
from benchmarks.upstream import FIRST_TOKEN_S, TOKEN_S

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[1]
PATIENCE_S = 60


@dataclass(frozen=True)
class Timing:
    """Seconds since the request was sent."""

    first_event: float
    sentence_overhead: float
    end_overhead: float


Ask = Callable[[aiohttp.ClientSession, str, int], Coroutine[None, None, Timing]]


async def ask_relay(session: aiohttp.ClientSession, url: str, topic: int) -> Timing:
    """One streamed completion through the relay."""
    body = {"model": "fake", "stream": True, "messages": [{"role": "user", "content": question(topic)}]}
    began = time.perf_counter()
    async with session.post(f"{url}/v1/chat/completions", json=body) as answer:
        arrivals = [time.perf_counter() - began async for line in answer.content if line.startswith(b"data: {")]
    return _timing(arrivals[0], arrivals[first_sentence_token(topic)], arrivals[-1], topic)


async def ask_answerdesk(session: aiohttp.ClientSession, url: str, topic: int) -> Timing:
    """A new conversation with one question, read to the end of the turn."""
    async with session.post(f"{url}/api/conversations", json={}) as made:
        talk = await made.json()
    headers = {"Authorization": f"Bearer {talk['token']}", "Accept": "text/event-stream"}
    began = time.perf_counter()
    seen: dict[str, float] = {}
    async with session.post(
        f"{url}/api/conversations/{talk['id']}/messages", json={"text": question(topic)}, headers=headers
    ) as answer:
        async for name in _names(answer):
            seen.setdefault(name, time.perf_counter() - began)
    if "answer.sentence" not in seen:
        raise AssertionError(f"topic {topic} was not answered: {list(seen)}")
    return _timing(min(seen.values()), seen["answer.sentence"], seen["answer.completed"], topic)


async def _names(answer: aiohttp.ClientResponse) -> AsyncIterator[str]:
    async for line in answer.content:
        if line.startswith(b"event: "):
            yield line[7:].strip().decode()


def _timing(first: float, sentence: float, end: float, topic: int) -> Timing:
    due = FIRST_TOKEN_S + first_sentence_token(topic) * TOKEN_S
    last = FIRST_TOKEN_S + (len(answer_tokens(topic)) - 1) * TOKEN_S
    return Timing(first, sentence - due, end - last)


async def load(ask: Ask, url: str, streams: int, turns: int) -> list[Timing]:
    """Keep so many streams open until so many turns are done."""
    numbers = iter(range(turns))
    timings: list[Timing] = []
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(120)
    ) as session:

        async def one_stream(at: int) -> None:
            await asyncio.sleep(at * (FIRST_TOKEN_S + 100 * TOKEN_S) / streams)
            timings.extend([await ask(session, url, number % TOPICS) for number in numbers])

        await asyncio.gather(*(one_stream(at) for at in range(streams)))
    return timings


def measure(name: str, ask: Ask, server: psutil.Process, url: str, streams: int, turns: int) -> dict[str, object]:
    """One row of the table."""
    cpu, began = _cpu(server), time.perf_counter()
    timings = asyncio.run(load(ask, url, streams, turns))
    wall = time.perf_counter() - began
    row = {
        "server": name,
        "streams": streams,
        "turns": len(timings),
        "first_event_ms": _middle(timings, "first_event"),
        "sentence_overhead_p50_ms": _middle(timings, "sentence_overhead"),
        "sentence_overhead_p95_ms": _p95(timings, "sentence_overhead"),
        "end_overhead_p95_ms": _p95(timings, "end_overhead"),
        "cpu_ms_per_turn": round((_cpu(server) - cpu) / len(timings) * 1000, 1),
        "turns_per_s": round(len(timings) / wall, 1),
        "resident_mb": round(server.memory_info().rss / 1e6),
    }
    print(json.dumps(row), flush=True)
    return row


def _middle(timings: list[Timing], name: str) -> float:
    return round(float(statistics.median(getattr(one, name) for one in timings)) * 1000, 1)


def _p95(timings: list[Timing], name: str) -> float:
    values = sorted(getattr(one, name) for one in timings)
    return round(float(values[int(len(values) * 0.95)]) * 1000, 1)


def _cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def start(words: list[str], url: str, env: dict[str, str], log: Path) -> tuple[subprocess.Popen[bytes], float]:
    """Start a server and wait until it is ready; the seconds it took."""
    began = time.perf_counter()
    with log.open("ab") as out:
        process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=out, stderr=out)
    while time.perf_counter() - began < PATIENCE_S and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz", timeout=1).status_code in {200, 404}:
                return process, time.perf_counter() - began
        except httpx.HTTPError:
            time.sleep(0.02)
    raise SystemExit(f"{words[0]} did not start: {log.read_text()[-1500:]}")


def main() -> None:
    """Print one JSON row a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", default="1,10,50,170")
    parser.add_argument("--turns", type=int, default=1000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _compare(Path(folder), [int(one) for one in chosen.streams.split(",")], chosen.turns)


def _compare(place: Path, streams: list[int], turns: int) -> None:
    write_articles(place / "articles")
    (place / "answerdesk.toml").write_text(
        '[[model]]\nname = "fake"\ndialect = "openai-compatible"\nid = "fake"\nbase_url = "http://127.0.0.1:9101/v1"\n'
        '[route.answer]\ncheap = ["fake"]\nstrong = ["fake"]\n'
    )
    env = os.environ | {
        "ANSWERDESK_DATA_DIR": str(place / "data"),
        "ANSWERDESK_CONFIG": str(place / "answerdesk.toml"),
        "ANSWERDESK_SECRET_KEY": "0" * 64,
        "ANSWERDESK_CACHE__ENABLED": "false",
        "ANSWERDESK_LIMITS__CONVERSATIONS_PER_MINUTE": "1000000",
        "ANSWERDESK_LIMITS__QUESTIONS_PER_MINUTE": "1000000",
    }
    subprocess.run(
        [str(BIN / "answerdesk"), "ingest", str(place / "articles")],
        cwd=ROOT,
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    running = [
        start(
            [sys.executable, "-m", "benchmarks.upstream", "9101"], "http://127.0.0.1:9101", env, place / "upstream.log"
        ),
        start(
            [sys.executable, "-m", "benchmarks.relay", "9102", "http://127.0.0.1:9101"],
            "http://127.0.0.1:9102",
            env,
            place / "relay.log",
        ),
        start([str(BIN / "answerdesk"), "serve", "--port", "9103"], "http://127.0.0.1:9103", env, place / "serve.log"),
    ]
    try:
        print(json.dumps({"cold_start_s": {"relay": round(running[1][1], 2), "answerdesk": round(running[2][1], 2)}}))
        relay, product = (psutil.Process(process.pid) for process, _ in running[1:])
        for count in streams:
            share = max(count * 2, turns // len(streams))
            measure("relay", ask_relay, relay, "http://127.0.0.1:9102", count, min(share, count * 8))
            measure("answerdesk", ask_answerdesk, product, "http://127.0.0.1:9103", count, min(share, count * 8))
        measure("answerdesk", ask_answerdesk, product, "http://127.0.0.1:9103", 50, turns)
    finally:
        for process, _ in running:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
