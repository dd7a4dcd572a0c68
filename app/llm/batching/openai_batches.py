"""https://platform.openai.com/docs/api-reference/batch: a file of requests goes up, a file of answers comes down."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from app.llm.batching.wire import (
    CLOCKS_APART,
    Done,
    Door,
    Ending,
    Job,
    Sent,
    State,
    Trace,
    body_of,
    done,
    lines,
    named,
    undone,
)
from app.llm.wire.dialect import Dialect, Endpoint
from app.llm.wire.shapes import Json, count, mapping, string

OVER = {"completed", "expired", "cancelled", "failed"}
TAG = "answerdesk_batch"
_ENDINGS: dict[str, Ending] = {"batch_expired": "expired", "batch_cancelled": "cancelled"}


@dataclass(frozen=True, slots=True)
class OpenAIBatches:
    """Batches of one endpoint: `/v1/chat/completions` or `/v1/responses`. A batch carries its tag as metadata."""

    name: str
    door: Door
    endpoint: Endpoint
    dialect: Dialect
    path: str

    async def submit(self, tag: str, jobs: Sequence[Job]) -> str:
        """Send the file up, and name it in a new batch."""
        rows = [
            {"custom_id": job.id, "method": "POST", "url": self.path, "body": body_of(job, self.dialect, self.endpoint)}
            for job in jobs
        ]
        content = b"\n".join(orjson.dumps(row) for row in rows)
        file = {"file": (f"{tag}.jsonl", content, "application/jsonl")}
        uploaded = await self.door.ask("POST", "/files", data={"purpose": "batch"}, files=file)
        asked = {
            "input_file_id": string(uploaded.get("id")),
            "endpoint": self.path,
            "completion_window": "24h",
            "metadata": {TAG: tag},
        }
        return named(await self.door.ask("POST", "/batches", json=asked))

    async def find(self, sent: Sent) -> Trace:
        """The batch that carries the tag, among those that were made since; the list has the newest first."""
        async for batch in self.door.listed("/batches", "after"):
            if mapping(batch.get("metadata")).get(TAG) == sent.tag:
                return Trace(named(batch))
            if count(batch.get("created_at")) < (sent.at - CLOCKS_APART).timestamp():
                break
        return Trace()

    async def poll(self, batch_id: str) -> State:
        """Over with a file of answers or of errors, or over without."""
        batch = await self.door.ask("GET", f"/batches/{batch_id}")
        if batch.get("status") not in OVER:
            return "running"
        return "ended" if _files(batch) or batch.get("status") == "cancelled" else "failed"

    async def collect(self, batch_id: str) -> list[Done]:
        """The lines of both files."""
        batch = await self.door.ask("GET", f"/batches/{batch_id}")
        contents = [await self.door.fetch("GET", f"/files/{file}/content") for file in _files(batch)]
        return [self._done(line) for content in contents for line in lines(content)]

    async def cancel(self, batch_id: str) -> None:
        """Ask for it; the batch is cancelled within ten minutes."""
        await self.door.ask("POST", f"/batches/{batch_id}/cancel")

    def _done(self, line: Json) -> Done:
        answer, error, job_id = mapping(line.get("response")), mapping(line.get("error")), string(line.get("custom_id"))
        ending = _ENDINGS.get(string(error.get("code")))
        if ending and not answer:
            return undone(self.name, job_id, ending)
        if not answer:
            return done(self.name, job_id, self.dialect, 400, {"error": error})
        return done(self.name, job_id, self.dialect, count(answer.get("status_code")) or 200, answer.get("body"))


def _files(batch: Json) -> list[str]:
    return [name for key in ("output_file_id", "error_file_id") if (name := string(batch.get(key)))]
