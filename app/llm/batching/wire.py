"""What all batch interfaces have in common: jobs and answers, and the way there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import aiohttp
import httpx
import orjson

from app.llm.errors import ModelError
from app.llm.outcome import Outcome
from app.llm.types import Options, Prompt
from app.llm.wire import failures
from app.llm.wire.dialect import Dialect, Endpoint
from app.llm.wire.shapes import Json, mapping

State = Literal["running", "ended", "failed"]
PATIENCE_S = 120.0
REFUSED = 300


@dataclass(frozen=True, slots=True)
class Job:
    """One prompt of a batch, under a name that is its own there."""

    id: str
    prompt: Prompt
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job."""

    id: str
    outcome: Outcome


class BatchProvider(Protocol):
    """Where batches are handed in. Raises `ModelError` and nothing else."""

    async def submit(self, jobs: Sequence[Job]) -> str:
        """Hand them in; the provider's name for the batch."""
        ...

    async def poll(self, batch_id: str) -> State:
        """How it stands."""
        ...

    async def collect(self, batch_id: str) -> list[Done]:
        """What came of the jobs, in any order; those that the provider gave up are missing or have an error."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """A provider's address with its key."""

    client: httpx.AsyncClient
    base_url: str
    headers: Mapping[str, str]

    async def ask(self, method: str, path: str, **content: Any) -> Json:  # noqa: ANN401  # httpx's own arguments
        """A JSON object from there."""
        return mapping(parsed(await self.fetch(method, path, **content)))

    async def fetch(self, method: str, path: str, **content: Any) -> bytes:  # noqa: ANN401  # the same
        """The bytes from there. Redirects are refused, for a key must not go to another host."""
        try:
            answer = await self.client.request(
                method, f"{self.base_url}{path}", headers=dict(self.headers), timeout=PATIENCE_S, **content
            )
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as error:
            raise ModelError("unavailable", f"The provider cannot be reached: {type(error).__name__}") from error
        if answer.status_code >= REFUSED:
            raise failures.from_response(answer.status_code, answer.headers, answer.content)
        return answer.content


def parsed(body: bytes) -> object:
    """JSON, or an error of ours."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ModelError("malformed", "The provider's answer is not JSON.") from error


def lines(body: bytes) -> Iterator[Json]:
    """The objects of JSON lines."""
    return (mapping(parsed(line)) for line in body.splitlines() if line.strip())


def body_of(job: Job, dialect: Dialect, endpoint: Endpoint) -> Json:
    """What the dialect would send for this job alone, without what only matters for a stream."""
    request = mapping(orjson.loads(dialect.request(endpoint, job.prompt, job.options, stream=False).body))
    return {name: value for name, value in request.items() if name != "stream"}


def done(name: str, job_id: str, dialect: Dialect, status: int, body: object) -> Done:
    """What came of one job, from the answer that it got."""
    outcome = Outcome(name)
    try:
        if status >= REFUSED:
            raise failures.from_response(status, {}, orjson.dumps(body))  # one way out for all errors
        decoder = dialect.decoder()
        outcome.take(decoder.whole(body))
        outcome.take(decoder.end())
    except ModelError as error:
        outcome.fail(error)
    return Done(job_id, outcome)
