"""Whether pages of other sites are still there: asked only when an admin wants it, gently, through a guarded client."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import httpx

from app.errors import Invalid
from app.insight.hygiene.addresses import Link
from app.insight.hygiene.findings import Finding
from app.insight.hygiene.scanning import broken

MOST_ADDRESSES = 500
MOST_AT_ONCE = 8
MOST_REDIRECTS = 5
GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
UNWILLING = (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.FORBIDDEN)
"""Answers of servers that know GET and not HEAD."""


class Asks(Protocol):
    """Says what is wrong with addresses of other sites."""

    async def problems(self, addresses: Sequence[str]) -> Mapping[str, str]:
        """What is wrong by address; one that is fine, or of which nothing is sure, is left out."""
        ...


@dataclass(frozen=True, slots=True)
class WebAsks:
    """Asks with HEAD, each host one request at a time. The client refuses private addresses and follows nothing."""

    client: httpx.AsyncClient
    patience_s: float = 120.0

    async def problems(self, addresses: Sequence[str]) -> Mapping[str, str]:
        """Only what is certainly gone is told: a server that is slow, busy or shy proves nothing."""
        gate = asyncio.Semaphore(MOST_AT_ONCE)
        hosts: dict[str, list[str]] = {}
        for address in addresses[:MOST_ADDRESSES]:
            hosts.setdefault(urlsplit(address).netloc, []).append(address)
        asking = [asyncio.ensure_future(self._host(gate, one)) for one in hosts.values()]
        done, late = await asyncio.wait(asking, timeout=self.patience_s) if asking else (set(), set())
        for one in late:
            one.cancel()
        return {address: problem for one in done for address, problem in one.result().items()}

    async def _host(self, gate: asyncio.Semaphore, addresses: Sequence[str]) -> dict[str, str]:
        async with gate:
            found = {address: await self._problem(address) for address in addresses}
        return {address: problem for address, problem in found.items() if problem}

    async def _problem(self, address: str) -> str | None:
        try:
            status = await self._status(address)
        except Invalid:
            return None
        except httpx.ConnectError as error:
            return "Its host does not exist." if "There is no host" in str(error) else None
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        return f"The page answers with {status}, it is gone." if status in GONE else None

    async def _status(self, address: str) -> int:
        for _ in range(MOST_REDIRECTS):
            response = await self.client.head(address)
            if response.status_code in UNWILLING:
                async with self.client.stream("GET", address) as response:
                    pass
            if not response.has_redirect_location:
                return response.status_code
            address = urljoin(address, response.headers["location"])
        return HTTPStatus.OK


async def dead(links: Mapping[str, Sequence[Link]], asks: Asks) -> list[Finding]:
    """One finding for each document and each address of another site that is gone."""
    problems = await asks.problems(list(links))
    found: dict[tuple[str, str], Finding] = {}
    for address, problem in problems.items():
        for link in links[address]:
            one = broken(link, problem)
            key = (link.version.document_id, link.target)
            found.setdefault(key, Finding("dead-link", one.subject, one.title, one.says, one.places, one.facts))
    return list(found.values())
