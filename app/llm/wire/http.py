"""The one place where bytes leave for a provider and come back."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from functools import cache, partial
from ssl import SSLContext

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient

from app.llm.errors import ModelError, Where
from app.llm.wire import failures
from app.llm.wire.dialect import Request
from app.llm.wire.patience import Patience

_REFUSED = 300  # a provider answers 200; a redirect to another host would take the key along
_LONGEST_REFUSAL = 64 * 1024
_CONNECTION: ContextVar[str] = ContextVar("connection")


Notice = Callable[[Mapping[str, str]], Awaitable[None]]


async def nobody(_: Mapping[str, str]) -> None:
    """For whoever takes no notice of headers."""


@cache
def _authorities() -> SSLContext:
    """Whose certificates count, read once: it takes 23 ms of a processor."""
    return httpx.create_ssl_context()


def open_client(connections: int = 400) -> httpx.AsyncClient:
    """A client for all providers: httpx over aiohttp's engine, which reads a chunk for a fifth of the processor time.

    The times that count are watched around each read: comments that keep a connection alive are not taken for words.
    """
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=15)
    client = HttpxAiohttpClient(
        verify=_authorities(), limits=limits, timeout=httpx.Timeout(None), follow_redirects=False
    )
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001  # they are made nowhere else
        if isinstance(transport, AiohttpTransport):
            transport.client = partial(_noticing, transport)
    return client


def _noticing(transport: AiohttpTransport) -> aiohttp.ClientSession:
    """The engine, telling when it makes a new connection."""
    transport.client = None
    session = transport.get_client()
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_start.append(_made_anew)
    trace.freeze()
    session.trace_configs.append(trace)
    return session


async def _made_anew(*_: object) -> None:
    _CONNECTION.set("new")


@asynccontextmanager
async def post(
    client: httpx.AsyncClient, request: Request, patience: Patience, notice: Notice = nobody
) -> AsyncIterator[httpx.Response]:
    """The provider's answer, its body not yet read. Raises `ModelError` for any other answer and for none.

    `notice` gets the headers of every answer, whatever it is.
    """
    patience.start()
    response = await _sent(client, request, patience)
    try:
        await notice(response.headers)
        if response.status_code >= _REFUSED:
            raise failures.from_response(response.status_code, response.headers, await _refusal(response, patience))
        yield response
    finally:
        await response.aclose()


async def pieces(response: httpx.Response, patience: Patience) -> AsyncGenerator[bytes, None]:
    """The body as it comes. Raises `ModelError`."""
    body = response.aiter_bytes() if "content-encoding" in response.headers else response.aiter_raw()
    with _translated("mid-stream", patience), patience.watching():
        patience.reads()
        async for piece in body:
            patience.has_read()
            yield piece
            patience.reads()


async def _sent(client: httpx.AsyncClient, request: Request, patience: Patience) -> httpx.Response:
    """Sent once more at once when a kept connection turns out closed: servers close theirs without saying so."""
    _CONNECTION.set("kept")
    try:
        return await _send(client, request, patience)
    except ModelError as error:
        if _CONNECTION.get() == "new" or not _dropped(error):
            raise
    return await _send(client, request, patience)


async def _send(client: httpx.AsyncClient, request: Request, patience: Patience) -> httpx.Response:
    times = httpx.Timeout(None, connect=patience.timeouts.connect, pool=patience.timeouts.connect)
    with _translated("http", patience):
        message = client.build_request(
            "POST", request.url, headers=dict(request.headers), content=request.body, timeout=times
        )
        async with patience.limit():
            return await client.send(message, stream=True)


async def _refusal(response: httpx.Response, patience: Patience) -> bytes:
    """The words of a refusal, as many as came: a refusal that breaks off is still one."""
    body = b""
    try:
        async for piece in pieces(response, patience):
            body += piece
            if len(body) > _LONGEST_REFUSAL:
                break
    except ModelError:
        pass
    return body


@contextmanager
def _translated(at: Where, patience: Patience) -> Iterator[None]:
    """Whatever asyncio, httpx, aiohttp or the system raise becomes one `ModelError`."""
    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
        raise ModelError("unavailable", f"This address cannot be asked: {error}", retryable=False) from error
    except (httpx.DecodingError, httpx.StreamError) as error:
        raise ModelError("malformed", f"The answer cannot be read: {error}", at=at) from error
    except (httpx.TransportError, aiohttp.ClientError, OSError) as error:
        raise _translation(error, at, patience) from error


def _translation(error: Exception, at: Where, patience: Patience) -> ModelError:
    if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError):
        return patience.lost()
    reason = error.__cause__ or error
    if isinstance(reason, aiohttp.ServerTimeoutError):
        return ModelError("timeout", "The provider could not be reached in time.")
    if at == "http":
        return ModelError("unavailable", f"The provider cannot be reached: {_told(reason)}")
    return ModelError("cut_off", f"The connection broke off: {_told(reason)}", at=at)


def _dropped(error: ModelError) -> bool:
    """Whether the connection was closed before a byte came, as a kept one is that has grown old."""
    cause = error.__cause__ and (error.__cause__.__cause__ or error.__cause__)
    if isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ServerTimeoutError):
        return False  # no connection was made at all
    return error.at == "http" and isinstance(cause, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError)


def _told(reason: BaseException) -> str:
    return str(reason) or type(reason).__name__
