"""A customer with a token, who reads event streams as a browser would."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import httpx

ENDS = {"answer.completed", "turn.failed"}


@dataclass(frozen=True)
class Heard:
    """One event of a stream."""

    id: int | None
    name: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Talk:
    """One conversation, seen from outside."""

    client: httpx.AsyncClient
    id: str
    token: str
    begun: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def open(cls, client: httpx.AsyncClient, **fields: object) -> "Talk":
        """Begin one."""
        begun = (await client.post("/api/conversations", json=fields)).raise_for_status().json()
        return cls(client, begun["id"], begun["token"], begun)

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/api/conversations/{self.id}"

    @property
    def headers(self) -> dict[str, str]:
        """The right to it."""
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, action: str, body: object = None, **headers: str) -> httpx.Response:
        """Do something here."""
        return await self.client.post(f"{self.path}/{action}", json=body, headers=self.headers | headers)

    async def view(self) -> dict[str, Any]:
        """The conversation as it stands."""
        found: dict[str, Any] = (await self.client.get(self.path, headers=self.headers)).raise_for_status().json()
        return found

    async def ask(self, text: str, client_message_id: str | None = None) -> list[Heard]:
        """Ask, and follow the stream to its end."""
        body = {"text": text} | ({"client_message_id": client_message_id} if client_message_id else {})
        accept = {"Accept": "text/event-stream"}
        request = self.client.stream("POST", f"{self.path}/messages", json=body, headers=self.headers | accept)
        async with request as response:
            response.raise_for_status()
            return [event async for event in heard(response)]

    async def events(self, count: int, after: int | None = None, last: int | None = None) -> list[Heard]:
        """So many events of the conversation, after a number or after the last that was seen."""
        query = {"after": after} if after is not None else {}
        seen = {"Last-Event-ID": str(last)} if last is not None else {}
        return await listen(self.client, f"{self.path}/events", count, self.headers | seen, query)


async def listen(
    client: httpx.AsyncClient,
    path: str,
    count: int,
    headers: dict[str, str] | None = None,
    query: dict[str, int] | None = None,
) -> list[Heard]:
    """So many events of an endless stream."""
    found: list[Heard] = []
    async with client.stream("GET", path, headers=headers or {}, params=query or {}) as response:
        response.raise_for_status()
        async with aclosing(heard(response)) as events:
            while len(found) < count:
                found.append(await anext(events))
    return found


async def heard(response: httpx.Response) -> AsyncGenerator[Heard]:
    """The events of a stream, by the rules of the HTML standard."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif not line:
            if "data" in fields:
                number = int(fields["id"]) if "id" in fields else None
                yield Heard(number, fields.get("event", "message"), json.loads(fields["data"]))
            fields = {}
