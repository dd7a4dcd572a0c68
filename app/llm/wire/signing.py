"""AWS Signature Version 4: a request carries proof of the secret key and never the key itself."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import SplitResult, quote, urlsplit

from app.llm.types import Options, Prompt
from app.llm.wire.dialect import Decoder, Dialect, Endpoint, Request

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key of AWS; the session token belongs to a temporary one."""

    access_key: str
    secret_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return "Credentials(…)"


def now() -> datetime:
    """The time of signing; AWS refuses one that is more than five minutes off."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Signed:
    """A dialect whose requests are signed, unless there is a key to bear. What is sent again is signed again."""

    spoken: Dialect
    credentials: Credentials
    region: str
    clock: Callable[[], datetime] = now

    def request(self, endpoint: Endpoint, prompt: Prompt, options: Options, *, stream: bool) -> Request:
        """What to send."""
        asked = self.spoken.request(endpoint, prompt, options, stream=stream)
        return asked if endpoint.api_key else signed(asked, self.credentials, self.region, self.clock())

    def decoder(self) -> Decoder:
        """A fresh decoder for one answer."""
        return self.spoken.decoder()


def signed(request: Request, credentials: Credentials, region: str, moment: datetime) -> Request:
    """The request with the headers that prove who sends it. All that it carries is signed; it has no query."""
    time = moment.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{time[:8]}/{region}/bedrock/aws4_request"
    headers = {**request.headers, "x-amz-date": time}
    if credentials.session_token:
        headers["x-amz-security-token"] = credentials.session_token
    names, canonical = _canonical(request.url, headers, request.body)
    to_sign = "\n".join([_ALGORITHM, time, scope, sha256(canonical.encode()).hexdigest()])
    proof = _hmac(_signing_key(credentials.secret_key, scope), to_sign).hex()
    value = f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature={proof}"
    return replace(request, headers={**headers, "authorization": value})


def _canonical(url: str, headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """The names of the signed headers, and the request in the one form that both sides sign."""
    parts = urlsplit(url)
    carried = {name.lower(): " ".join(value.split()) for name, value in headers.items()} | {"host": _host(parts)}
    names = ";".join(sorted(carried))
    lines = [f"{name}:{carried[name]}" for name in sorted(carried)]
    path = quote(parts.path or "/", safe="/~")  # a second time: the path is encoded already
    return names, "\n".join(["POST", path, "", *lines, "", names, sha256(body).hexdigest()])


def _host(parts: SplitResult) -> str:
    """As the client will send it: without the port that everyone knows."""
    known = (parts.scheme, parts.port) in {("https", 443), ("http", 80)}
    return parts.hostname or "" if known or not parts.port else f"{parts.hostname}:{parts.port}"


def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
