"""A support desk on an ordinary day, held over the real HTTP interface: for `make demo` and for the pictures.

Customers ask, rate and want people. An admin feeds the knowledge base, writes articles and corrects a passage, so that
each page of the console has something to show: a correction, a conflict, a snapshot that waits for a look.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(sys.executable).with_name("answerdesk")
SOURCE = "Training"
SHELF = {"category": "Training"}
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
    ("Mia", "/training", ("What does a training day cost?",)),
    ("Noa", "/training", ("How late can I cancel a training day?",)),
    ("Olu", "/chat", ("I want to talk to a human: how do I download a transcript?",)),
    ("Jun", "/status", ("Your site has been down since this morning, what is going on?",)),
)
PRICE = "# What a training day costs\n\nA training day for up to eight people costs {} euros. Travel is not included.\n"
CANCEL = (
    "# Cancel a training day\n\nA training day can be cancelled free of charge up to {} days before it begins. "
    "Later than that, half of its price is due.\n"
)
VIDEO = "# Training by video\n\nA training by video lasts {} hours and has room for twelve people.\n"
HOLIDAYS = (
    "Between 24 December and 1 January our team answers on working days from 10:00 to 14:00.\n\n## In a hurry\n\n{}\n"
)
IN_A_HURRY = "The bot answers at any hour, also when our team is away."
DRAFT = "Answerdesk reads the exports of other help desks.\n\n## Steps\n\n1. Export your articles.\n2. "
PROBES = ("How do I roll back a snapshot?", "How do I embed the widget on my site?")


@dataclass(frozen=True, slots=True)
class Desk:
    """The server, as customers and as an admin with a key reach it."""

    address: str
    admin: httpx.Client

    def hold_a_day(self) -> None:
        """All of it, in the order in which it would happen."""
        self._push({"price": PRICE.format(480), "cancel": CANCEL.format(14), "video": VIDEO.format("three")})
        self._write_articles()
        for name, page, questions in DAY:
            converse(self.address, name, page, questions)
        self._watch_questions()
        self._change_a_passage()
        self._push({"price": PRICE.format(520), "video": VIDEO.format("four")})
        self._look_before_publishing()
        self._push({"cancel": CANCEL.format(30)})
        self._work_in_the_inbox()

    def _push(self, texts: Mapping[str, str]) -> None:
        documents = [{"external_id": name, "text": text, "front_matter": SHELF} for name, text in texts.items()]
        pushed = self._send("POST", "/api/admin/documents", {"source": SOURCE, "documents": documents})
        self._wait(pushed["run_id"])

    def _write_articles(self) -> None:
        holidays = {"title": "Support over the holidays", "category": "For customers", "review_on": "2026-01-31"}
        made = self._send("POST", "/api/admin/articles", holidays | {"text": HOLIDAYS.format(IN_A_HURRY)})
        self._wait(self._send("POST", f"/api/admin/articles/{made['id']}/publish")["run_id"])
        begun = {"title": "Move from another help desk", "category": "Getting started", "text": DRAFT}
        self._send("POST", "/api/admin/articles", begun)

    def _watch_questions(self) -> None:
        for question in PROBES:
            (found, *_) = self._send("GET", "/api/search", {"q": question})["data"]
            expected = {"question": question, "expects": "document", "value": found["document_id"]}
            self._send("POST", "/api/admin/probes", expected)
        unanswered = {"question": "What is the weather in Oslo tomorrow?", "expects": "no_answer"}
        self._send("POST", "/api/admin/probes", unanswered)

    def _change_a_passage(self) -> None:
        """Their source changes this one afterwards, which makes a conflict."""
        listed = self._send("GET", "/api/admin/documents", {"limit": 200})["data"]
        video = next(one for one in listed if one["title"] == "Training by video")
        shown = self._send("GET", "/api/admin/passages", {"document_id": video["id"]})
        passage = shown["passages"][0]
        place = {name: passage[name] for name in ("heading", "start", "end")}
        text = passage["text"].replace("three hours", "two and a half hours")
        wish = {"text": text, "questions": ["How long is a webinar?"], "keywords": ["online course"]}
        whole = {"document_id": video["id"], "version": shown["version"]} | place | wish
        self._wait(self._send("POST", "/api/admin/overrides", whole)["run_id"])

    def _look_before_publishing(self) -> None:
        rules = self._send("GET", "/api/admin/publish-rules")["data"]
        ours = next(one for one in rules if one["source"] == SOURCE)
        self._send("PUT", f"/api/admin/sources/{ours['id']}/publish-rule", {"publish": "never"})

    def _work_in_the_inbox(self) -> None:
        waiting = self._send("GET", "/api/inbox/conversations", {"view": "queue"})["data"]
        charged = next(one for one in waiting if "charged twice" in one["subject"])
        self._send("POST", f"/api/inbox/conversations/{charged['id']}/notes", {"text": "Asked accounting to look."})

    def _wait(self, run_id: str) -> None:
        with self.admin.stream("GET", f"/api/admin/ingest-runs/{run_id}/events") as stream:
            for _ in stream.iter_lines():
                pass

    def _send(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
        put = {"params": content} if method == "GET" else {"json": content or {}}
        answer = self.admin.request(method, path, **put)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told


@contextmanager
def open_desk(address: str, environment: Mapping[str, str]) -> Iterator[Desk]:
    """The desk at this address, with a key of its own that works until the end."""
    made = json.loads(
        _answerdesk(environment, "keys", "add", "Day at the desk", "--scope", "admin,inbox,search", "--json")
    )
    headers = {"Authorization": f"Bearer {made['key']}"}
    try:
        with httpx.Client(base_url=address, timeout=120, headers=headers) as admin:
            yield Desk(address, admin)
    finally:
        _answerdesk(environment, "keys", "revoke", made["id"])


def converse(address: str, name: str, page: str, questions: tuple[str, ...]) -> None:
    """One customer asks, says whether it helped, and takes the person who is offered."""
    customer = {"name": name, "email": f"{name.lower()}@example.com"}
    with httpx.Client(base_url=address, timeout=60) as client:
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


def _answerdesk(environment: Mapping[str, str], *words: str) -> str:
    command = (str(PROGRAM), *words)
    done = subprocess.run(command, env=dict(environment), check=True, capture_output=True, text=True, cwd=ROOT)
    return done.stdout
