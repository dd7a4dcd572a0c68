"""https://docs.anthropic.com/en/api/creating-message-batches: requests and answers in the bodies themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.llm.batching.openai_batches import named
from app.llm.batching.wire import Done, Door, Job, State, body_of, done, lines
from app.llm.wire.dialect import Dialect, Endpoint
from app.llm.wire.shapes import Json, mapping, string


@dataclass(frozen=True, slots=True)
class AnthropicBatches:
    """Message Batches."""

    name: str
    door: Door
    endpoint: Endpoint
    dialect: Dialect

    async def submit(self, jobs: Sequence[Job]) -> str:
        """Hand in all requests at once."""
        requests = [{"custom_id": job.id, "params": body_of(job, self.dialect, self.endpoint)} for job in jobs]
        return named(await self.door.ask("POST", "/v1/messages/batches", json={"requests": requests}))

    async def poll(self, batch_id: str) -> State:
        """Ended, whatever became of its requests, or not yet."""
        batch = await self.door.ask("GET", f"/v1/messages/batches/{batch_id}")
        return "ended" if batch.get("processing_status") == "ended" else "running"

    async def collect(self, batch_id: str) -> list[Done]:
        """The lines of the results; asked at our own address, whatever `results_url` says."""
        content = await self.door.fetch("GET", f"/v1/messages/batches/{batch_id}/results")
        return [self._done(line) for line in lines(content)]

    def _done(self, line: Json) -> Done:
        result = mapping(line.get("result"))
        job_id = string(line.get("custom_id"))
        if result.get("type") == "succeeded":
            return done(self.name, job_id, self.dialect, 200, result.get("message"))
        error = mapping(result.get("error"))
        told = (
            error if "error" in error else {"error": error or {"type": "timeout_error", "message": result.get("type")}}
        )
        return done(self.name, job_id, self.dialect, 400 if error else 408, told)
