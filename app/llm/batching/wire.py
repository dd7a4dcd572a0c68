"""What all batch interfaces have in common: jobs and answers, and the way there."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import aiohttp
import httpx
import orjson

from app.llm.errors import ModelError
from app.llm.outcome import Outcome
from app.llm.types import Ask, Excerpt, Options, Prompt, Turn
from app.llm.wire import failures
from app.llm.wire.dialect import Dialect, Endpoint
from app.llm.wire.remote import hidden
from app.llm.wire.shapes import Json, mapping, mappings, string

State = Literal["running", "ended", "failed"]
Ending = Literal["answered", "failed", "expired", "cancelled"]
PATIENCE_S = 120.0
PAGE = 100
CLOCKS_APART = timedelta(minutes=5)
REFUSED = 300
_ASKED_WITH = ("max_output_tokens", "temperature", "json_schema", "effort", "timeout")


@dataclass(frozen=True, slots=True)
class Job:
    """One prompt of a batch, under a name that is its own there."""

    id: str
    prompt: Prompt
    options: Options = field(default_factory=Options)


def job_told(job: Job) -> Json:
    """A job in JSON, without its payer."""
    asked = {name: value for name in _ASKED_WITH if (value := getattr(job.options, name)) is not None}
    return {"id": job.id, "prompt": asdict(job.prompt), "options": asked}


def read_job(told: Json) -> Job:
    """The job that `job_told` told of."""
    said = told["prompt"]
    turns = tuple(Turn(**turn) for turn in said["turns"])
    excerpts = tuple(Excerpt(**place) for place in said["excerpts"])
    asks = tuple(Ask(one["question"], tuple(one["numbers"]), one["lead"]) for one in said.get("asks", ()))
    return Job(told["id"], Prompt(said["system"], turns, said["question"], excerpts, asks), Options(**told["options"]))


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job. One that `expired` was never begun and may be handed in again."""

    id: str
    outcome: Outcome
    ending: Ending


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch that may have reached its provider: its tag, when it was sent, and how many jobs it has.

    `known` are the provider's names of other batches, which this one is not.
    """

    tag: str
    at: datetime
    count: int
    known: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """The provider's name of a batch that was found there; `unsure` when that cannot be told yet."""

    remote_id: str | None = None
    unsure: bool = False


class BatchProvider(Protocol):
    """Where batches are handed in. Raises `ModelError` and nothing else.

    The ids of the jobs begin with the batch's tag: 64 letters, digits, hyphens and underscores at most.
    """

    async def submit(self, tag: str, jobs: Sequence[Job]) -> str:
        """Hand them in; the provider's name for the batch."""
        ...

    async def find(self, sent: Sent) -> Trace:
        """Whether a batch arrived of which we never heard so."""
        ...

    async def poll(self, batch_id: str) -> State:
        """How it stands."""
        ...

    async def collect(self, batch_id: str) -> list[Done]:
        """What came of the jobs, in any order; those that the provider gave up are missing or have an error."""
        ...

    async def cancel(self, batch_id: str) -> None:
        """Begin no more of its jobs. What was answered by then can be collected when it has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """A provider's address with its key."""

    client: httpx.AsyncClient
    base_url: str
    headers: Mapping[str, str] = field(repr=False)

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
            with hidden(self._key):
                raise failures.from_response(answer.status_code, answer.headers, answer.content)
        return answer.content

    @property
    def _key(self) -> str:
        return self.headers.get("x-api-key") or self.headers.get("authorization", "").removeprefix("Bearer ")

    async def listed(self, path: str, after_name: str) -> AsyncIterator[Json]:
        """The batches there, page by page; `after_name` is how the provider calls where the next page begins."""
        after = ""
        while True:
            page = await self.ask("GET", f"{path}?limit={PAGE}{after and f'&{after_name}={after}'}")
            batches = mappings(page.get("data"))
            for batch in batches:
                yield batch
            if not page.get("has_more") or not batches:
                return
            after = named(batches[-1])


def named(batch: Json) -> str:
    """The provider's name for a batch."""
    name = string(batch.get("id"))
    if not name:
        raise ModelError("malformed", "The provider gave the batch no id.")
    return name


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
    return Done(job_id, outcome, "failed" if outcome.error else "answered")


def undone(name: str, job_id: str, ending: Ending) -> Done:
    """A job that the provider did not begin."""
    outcome = Outcome(name)
    why = "expired before it was begun" if ending == "expired" else "was cancelled"
    outcome.fail(ModelError("timeout", f"The job {why}.", native_code=ending, retryable=False))
    return Done(job_id, outcome, ending)


def failed(name: str, job_id: str, error: ModelError) -> Done:
    """A job that went wrong with all the others."""
    outcome = Outcome(name)
    outcome.fail(error)
    return Done(job_id, outcome, "failed")
