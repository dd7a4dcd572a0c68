"""What routing and caching save, and what they cost in quality: a replay of the labelled questions through whole turns.

    python -m benchmarks.costs ../shared/data/retrieval [--each 500] [--plot docs/benchmarks/cost-quality.svg]

Search, decision, cascade, sentence check and cache are the product's; only the two models are stand-ins of known
quality (`benchmarks/standins.py`). An answer is right when it cites a document that answers. Everything is compared
with sending the same questions to the strong model alone. Traffic for the cache: each turn asks one of the questions,
the n-th most popular one with a weight of 1/n (Zipf); every second turn wraps it in politeness.
"""

import argparse
import asyncio
import json
import logging
import random
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog
from sqlmodel import SQLModel

from app.answering.caching.cache import AnswerCache, Cache, NoCache
from app.answering.caching.memory import CacheMemory
from app.answering.caching.store import CacheStore, cache_usage
from app.answering.cascading import Writers
from app.answering.composing import Answering
from app.answering.deciding.rules import Rules, always
from app.answering.difficulty import route
from app.answering.drafting import Drafter
from app.conversations.turns import Outcome
from app.conversations.types import Begun, Lease
from app.database import open_database
from app.knowledge.types import Found
from app.llm.registry import STRONG_FROM
from app.llm.types import Options, Part, Prompt, Stop, Usage
from app.safety.links import Hosts
from app.safety.redaction import redact
from app.settings import CacheSettings
from benchmarks.plotting import Point, plot
from benchmarks.questions import HITS, Case, Shelf, shelves
from benchmarks.standins import BETTER, SKILL, WORSE, Skill, StandIn, price

SEED = 7
TURNS = 4000
STEPS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 1.01)
CACHE = CacheSettings()
EVER = datetime(2000, 1, 1, tzinfo=UTC)
ALWAYS, NEVER = 0.0, 1.01
POLITE = ("Hello, {}", "{} Please.", "Hi there, {} Thanks!", "Could you tell me, {}", "{} Thank you very much")


Turns = Sequence[tuple[Case, str]]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one turn."""

    cost: int
    right: bool
    shown: bool
    cached: str = ""


@dataclass(frozen=True, slots=True)
class Silent:
    """The last model of this replay: it never has an answer, so that only the two stand-ins count."""

    name: str = "last"

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:  # noqa: ARG002  # as every model
        """Nothing."""
        yield Usage(0, 0)
        yield Stop("stop", native="abstain")


@dataclass(frozen=True, slots=True)
class Replay:
    """Whole turns over the sets, each set a workspace of its own."""

    sets: Mapping[str, Shelf]
    known: dict[str, Case]
    strong_from: float
    cache: Cache
    skill: Skill = field(default_factory=lambda: SKILL)

    async def turn(self, case: Case, text: str) -> Result:
        """One question in a conversation of its own."""
        self.known[redact(text).text] = case
        lease = Lease(case.set, "c", "t", "m", 1, 1)
        ended: Outcome | None = None
        async for said in self._composer().compose(Begun(case.set, "c", "m", "t", lease, (), text)):
            ended = said if isinstance(said, Outcome) else ended
        if ended is None:
            raise AssertionError(text)
        cited = {one["document_id"] for one in ended.citations}
        hit = ended.record.get("cache")
        kind = str(hit["kind"]) if isinstance(hit, dict) else ""
        return Result(ended.cost_micro_usd, not cited.isdisjoint(case.relevant), bool(cited), kind)

    def _composer(self) -> Answering:
        cheap, strong = StandIn("cheap", self.known, self.skill), StandIn("strong", self.known, self.skill)
        writers = Writers((cheap,), (strong,), Silent(), strong_from=lambda: self.strong_from)
        hosts = Hosts.of([])
        drafter = Drafter(writers.last, (), hosts, "Shop")
        return Answering(self._search, writers, drafter, price, always(Rules()), hosts, "Shop", cache=self.cache)

    async def _search(self, workspace_id: str, question: str, k: int = HITS) -> Found:
        return await self.sets[workspace_id].retriever.search(question, k)


def main() -> None:
    """Measure, print one row a point, draw the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data/retrieval"))
    parser.add_argument("--each", type=int, default=500, help="questions of each set")
    parser.add_argument("--plot", type=Path, default=Path("docs/benchmarks/cost-quality.svg"))
    parser.add_argument("--cache", type=Path, default=Path("/tmp/answerdesk-questions"))  # noqa: S108  # not a secret
    given = parser.parse_args()
    if not given.folder.is_dir():
        print(f"NOT MEASURED: no questions at {given.folder}")
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    sets = shelves(given.folder, given.cache)
    asked = [case for shelf in sets.values() for case in _sample(shelf.cases, given.each)]
    curve, marks = asyncio.run(_measured(sets, asked))
    given.plot.parent.mkdir(parents=True, exist_ok=True)
    given.plot.write_text(plot(curve, marks, f"{len(asked)} questions, stand-ins of known quality, prices 1 to 20"))


def _sample(found: Sequence[Case], most: int) -> list[Case]:
    return random.Random(SEED).sample(list(found), min(most, len(found)))  # noqa: S311  # repeatable, not secret


