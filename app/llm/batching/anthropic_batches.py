"""https://docs.anthropic.com/en/api/creating-message-batches: requests and answers in the bodies themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.llm.batching.wire import (
    CLOCKS_APART,
    PATIENCE_S,
    Done,
    Door,
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

LATEST_ARRIVAL = timedelta(seconds=PATIENCE_S)


@dataclass(frozen=True, slots=True)
class AnthropicBatches:
    """Message Batches. A batch has no name of ours there; the ids of its requests stand in its results alone."""

    name: str
    door: Door
    endpoint: Endpoint
    dialect: Dialect

    async def submit(self, tag: str, jobs: Sequence[Job]) -> str:
        """Hand in all requests at once."""
        del tag  # the ids of the jobs begin with it
        requests = [{"custom_id": job.id, "params": body_of(job, self.dialect, self.endpoint)} for job in jobs]
        return named(await self.door.ask("POST", "/v1/messages/batches", json={"requests": requests}))

    async def find(self, sent: Sent) -> Trace:
        """The batch of as many requests from that moment whose results have our ids.

        One that is still at work has no results, so that it may be ours or another's: then nobody can tell yet.
        """
        unsure = False
        async for batch in self.door.listed("/v1/messages/batches", "after_id"):
            made = _moment(batch)
            if made < sent.at - CLOCKS_APART:
                break
            if not _may_be(batch, made, sent):
                continue
            if batch.get("processing_status") != "ended":
                unsure = True
            elif any(one.id.startswith(sent.tag) for one in await self.collect(named(batch))):
                return Trace(named(batch))
        return Trace(unsure=unsure)

    async def poll(self, batch_id: str) -> State:
        """Ended, whatever became of its requests, or not yet."""
        batch = await self.door.ask("GET", f"/v1/messages/batches/{batch_id}")
        return "ended" if batch.get("processing_status") == "ended" else "running"

    async def collect(self, batch_id: str) -> list[Done]:
        """The lines of the results; asked at our own address, whatever `results_url` says."""
        content = await self.door.fetch("GET", f"/v1/messages/batches/{batch_id}/results")
        return [self._done(line) for line in lines(content)]

    async def cancel(self, batch_id: str) -> None:
        """Ask for it; requests that are at work are answered all the same."""
        await self.door.ask("POST", f"/v1/messages/batches/{batch_id}/cancel")

    def _done(self, line: Json) -> Done:
        result, job_id = mapping(line.get("result")), string(line.get("custom_id"))
        match result.get("type"):
            case "succeeded":
                return done(self.name, job_id, self.dialect, 200, result.get("message"))
            case "expired":
                return undone(self.name, job_id, "expired")
            case "canceled":
                return undone(self.name, job_id, "cancelled")
        error = mapping(result.get("error"))
        return done(self.name, job_id, self.dialect, 400, error if "error" in error else {"error": error})


def _moment(batch: Json) -> datetime:
    try:
        made = datetime.fromisoformat(string(batch.get("created_at")))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _may_be(batch: Json, made: datetime, sent: Sent) -> bool:
    counts = mapping(batch.get("request_counts")).values()
    in_time = made <= sent.at + LATEST_ARRIVAL + CLOCKS_APART
    return in_time and named(batch) not in sent.known and sum(count(one) for one in counts) == sent.count
