"""Which model gets the work that waits, and who is asked next for what came back without an answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from app.database import Database
from app.errors import NotFound
from app.insight.errands import Errands
from app.insight.works import Results
from app.llm.batching.batches import Batches
from app.llm.batching.bills import BatchPrices
from app.llm.batching.kept import BatchStore
from app.llm.batching.one_by_one import OneByOne
from app.llm.batching.wire import Job
from app.llm.connecting import ModelChoice
from app.llm.errors import ModelError
from app.llm.lineup import Lineup
from app.llm.money.budget import Limits
from app.llm.money.payer import Purpose
from app.llm.money.prices import Price
from app.llm.types import Model, Options, Part, Prompt, Stop, Text, Usage
from tests.llm.batch_child import HELD_FOR, LIMITS, batches, jobs
from tests.llm.batch_house import House, served


@dataclass
class Plain:
    """A model without batches: answers, unless it has an error to give."""

    name: str = "plain"
    error: ModelError | None = None
    asked: list[str] = field(default_factory=list)

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        del options
        self.asked.append(prompt.question)
        if self.error:
            raise self.error
        yield Text(f"{self.name} on {prompt.question}")
        yield Usage(10, 1)
        yield Stop("stop")


@dataclass
class Questions:
    """Work that asks these once, and notes what came."""

    asks: list[Job]
    name: str = "questions"
    purpose: Purpose = "summary"
    came: dict[str, tuple[str, str]] = field(default_factory=dict)

    async def jobs(self, workspace_id: str, *, modelled: bool) -> list[Job]:
        del workspace_id, modelled
        return [job for job in self.asks if job.id not in self.came]

    async def deliver(self, workspace_id: str, model: str, results: Results) -> None:
        del workspace_id
        self.came |= {one["id"]: (model, one["text"]) for one in results}


@dataclass
class Night:
    """Errands of one route, whose model `large` is at a provider that takes batches."""

    database: Database
    client: httpx.AsyncClient
    address: str
    house: House
    limits: Limits = LIMITS
    gone: set[str] = field(default_factory=set)
    plain: dict[str, Plain] = field(default_factory=dict)

    def of(self, name: str) -> Batches:
        if name in self.gone:
            raise NotFound(f"There is no model “{name}”.")
        if name == "large":
            return batches(self.database, self.client, self.address, "openai-chat", self.limits)
        store = BatchStore(self.database, HELD_FOR)
        prices = BatchPrices(ModelChoice(name, "gemini", "m", price=Price(2.0, 10.0)))
        return Batches(store, OneByOne(store, prices, self.plain.setdefault(name, Plain(name))))

    async def pass_by(self, work: Questions, *names: str) -> None:
        """Begin the night, and look until nothing is left to do."""
        models: list[Model] = [self.plain.setdefault(name, Plain(name)) for name in names]
        errands = Errands(self.database, "w1", self.of, {"summary": Lineup(tuple(models))}, (work,))
        await errands.look(at_once=True)
        self.house.ended = True
        for _ in range(8):
            await errands.look()


@pytest.fixture
async def night(database: Database) -> AsyncIterator[Night]:
    house = House()
    with served(house) as address:
        async with httpx.AsyncClient() as client:
            yield Night(database, client, address, house)


async def test_the_first_model_whose_provider_takes_batches_gets_the_work(night: Night) -> None:
    work = Questions(jobs("first", "second"))
    await night.pass_by(work, "plain", "large")
    assert work.came == {"first": ("large", "Answer to first"), "second": ("large", "Answer to second")}
    assert night.plain["plain"].asked == []


async def test_where_no_provider_takes_batches_the_route_stands(night: Night) -> None:
    work = Questions(jobs("first"))
    await night.pass_by(work, "one", "other")
    assert work.came == {"first": ("one", "one on first")}


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_what_a_provider_refuses_goes_to_the_next_model(night: Night, status: int) -> None:
    night.house.refuses = [status]
    work = Questions(jobs("first", "second"))
    await night.pass_by(work, "large", "plain")
    assert work.came == {"first": ("plain", "plain on first"), "second": ("plain", "plain on second")}
    assert night.house.batches == {}


async def test_only_what_expired_or_failed_goes_to_the_next_model(night: Night) -> None:
    work = Questions(jobs("first", "always expire", "break"))
    await night.pass_by(work, "large", "plain")
    assert work.came == {
        "first": ("large", "Answer to first"),
        "always-expire": ("plain", "plain on always expire"),
        "break": ("plain", "plain on break"),
    }


async def test_where_all_fail_it_ends_and_may_be_asked_another_night(night: Night) -> None:
    night.plain["plain"] = Plain(error=ModelError("auth", "no"))
    night.house.refuses = [401]
    work = Questions(jobs("first"))
    await night.pass_by(work, "large", "plain")
    assert (work.came, night.plain["plain"].asked) == ({}, ["first"])
    night.plain["plain"].error = None
    await night.pass_by(work, "plain")
    assert work.came == {"first": ("plain", "plain on first")}


async def test_what_a_model_will_not_answer_is_not_shopped_around(night: Night) -> None:
    night.plain["one"] = Plain("one", ModelError("content_filter", "no"))
    work = Questions(jobs("first"))
    await night.pass_by(work, "one", "other")
    assert (work.came, night.plain["other"].asked) == ({}, [])


async def test_a_budget_without_room_for_one_model_may_have_room_for_the_next(night: Night) -> None:
    night.limits = Limits(workspace_day=10)
    work = Questions(jobs("first"))
    await night.pass_by(work, "large", "plain")
    assert (work.came, night.house.requests) == ({"first": ("plain", "plain on first")}, [])


async def test_the_batch_of_a_model_that_was_taken_away_goes_to_the_next(night: Night) -> None:
    work = Questions(jobs("first"))
    errands = Errands(night.database, "w1", night.of, {"summary": Lineup((Plain("large"), Plain("plain")))}, (work,))
    await errands.look(at_once=True)
    night.gone = {"large"}
    for _ in range(4):
        await errands.look()
    assert work.came == {"first": ("plain", "plain on first")}
