"""A web site on a loopback port, whose pages a test writes and may change while it runs."""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.serving import SEES_THE_END_WITHIN_S

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the site answers."""

    body: bytes = b""
    media: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    """Break off after the body, though more was promised."""


@dataclass
class Site:
    """Its pages by path, and what it was asked."""

    port: int
    pages: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def page(self, path: str, title: str, *links: str, head: str = "") -> None:
        """An ordinary page with a text of its own."""
        anchors = "".join(f'<a href="{link}">{link}</a> ' for link in links)
        text = f"{title} is explained here in a sentence that is long enough to be the main part of the page."
        html = f"<html><head>{head}</head><body><main><h1>{title}</h1><p>{text}</p>{anchors}</main></body></html>"
        self.pages[path] = Reply(html.encode())

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        found = self.pages.get(path, Reply(b"none", status=404))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        assert isinstance(found, Reply)
        etag = found.headers.get("etag", "")
        if etag and headers.get("if-none-match") == etag:
            return Reply(status=304, headers={"etag": etag})
        return found


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Site]:
    """The site, while it is up; over TLS with a certificate, whose file holds its key as well."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            site.asked.append((self.path, headers))
            reply = site.reply(self.path, headers)
            self.send_response(reply.status)
            self.send_header("content-type", reply.media)
            self.send_header("content-length", str(len(reply.body) + (1000 if reply.cut else 0)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    site = Site(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(SEES_THE_END_WITHIN_S,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