async def _measured(sets: Mapping[str, Shelf], asked: Sequence[Case]) -> tuple[list[Point], list[Point]]:
    """The curve without a cache, and what stands beside it."""
    once = [(case, case.text) for case in asked]
    strong = [await Replay(sets, {}, ALWAYS, NoCache()).turn(*turn) for turn in once]
    print(json.dumps({"point": "strong only", "questions": len(once), **_told(strong)}), flush=True)
    hard = [route(case.text, case.found)[1] for case in asked]
    curve = await _swept("", sets, once, strong, hard, SKILL)
    for name, skill in (("better cheap model, ", BETTER), ("worse cheap model, ", WORSE)):
        await _swept(name, sets, once, strong, hard, skill)
    marks = [point for point in curve if point.name == f"strong_from = {STRONG_FROM:g}"]
    return curve, [*marks, await _cached("each once", sets, once), await _cached("Zipf traffic", sets, _zipf(asked))]


async def _swept(  # what a sweep is made of
    name: str, sets: Mapping[str, Shelf], once: Turns, strong: Sequence[Result], hard: Sequence[float], skill: Skill
) -> list[Point]:
    """Every step of the threshold; for another skill than the stated one, the chosen step alone."""
    cheap = [await Replay(sets, {}, NEVER, NoCache(), skill).turn(*turn) for turn in once]
    curve = []
    for step in STEPS if skill is SKILL else (STRONG_FROM,):
        taken = [easy if value < step else best for easy, best, value in zip(cheap, strong, hard, strict=True)]
        share = round(sum(value >= step for value in hard) / len(hard), 3)
        curve.append(_point(f"{name}strong_from = {step:g}", taken, strong, strong_share=share))
    return curve


async def _cached(name: str, sets: Mapping[str, Shelf], turns: Turns) -> Point:
    """The chosen point with the product's cache and its rechecks, against the strong model alone on the same turns."""
    alone = {text: await Replay(sets, {}, ALWAYS, NoCache()).turn(case, text) for case, text in dict.fromkeys(turns)}
    strong = [alone[text] for _, text in turns]
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/cache.db")
        await database.write(lambda session: SQLModel.metadata.create_all(session.connection()))
        chance = random.Random(SEED).random  # noqa: S311  # repeatable, not secret
        cache = AnswerCache(CacheMemory(CacheStore(database)), CACHE.similarity, CACHE.recheck_share, chance)
        replay, taken = Replay(sets, {}, STRONG_FROM, cache), list[Result]()
        for case, text in turns:
            taken.append(await replay.turn(case, text))
            await cache.finish()
        usage = [await database.read(partial(cache_usage, workspace_id=one, since=EVER)) for one in sets]
        await database.close()
    return _point(f"{name}, cached", [*taken, _spent(usage)], strong, turns=len(turns), **_hits(taken, usage))


def _spent(usage: Sequence[Mapping[str, int]]) -> Result:
    """What writing anew a sample of the hits came to."""
    return Result(sum(one["checking_cost_micro_usd"] for one in usage), right=False, shown=False)


def _hits(taken: Sequence[Result], usage: Sequence[Mapping[str, int]]) -> dict[str, float]:
    hits = {kind: [one for one in taken if one.cached == kind] for kind in ("exact", "semantic")}
    return {
        **{f"{kind}_hits": round(len(found) / len(taken), 3) for kind, found in hits.items()},
        "rechecked": sum(one["checked"] for one in usage),
        "withdrawn": sum(one["false_hits"] for one in usage),
    }


def _zipf(asked: Sequence[Case]) -> Turns:
    """The n-th most popular question is asked with a weight of 1/n; every second time with politeness around it."""
    chance = random.Random(SEED)  # noqa: S311  # repeatable, not secret
    ranked = chance.sample(list(asked), len(asked))
    drawn = chance.choices(ranked, [1 / place for place in range(1, len(ranked) + 1)], k=TURNS)
    return [(case, chance.choice(POLITE).format(case.text) if chance.random() < 1 / 2 else case.text) for case in drawn]


def _point(name: str, taken: Sequence[Result], strong: Sequence[Result], **more: float) -> Point:
    """One row: cost and quality as shares of those of the strong model alone."""
    turns = len(strong)
    money, best = sum(one.cost for one in taken), sum(one.cost for one in strong)
    quality = sum(one.right for one in taken) / sum(one.right for one in strong)
    print(
        json.dumps(
            {
                "point": name,
                "cost": round(money / best, 4),
                "quality": round(quality, 4),
                **_told(taken[:turns]),
                **more,
            }
        ),
        flush=True,
    )
    return Point(name, money / best, quality)


def _told(taken: Sequence[Result]) -> dict[str, float]:
    count = len(taken)
    return {
        "right": round(sum(one.right for one in taken) / count, 4),
        "wrong": round(sum(one.shown and not one.right for one in taken) / count, 4),
        "usd_per_1000": round(sum(one.cost for one in taken) / count / 1000, 4),
    }


if __name__ == "__main__":
    main()
