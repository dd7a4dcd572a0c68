"""How right the answers of a workspace's own conversations were, and how well that was foreseen."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from app.answering.deciding.basis import Basis
from app.conversations.tables import TurnRow
from app.database import Database, now
from app.insight.figures import decision_figures, middle, reliability, resampled, risk_coverage
from app.insight.shown import carried, shown_in
from app.insight.verdicts import Deeds
from app.knowledge.reranking import ClaimReader

MOST_POINTS = 60
AUDITED = 150
"""The newest answers whose sentences are held once more against what they cite: half a millisecond a sentence,
ten more where its words are not those of its source."""
LEAST = 20
"""Verdicts below which no figure is told: it would say nothing."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Reads only."""

    database: Database
    deeds: Deeds
    known: tuple[str, ...] = ()
    """Names that need no proof in an answer."""
    reader: ClaimReader | None = None

    async def of(self, workspace_id: str, days: int) -> dict[str, Any]:
        """Figures over the turns of the last days: of decisions with a verdict, of sentences, of time and cost."""
        turns = await self.database.read(lambda session: _turns(session, workspace_id, days))
        labels = {label.turn_id: label for label in await self.deeds.labels(workspace_id)}
        seen = [(turn["probability"], labels[turn["id"]].right) for turn in turns if turn["id"] in labels]
        told = {
            "days": days,
            "turns": len(turns),
            "decisions": dict(Counter(turn["decision"] for turn in turns)),
            "verdicts": {"all": len(seen), "right": sum(right for _, right in seen), "needed": LEAST},
            "sources": dict(Counter(labels[turn["id"]].source for turn in turns if turn["id"] in labels)),
            "sentences": _sentences(turns),
            "shown": await self._audited(turns),
            "latency_ms": middle([turn["latency_ms"] for turn in turns]),
            "cost_micro_usd": _mean([turn["cost"] for turn in turns]),
        }
        if len(seen) < LEAST:
            return told | {"figures": {}, "reliability": [], "risk_coverage": []}
        curve = risk_coverage(seen)
        return told | {
            "figures": {name: figure.json() for name, figure in decision_figures(seen).items()},
            "reliability": reliability(seen),
            "risk_coverage": curve[:: max(1, len(curve) // MOST_POINTS)],
        }

    async def _audited(self, turns: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Of the newest answers: how many claims were shown, and how many their own citations do not carry."""
        newest = sorted((turn for turn in turns if turn["claims"]), key=lambda turn: turn["id"])[-AUDITED:]
        conversations, ids = {turn["conversation_id"] for turn in newest}, {turn["id"] for turn in newest}
        said = await shown_in(self.database, conversations, ids)
        held = await asyncio.to_thread(carried, said, self.known, self.reader)
        figure = resampled(held, lambda some: some.count(False) / len(some)).json() if held else None
        return {"claims": len(held), "unsupported": held.count(False), "unsupported_share": figure}


def _turns(session: Session, workspace_id: str, days: int) -> list[dict[str, Any]]:
    mine = (col(TurnRow.workspace_id) == workspace_id) & (col(TurnRow.state) == "completed")
    recent = mine & (col(TurnRow.started_at) >= now() - timedelta(days=days))
    rows = session.execute(select(TurnRow).where(recent)).scalars()
    return [_turn(row) for row in rows if row.record and "basis" in row.record]


def _turn(row: TurnRow) -> dict[str, Any]:
    record, took = row.record or {}, (row.ended_at or row.started_at) - row.started_at
    claims = [one for one in Basis.of(record["basis"]).sentences if one.is_claim]
    return {
        "id": row.id,
        "conversation_id": row.conversation_id,
        "decision": record["decision"]["name"],
        "probability": record["decision"]["probability"],
        "claims": len(claims),
        "dropped": sum(not one.kept for one in claims),
        "latency_ms": round(took.total_seconds() * 1000),
        "cost": row.cost_micro_usd,
    }


def _sentences(turns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How many sentences models wrote, and the share that the check kept from the customers."""
    written = sum(turn["claims"] for turn in turns)
    dropped = sum(turn["dropped"] for turn in turns)
    return {
        "written": written,
        "dropped": dropped,
        "unsupported_share": round(dropped / written, 4) if written else None,
    }


def _mean(values: list[int]) -> float | None:
    return round(sum(values) / len(values), 1) if values else None
