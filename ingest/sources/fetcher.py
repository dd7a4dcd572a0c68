"""Fetches one address: politely, within limits, and to the end of its redirects."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urljoin

import httpx

from app.errors import Invalid
from app.safety.addresses import place_of
from ingest.loaders import MEGABYTE, Unreadable
from ingest.sources.pace import Pace, retry_after
from ingest.sources.unpacking import Unpacking

MOST_REDIRECTS = 5
MOST_ATTEMPTS = 3
LONGEST_S = 60.0
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
ACCEPTED = (
    "text/html, application/xhtml+xml, text/markdown, text/plain, application/pdf, application/xml;q=0.9, */*;q=0.5"
)
Permits = Callable[[str], Awaitable[None]]
"""Raises when an address may not be fetched, however it was come by."""


class Failed(Invalid):
    """This address cannot be fetched."""


class Gone(Failed):
    """There is nothing at this address any more."""


class Denied(Failed):
    """The site wants a sign-in for this page. Only pages that are open to all are fetched."""


class Known(NamedTuple):
    """What a site said about a page the last time (RFC 9110, 8.8)."""

    etag: str = ""
    modified: str = ""

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that ask for the page only if it changed."""
        given = {"if-none-match": self.etag, "if-modified-since": self.modified}
        return {name: value for name, value in given.items() if value}


class Fetched(NamedTuple):
    """An answer. `url` is where it was found in the end; `body` is none when the page is as it was."""

    url: str
    media: str
    body: bytes | None
    known: Known
    hidden: bool = False
    """The site asks that it not be shown in a search."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches for one run. Everything that goes wrong is a `Failed`, or the `Unreachable` of the guard."""

    client: httpx.AsyncClient
    pace: Pace
    largest: int

    async def get(self, url: str, permits: Permits, known: Known = Known(), largest: int = 0) -> Fetched:  # noqa: B008  # a frozen value
        """The content of an address, or that it is as it was."""
        seen = [url]
        while True:
            answer = await self._patiently(seen[-1], known, largest or self.largest)
            if isinstance(answer, Fetched):
                return answer
            await permits(answer)
            if answer in seen:
                raise Failed("This address is redirected in a circle.")
            if len(seen) > MOST_REDIRECTS:
                raise Failed(f"This address is redirected more than {MOST_REDIRECTS} times.")
            seen.append(answer)

    async def _patiently(self, url: str, known: Known, largest: int) -> Fetched | str:
        """Ask again, a few times, where the site asks to wait."""
        for _ in range(MOST_ATTEMPTS):
            await self.pace.wait(place_of(url).host)
            answer = await self._once(url, known, largest)
            if not isinstance(answer, float):
                return answer
            self.pace.hold(place_of(url).host, answer)
        raise Failed("The site is busy and asks to be left alone for now. Try again later.")

    async def _once(self, url: str, known: Known, largest: int) -> Fetched | str | float:
        """The answer, or where it redirects to, or how many seconds to wait."""
        headers = {"accept": ACCEPTED, "accept-encoding": "gzip", **known.conditions}
        try:
            async with asyncio.timeout(LONGEST_S), self.client.stream("GET", url, headers=headers) as response:
                return await _answer(url, response, known, largest)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise Failed("The site did not answer in time.") from error
        except Unreadable as error:
            raise Failed(error.detail) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Failed(_reason(error, place_of(url).host)) from error


async def _answer(url: str, response: httpx.Response, known: Known, largest: int) -> Fetched | str | float:
    status = response.status_code
    if status == HTTPStatus.NOT_MODIFIED:
        return Fetched(url, "", None, known)
    if response.has_redirect_location:
        return urljoin(url, response.headers["location"]).partition("#")[0]
    if status in BUSY:
        return retry_after(response.headers.get("retry-after", ""))
    _refuse(status)
    if int(response.headers.get("content-length") or 0) > largest:
        raise Failed(f"This is larger than the {largest / MEGABYTE:g} MB that are read.")
    body = await Unpacking(response.headers.get("content-encoding", ""), largest).all(response.aiter_raw())
    media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    said = Known(response.headers.get("etag", "")[:500], response.headers.get("last-modified", "")[:100])
    return Fetched(url, media, body, said, "noindex" in response.headers.get("x-robots-tag", "").lower())


def _refuse(status: int) -> None:
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise Gone(f"There is nothing at this address ({status}).")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise Denied
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Denied(f"The site refuses to give this page ({status}).")
    if status != HTTPStatus.OK:
        raise Failed(f"The site answered with an error ({status}).")


def _reason(error: Exception, host: str) -> str:
    """What happened, without the words of libraries."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return f"The certificate of {host} is not valid, so nothing is fetched from it."
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return f"There is no connection to {host}. Check the address, and whether the site is up."
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
        return "The site broke its answer off. Try again later."
    return f"The site {host} gave an answer that makes no sense."
