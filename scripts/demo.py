"""A support desk on an ordinary day: conversations, answers, drafts and ratings, held over the real HTTP interface.

Usage: demo.py [PORT]. Everything lies in data/demo, apart from what `make run` made. It goes on serving at the end.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data" / "demo"
PROGRAM = Path(sys.executable).with_name("answerdesk")
READY_S = 60
DAY: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Ada", "/pricing", ("How do I embed the widget on my site?", "Does it work on a page with a strict CSP?")),
    ("Ben", "/docs/install", ("Which Python version do I need?", "Do I need a GPU?")),
    ("Chen", "/help", ("How do I roll back a snapshot?",)),
    ("Dora", "/help", ("Why did the bot hand me over to a person?",)),
    ("Emil", "/account", ("I was charged twice this month, please refund me.",)),
    ("Fatma", "/docs/api", ("How do I ask a question over HTTP?", "What are the events of a conversation?")),
    ("Gus", "/", ("What is the weather in Oslo tomorrow?",)),
    ("Hana", "/docs/security", ("How are passwords stored?",)),
    ("Ivo", "/docs/ingest", ("Which file types can I upload?", "What happens to one bad file?")),
    ("Kai", "/pricing", ("Can I pay by invoice instead of a credit card?",)),
    ("Lia", "/pricing", ("Can we pay by invoice instead of by credit card?",)),
    ("Jun", "/status", ("Your site has been down since this morning, what is going on?",)),
)


def main() -> None:
    """Fill the demo folder once, then serve it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    port = sys.argv[1] if len(sys.argv) > 1 else "8000"
    environment = os.environ | {"ANSWERDESK_DATA_DIR": str(DATA)}
    subprocess.run((PROGRAM, "ingest", ROOT / "kb", "--prune"), env=environment, check=True)
    with subprocess.Popen((PROGRAM, "serve", "--port", port), env=environment) as server:
        try:
            if _fill(f"http://127.0.0.1:{port}"):
                subprocess.run((PROGRAM, "model", "errands", "--now"), env=environment, check=True)
            server.wait()
        except KeyboardInterrupt:
            server.wait()
        finally:
            server.terminate()


def _fill(address: str) -> bool:
    """Whether the day was new, so that the work of its night is to be done."""
    done = DATA / "filled"
    fresh = not done.exists()
    with httpx.Client(base_url=address, timeout=60) as client:
        _wait_until_ready(client)
        if fresh:
            for name, page, questions in DAY:
                _converse(client, name, page, questions)
            done.touch()
    print(
        f"\n{len(DAY)} conversations are there. Agents find theirs in {address}/inbox. Ctrl-C ends the demo.",
        flush=True,
    )
    return fresh


def _wait_until_ready(client: httpx.Client) -> None:
    ends = time.monotonic() + READY_S
    while time.monotonic() < ends:
        try:
            if client.get("/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    sys.exit("The server did not become ready.")


def _converse(client: httpx.Client, name: str, page: str, questions: tuple[str, ...]) -> None:
    customer = {"name": name, "email": f"{name.lower()}@example.com"}
    body = {"page_url": f"https://shop.example{page}", "customer": customer}
    opened = client.post("/api/conversations", json=body).raise_for_status().json()
    client.headers["Authorization"] = f"Bearer {opened['token']}"
    for question in questions:
        closing = _ask(client, opened["id"], question)
        print(f"{name}: {question}\n  -> {closing.get('decision', 'failed')}", flush=True)
        if closing.get("decision") == "answer":
            client.put(f"/api/messages/{closing['message']['id']}/rating", json={"value": "up"})
        elif closing.get("decision") in ("escalate", "offer"):
            client.post(f"/api/conversations/{opened['id']}/handoff", json={})


def _ask(client: httpx.Client, conversation_id: str, question: str) -> dict[str, Any]:
    """The data of the event that closes the turn; empty when it failed."""
    events = {"Accept": "text/event-stream"}
    path, closed = f"/api/conversations/{conversation_id}/messages", False
    with client.stream("POST", path, json={"text": question}, headers=events) as stream:
        for line in stream.iter_lines():
            closed = line == "event: answer.completed" or (closed and line.startswith("data:"))
            if closed and line.startswith("data:"):
                found: dict[str, Any] = json.loads(line.removeprefix("data:"))
                return found
    return {}


if __name__ == "__main__":
    main()
