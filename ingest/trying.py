"""Asks the questions of a test set through whole turns, and measures each turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

from app.answering.deciding.basis import Basis
from app.insight.answers import Row, Trial
from app.insight.figures import Figure, decision_figures, middle, resampled
from app.insight.shown import carried, shown_in
from app.settings import Settings
from app.wiring import Application, open_application
from ingest.watch import Notice, Progress

Values = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Tried:
    """One turn: its row, how long it took and what it cost, its claims, and whether what was shown is carried."""

    row: Row
    ms: float
    cost_micro_usd: int = 0
    claims: int = 0
    dropped: int = 0
    carried: list[bool] = field(default_factory=list)


async def tried(
    settings: Settings, queries: Mapping[str, str], names: Mapping[str, str], notice: Notice
) -> dict[str, Tried]:
    """What a whole turn makes of each question. `names`: what the set calls each document."""
    application, found = await open_application(settings), dict[str, Tried]()
    try:
        for name, text in queries.items():
            found[name] = await _one(application, name, text, names)
            notice(Progress("ask", len(found), len(queries)))
    finally:
        await application.close()
    return found


def figures_of(turns: Sequence[Tried], points: Sequence[tuple[float, bool]], values: Values) -> dict[str, Figure]:
    """Every figure with its interval. `points`: (probability, whether there is an answer); `values` by question."""
    audited = [one.carried for one in turns if one.carried]
    means = {name: resampled(list(one.values()), _mean) for name, one in values.items() if one}
    shown = {"unsupported_shown": resampled(audited, _unsupported)} if audited else {}
    return means | shown | decision_figures(points)


def spent(turns: Sequence[Tried]) -> dict[str, Any]:
    """Time, cost, and what the check kept back."""
    return {
        "latency_ms": middle([round(one.ms) for one in turns]),
        "cost_usd": round(sum(one.cost_micro_usd for one in turns) / max(1, len(turns)) / 1e6, 6),
        "claims": {"written": sum(one.claims for one in turns), "kept_back": sum(one.dropped for one in turns)},
    }


async def _one(application: Application, name: str, text: str, names: Mapping[str, str]) -> Tried:
    asked = list[str]()

    async def ask(question: str) -> Mapping[str, Any]:
        said = await application.ask_once(question)
        asked.append(said["turn_id"])
        return said

    search = partial(application.library.search, application.workspace_id, internal=True)
    begun = perf_counter()
    [row] = [row async for row in Trial(ask, search, names).rows({name: text})]
    took = 1000 * (perf_counter() - begun)
    if not asked:
        return Tried(row, took)
    turn = await application.conversations.turn(asked[0])
    basis = Basis.of(turn["record"]["basis"]) if turn["record"] else Basis()
    claims = [one for one in basis.sentences if one.is_claim]
    shown = await shown_in(application.database, [turn["conversation_id"]], asked)
    known = (application.settings.workspace_name,)
    dropped = sum(not one.kept for one in claims)
    return Tried(row, took, turn["cost_micro_usd"], len(claims), dropped, carried(shown, known))


def _unsupported(turns: Sequence[list[bool]]) -> float:
    """The share of shown claims that their citations do not carry; turns are drawn whole, for their claims go along."""
    shown = [held for turn in turns for held in turn]
    return shown.count(False) / len(shown)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
