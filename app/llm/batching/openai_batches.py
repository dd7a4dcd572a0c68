"""https://platform.openai.com/docs/api-reference/batch: a file of requests goes up, a file of answers comes down."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from app.llm.batching.wire import Done, Door, Job, State, body_of, done, lines
from app.llm.errors import ModelError
from app.llm.wire.dialect import Dialect, Endpoint
from app.llm.wire.shapes import Json, count, mapping, string

OVER = {"completed", "expired", "cancelled", "failed"}


@dataclass(frozen=True, slots=True)
class OpenAIBatches:
    """Batches of one endpoint: `/v1/chat/completions` or `/v1/responses`."""

    name: str
    door: Door
    endpoint: Endpoint
    dialect: Dialect
    path: str

    async def submit(self, jobs: Sequence[Job]) -> str:
        """Send the file up, and name it in a new batch."""
        rows = [
            {"custom_id": job.id, "method": "POST", "url": self.path, "body": body_of(job, self.dialect, self.endpoint)}
            for job in jobs
        ]
        content = b"\n".join(orjson.dumps(row) for row in rows)
        file = {"file": ("jobs.jsonl", content, "application/jsonl")}
        uploaded = await self.door.ask("POST", "/files", data={"purpose": "batch"}, files=file)
        asked = {"input_file_id": string(uploaded.get("id")), "endpoint": self.path, "completion_window": "24h"}
        return named(await self.door.ask("POST", "/batches", json=asked))

    async def poll(self, batch_id: str) -> State:
        """Over with a file of answers or of errors, or over without."""
        batch = await self.door.ask("GET", f"/batches/{batch_id}")
        if batch.get("status") not in OVER:
            return "running"
        return "ended" if _files(batch) else "failed"

    async def collect(self, batch_id: str) -> list[Done]:
        """The lines of both files."""
        batch = await self.door.ask("GET", f"/batches/{batch_id}")
        contents = [await self.door.fetch("GET", f"/files/{file}/content") for file in _files(batch)]
        return [self._done(line) for content in contents for line in lines(content)]

    def _done(self, line: Json) -> Done:
        answer = mapping(line.get("response"))
        error = mapping(line.get("error"))
        body, status = (
            (answer.get("body"), count(answer.get("status_code")) or 200) if answer else ({"error": error}, 408)
        )
        return done(self.name, string(line.get("custom_id")), self.dialect, status, body)


def named(batch: Json) -> str:
    """The provider's name for a batch."""
    name = string(batch.get("id"))
    if not name:
        raise ModelError("malformed", "The provider gave the batch no id.")
    return name


def _files(batch: Json) -> list[str]:
    return [name for key in ("output_file_id", "error_file_id") if (name := string(batch.get(key)))]
