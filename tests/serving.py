"""A real `answerdesk serve` in a process of its own, for journeys and faults; killed for real."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
READY_S = 60.0
SEES_THE_END_WITHIN_S = 0.01
"""How often a server of the standard library looks whether it should end; by itself every half second."""
COMMAND = (str(Path(sys.executable).parent / "answerdesk"),)


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """The environment of a stranger: no provider keys, a data folder of one's own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ANSWERDESK_") and "API_KEY" not in name
    }
    ours = {
        "ANSWERDESK_DATA_DIR": str(data_dir),
        "ANSWERDESK_SECRET_KEY": "0" * 64,
        "ANSWERDESK_MODEL_DIR": str(ROOT / "models"),
    }
    return kept | ours | more


def answerdesk(*words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; it must succeed."""
    return subprocess.run(
        (*COMMAND, *words), cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=300
    )


def free_port() -> int:
    """A loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """The product, serving."""

    env: dict[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Server":
        """Start it and wait until it is ready."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            words = (*COMMAND, "serve", "--port", str(self.port))
            self.process = subprocess.Popen(
                words, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() - began > READY_S:
                self.stop()
                raise AssertionError(f"not ready: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)
        return self

    def kill(self) -> None:
        """Kill -9, with every child."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def _signal(self, how: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, how)
            self.process.wait(30)

    def _ready(self) -> bool:
        # Many times a second on a busy machine: httpx would read all certificates of the system each time.
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=2)) as asked:
            try:
                asked.request("GET", "/readyz")
                return asked.getresponse().status == httpx.codes.OK
            except (OSError, HTTPException):
                return False


@dataclass(frozen=True)
class Talk:
    """One customer's conversation over HTTP."""

    url: str
    id: str
    token: str

    @classmethod
    def open(cls, url: str) -> "Talk":
        """Begin a conversation."""
        made = httpx.post(f"{url}/api/conversations", json={}, timeout=10).raise_for_status().json()
        return cls(url, made["id"], made["token"])

    @property
    def headers(self) -> dict[str, str]:
        """The conversation's right to be read."""
        return {"Authorization": f"Bearer {self.token}"}

    def ask(self, text: str, client_message_id: str | None = None) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Ask and follow the stream: (id, event, data)."""
        body = {"text": text} | ({"client_message_id": client_message_id} if client_message_id else {})
        where, accept = f"{self.url}/api/conversations/{self.id}/messages", {"Accept": "text/event-stream"}
        with httpx.stream("POST", where, json=body, headers=self.headers | accept, timeout=30) as answer:
            answer.raise_for_status()
            yield from _events(answer.iter_lines())

    def view(self) -> dict[str, Any]:
        """The conversation as it stands."""
        found: dict[str, Any] = (
            httpx.get(f"{self.url}/api/conversations/{self.id}", headers=self.headers, timeout=10)
            .raise_for_status()
            .json()
        )
        return found

    def events(self, patience_s: float = 0.5) -> list[tuple[int, str, dict[str, Any]]]:
        """All events so far, read until none comes for a while."""
        seen: list[tuple[int, str, dict[str, Any]]] = []
        where = f"{self.url}/api/conversations/{self.id}/events?after=0"
        stream = httpx.stream("GET", where, headers=self.headers, timeout=patience_s)
        with contextlib.suppress(httpx.ReadTimeout), stream as answer:
            # One by one, so that what came before the silence is kept.
            for event in _events(answer.iter_lines()):
                seen.append(event)  # noqa: PERF402  # the same
        return seen


def _events(lines: Iterator[str]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif not line and "data" in fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])
            fields = {}
