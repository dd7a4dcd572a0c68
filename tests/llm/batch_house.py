"""A provider that takes batches, as the documentation of OpenAI's and Anthropic's says: over real HTTP, with a memory.

Prompts say what is to become of them: `expire` once, `always expire`, `break`; all others are answered.
"""

import email
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.serving import SEES_THE_END_WITHIN_S

Json = dict[str, Any]
TOKENS = (1000, 100)


@dataclass
class House:
    """What was handed in, and what is told of it. `ended` batches have results; `refuses` is what it answers first."""

    ended: bool = False
    refuses: list[int] = field(default_factory=list)
    batches: dict[str, Json] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, str, Json]] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda _method, _path: None
    after: Callable[[str, str], None] = lambda _method, _path: None

    def answer(self, method: str, path: str, headers: Json, body: bytes) -> tuple[int, bytes]:
        where = urlsplit(path)
        self.requests.append((method, where.path, {name.lower(): value for name, value in headers.items()}))
        self.before(method, where.path)
        if self.refuses and method == "POST":
            return self.refuses.pop(0), b'{"error": {"message": "no", "type": "invalid_request_error"}}'
        told = self._told(method, where.path, parse_qs(where.query), headers, body)
        self.after(method, where.path)
        if isinstance(told, list):
            return 200, "\n".join(map(json.dumps, told)).encode()
        return (200, json.dumps(told).encode()) if told else (404, b'{"error": {"message": "none"}}')

    def _told(  # noqa: PLR0911  # a return for each address
        self, method: str, path: str, query: Json, headers: Json, body: bytes
    ) -> Json | list[Json] | None:
        anthropic, parts = "/messages/" in path, path.removeprefix("/v1/").split("/")
        match (method, parts[1:] if anthropic else parts):
            case ("POST", ["files"]):
                self.files[f"file-{len(self.files)}"] = _file_in(headers, body)
                return {"id": f"file-{len(self.files) - 1}", "object": "file"}
            case ("POST", ["batches"]):
                return self._shown(self._taken_in(json.loads(body), anthropic=anthropic))
            case ("GET", ["batches"]):
                return self._listed(query)
            case ("GET", ["batches", name]):
                return self._shown(self.batches[name])
            case ("POST", ["batches", name, "cancel"]):
                self.batches[name]["cancelled"] = self.ended = True
                return self._shown(self.batches[name])
            case ("GET", ["batches", name, "results"]):
                return [self._anthropic(self.batches[name], row) for row in self.batches[name]["rows"]]
            case ("GET", ["files", name, "content"]):
                kind, _, batch = name.partition("-of-")
                rows = [self._openai(self.batches[batch], row) for row in self.batches[batch]["rows"]]
                return [row for row in rows if bool(row["response"]) == (kind == "out")]
        return None

    def _taken_in(self, asked: Json, *, anthropic: bool) -> Json:
        rows = (
            asked["requests"]
            if anthropic
            else [json.loads(line) for line in self.files[asked["input_file_id"]].splitlines()]
        )
        name = f"batch_{len(self.batches)}"
        self.batches[name] = {
            "id": name, "rows": rows, "made": time.time(), "anthropic": anthropic, "metadata": asked.get("metadata"),
            "asked": asked, "cancelled": False,
        }  # fmt: skip
        return self.batches[name]

    def _listed(self, query: Json) -> Json:
        newest, after = list(reversed(self.batches.values())), (query.get("after") or query.get("after_id") or [""])[0]
        at = 1 + [one["id"] for one in newest].index(after) if after else 0
        page = newest[at : at + 2]  # pages are small, so that they must be turned
        return {"data": [self._shown(one) for one in page], "has_more": at + 2 < len(newest)}

    def _shown(self, batch: Json) -> Json:
        if batch["anthropic"]:
            made = datetime.fromtimestamp(batch["made"], UTC).isoformat().replace("+00:00", "Z")
            done = "succeeded" if self.ended else "processing"
            counts = {"processing": 0, "succeeded": 0, "errored": 0} | {done: len(batch["rows"])}
            status = "ended" if self.ended else "in_progress"
            shown = {"id": batch["id"], "processing_status": status, "created_at": made, "request_counts": counts}
            return shown | {"results_url": "https://evil.example/results"}
        over = "cancelled" if batch["cancelled"] else "completed"
        files = {f"{kind}put_file_id": f"out-of-{batch['id']}" for kind in ("out",)}
        files["error_file_id"] = f"err-of-{batch['id']}"
        shown = {"id": batch["id"], "status": over if self.ended else "in_progress", "created_at": int(batch["made"])}
        return shown | {"metadata": batch["metadata"]} | (files if self.ended else {"output_file_id": None})

    def _fate(self, batch: Json, text: str) -> str:
        if batch["cancelled"] and text != "first":
            return "cancelled"
        if text == "always expire" or (text == "expire" and batch["id"] == "batch_0"):
            return "expired"
        return "broken" if text == "break" else "answered"

    def _openai(self, batch: Json, row: Json) -> Json:
        text = row["body"]["messages"][-1]["content"]
        told: Json = {"custom_id": row["custom_id"], "response": None, "error": None}
        match self._fate(batch, text):
            case "expired" | "cancelled" as fate:
                return told | {"error": {"code": f"batch_{fate}", "message": "not begun"}}
            case "broken":
                wrong = {"error": {"message": "Too long.", "code": "context_length_exceeded"}}
                return told | {"response": {"status_code": 400, "body": wrong}}
        usage = {"prompt_tokens": TOKENS[0], "completion_tokens": TOKENS[1], "total_tokens": sum(TOKENS)}
        choice = {"index": 0, "message": {"role": "assistant", "content": f"Answer to {text}"}, "finish_reason": "stop"}
        body = {"id": "c", "model": "m", "choices": [choice], "usage": usage}
        return told | {"response": {"status_code": 200, "body": body}}

    def _anthropic(self, batch: Json, row: Json) -> Json:
        text = row["params"]["messages"][-1]["content"]
        match self._fate(batch, text):
            case "expired":
                return {"custom_id": row["custom_id"], "result": {"type": "expired"}}
            case "cancelled":
                return {"custom_id": row["custom_id"], "result": {"type": "canceled"}}
            case "broken":
                wrong = {
                    "type": "error",
                    "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"},
                }
                return {"custom_id": row["custom_id"], "result": {"type": "errored", "error": wrong}}
        usage = {"input_tokens": TOKENS[0], "output_tokens": TOKENS[1]}
        content = [{"type": "text", "text": f"Answer to {text}"}]
        said = {"type": "message", "role": "assistant", "model": "m", "content": content, "stop_reason": "end_turn"}
        return {"custom_id": row["custom_id"], "result": {"type": "succeeded", "message": said | {"usage": usage}}}


def _file_in(headers: Json, body: bytes) -> bytes:
    kind = next(value for name, value in headers.items() if name.lower() == "content-type")
    parts = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\n\n" + body).get_payload()
    file = next(part for part in parts if part.get_filename())  # type: ignore[union-attr]  # a form's parts
    content = file.get_payload(decode=True)  # type: ignore[union-attr]  # the same
    assert isinstance(content, bytes)
    return content


@contextmanager
def served(house: House) -> Iterator[str]:
    """The address at which the house is open."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, content = house.answer(self.command, self.path, dict(self.headers), body)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _do  # noqa: N815  # as the standard library calls them

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that were killed are no news
    threading.Thread(target=server.serve_forever, args=(SEES_THE_END_WITHIN_S,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
