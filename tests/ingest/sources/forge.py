"""A host of repositories: Git's own server program behind HTTPS on a loopback port."""

import gzip
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.serving import SEES_THE_END_WITHIN_S


@dataclass
class Forge:
    """Where it is, what it was asked, and what it answers otherwise than Git would: (status, headers, body) by path."""

    port: int
    asked: list[tuple[str, str]] = field(default_factory=list)
    instead: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)

    def url(self, name: str) -> str:
        return f"https://wiki.internal:{self.port}/{name}"


@contextmanager
def forge(root: Path, certificate: Path) -> Iterator[Forge]:
    """It serves whatever lies in this folder, to everybody."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            self._serve(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)

        def _serve(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            running.asked.append((self.command, parts.path))
            told = next((one for path, one in running.instead.items() if parts.path.endswith(path)), None)
            status, headers, said = told or _answer(root, self, parts.path, parts.query, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    running = Forge(server.server_port)
    threading.Thread(target=server.serve_forever, args=(SEES_THE_END_WITHIN_S,), daemon=True).start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()


def _answer(
    root: Path, request: BaseHTTPRequestHandler, path: str, query: str, body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """What `git http-backend` says, which speaks CGI (RFC 3875)."""
    told = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": request.command,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "REMOTE_ADDR": "127.0.0.1",
        # The one who serves need not be the one whose folder it is.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    ran = subprocess.run(("git", "http-backend"), input=body, env=told, capture_output=True, check=False)
    head, _, said = ran.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
    return int(headers.pop("Status", "200").split()[0]), headers, said
