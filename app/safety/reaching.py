"""Requests to addresses that somebody typed or a page named: each host looked up once, checked, and then pinned."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path

import httpx

from app.safety.addresses import Place, Reach

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host; raises `OSError` when there is none."""


async def look_up(host: str, port: int) -> list[str]:
    """As the system resolves names."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Guarded(httpx.AsyncBaseTransport):
    """Lets a request through to a checked address only: the name is not looked up again, so it cannot change.

    Every request passes here, those to which a redirect leads as well. Raises `Unreachable`.
    """

    reach: Reach
    inner: httpx.AsyncBaseTransport
    resolve: Resolve = look_up

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Connect to the first of the host's addresses that takes the connection."""
        place = self.reach.place(str(request.url))
        addresses = await self._addresses(place, request)
        self.reach.check(place, addresses)
        for address in addresses[:-1]:
            try:
                return await self.inner.handle_async_request(_pinned(request, place, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self.inner.handle_async_request(_pinned(request, place, addresses[-1]))

    async def _addresses(self, place: Place, request: httpx.Request) -> list[str]:
        try:
            found = await self.resolve(place.host, place.port)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"There is no host {place.host}.", request=request) from error
        if not found:
            raise httpx.ConnectError(f"There is no host {place.host}.", request=request)
        return found

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self.inner.aclose()


def guarded_client(
    allowed_hosts: Iterable[str],
    timeout: httpx.Timeout,
    agent: str,
    resolve: Resolve = look_up,
    authorities: Path | None = None,
) -> httpx.AsyncClient:
    """A client that reaches the public internet and these hosts, follows no redirect by itself and keeps no cookie.

    Connections are not kept: two hosts may share an address, and what was proved for one holds not for the other.
    `authorities` is a file of those who may vouch for a host, instead of the usual ones.
    """
    vouched = ssl.create_default_context(cafile=str(authorities)) if authorities else True
    limits = httpx.Limits(max_keepalive_connections=0)
    plain = httpx.AsyncHTTPTransport(trust_env=False, limits=limits, verify=vouched)
    transport = Guarded(Reach.of(allowed_hosts), plain, resolve)
    client = httpx.AsyncClient(
        transport=transport, timeout=timeout, headers={"user-agent": agent}, trust_env=False, follow_redirects=False
    )
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return client


def _pinned(request: httpx.Request, place: Place, address: str) -> httpx.Request:
    """The same request to this address. Its certificate must still be that of the host."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address.partition("%")[0]),
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions | {"sni_hostname": place.host},
    )
