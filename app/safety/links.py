"""Which addresses an answer may point to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

URL = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,15}:|(?<![:/\w]))//[^\s<>\"'`|\]]+|\bwww\.[^\s<>\"'`|\]]+\.[^\s<>\"'`|\]]+", re.IGNORECASE
)
_TRAILING = ".,;:!?)*_~"
_HOSTNAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_STRANGE = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f<>\"'`{}|^]|%(?:0[0-9a-f]|1[0-9a-f]|5c)", re.IGNORECASE)
_OWN_MACHINE = re.compile(r"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?(?:/[\w./-]*)?", re.IGNORECASE)
_NESTED = re.compile(r"[a-z][a-z0-9+.-]*:/|//|\bwww\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts that may be linked. A name is that host alone, "*.example.com" those below it, "*" all."""

    names: frozenset[str]

    @classmethod
    def of(cls, addresses: Iterable[str]) -> "Hosts":
        """From host names or from addresses, of which the host counts."""
        return cls(frozenset(name for name in (_host_in(address) for address in addresses) if name))

    @classmethod
    def of_documents(cls, urls: Iterable[str]) -> "Hosts":
        """The hosts that documents came from. What a document says of itself can name one host, never a pattern."""
        return cls(frozenset(name for name in (_host_in(url) for url in urls if "://" in url) if "*" not in name))

    def allow(self, url: str) -> bool:
        """Whether this may be a link: a plain web or mail address of an allowed host, with nothing hidden in it."""
        if _STRANGE.search(url) or not url.isascii():
            return False
        scheme, _, rest = url.partition(":")
        if scheme.lower() == "mailto":
            return self._allows_mail(rest)
        return scheme.lower() in ("http", "https") and self._allows_web(url)

    def may_stand(self, url: str) -> bool:
        """Whether it may be read as text: ours, or on the reader's own machine, where nobody collects it."""
        return self.allow(url) or bool(_OWN_MACHINE.fullmatch(url))

    def _allows_mail(self, address: str) -> bool:
        local, _, host = address.partition("@")
        return bool(re.fullmatch(r"[\w.+-]+", local)) and self._holds(host.lower())

    def _allows_web(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        behind = url.partition("://")[2].removeprefix(parts.netloc)
        if "@" in parts.netloc or "%" in parts.netloc or _NESTED.search(unquote(unquote(behind))):
            return False
        host = (parts.hostname or "").lower()
        return bool(_HOSTNAME.fullmatch(host)) and (self._holds(f"{host}:{port}") if port else self._holds(host))

    def _holds(self, host: str) -> bool:
        if host in self.names or "*" in self.names:
            return True
        above = host.split(".")
        return any("*." + ".".join(above[at:]) in self.names for at in range(1, len(above)))


def bare_urls(text: str) -> list[tuple[int, int]]:
    """Where web addresses stand in plain text, without the punctuation that closes a sentence."""
    return [(match.start(), match.start() + len(match.group().rstrip(_TRAILING))) for match in URL.finditer(text)]


def web_address(url: str) -> str:
    """An address as a link needs it: "www.example.com" gets its scheme."""
    return f"https://{url}" if url[:4].lower() == "www." else url


def _host_in(address: str) -> str:
    if "//" not in address:
        return address.strip().lower()
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    return f"{parts.hostname or ''}:{port}" if port else (parts.hostname or "")
