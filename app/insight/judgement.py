"""What decisions rest on in a workspace, what they would be under another policy, and whether old ones still hold."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from redis.exceptions import RedisError

from app.answering.deciding.again import Again, decided_again
from app.answering.deciding.basis import Basis
from app.answering.deciding.calibration import LEAST_VERDICTS
from app.answering.deciding.labels import as_if_written
from app.answering.deciding.outcomes import conclude, may_show
from app.answering.deciding.policy import Policy
from app.answering.deciding.prior import MIX
from app.answering.deciding.rules import Rules
from app.answering.deciding.standing import Force, Policies
from app.answering.deciding.store import DecisionStore
from app.answering.topics import touches
from app.database import Database
from app.insight.calibration import Recalibration
from app.insight.decisions.listing import Decisions
from app.insight.evaluation import Evaluation
from app.insight.opined import Opined
from app.insight.verdicts import Deeds
from app.jobs import Jobs
from app.knowledge.reranking import ClaimReader

RECALIBRATED_EVERY_S = 3600.0
CHANGED = 20
"""Turns that a preview names."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Judgement:
    """Reads and changes what decisions rest on."""

    policies: Policies
    deeds: Deeds
    recalibration: Recalibration
    evaluation: Evaluation
    opined: Opined
    decisions: Decisions
    workspace_id: str

    async def look(self) -> None:
        """Let what another process kept stand here too."""
        await self.policies.look(self.workspace_id)

    async def preview(self, workspace_id: str, wanted: Mapping[str, Any], last: int) -> dict[str, Any]:
        """What the last turns would have become under a changed policy. Raises `Invalid`; changes nothing."""
        force = self.policies.force(workspace_id)
        new = Force.of(force.policy.changed(wanted), force.version, force.calibration)
        turns = await self.deeds.records(workspace_id, last)
        before = [decided(record, force.rules) for _, record in turns]
        after = [decided(record, new.rules) for _, record in turns]
        changed = [
            {"turn_id": turn_id, "question": record["question"], "before": was, "after": becomes}
            for (turn_id, record), was, becomes in zip(turns, before, after, strict=True)
            if was != becomes
        ]
        counts = {"before": dict(Counter(before)), "after": dict(Counter(after))}
        return {"turns": len(turns), **counts, "changed": len(changed), "examples": changed[:CHANGED], **threshold(new)}

    async def state(self, workspace_id: str) -> dict[str, Any]:
        """The policy in force, what its thresholds are made of, and how many verdicts there are."""
        force = self.policies.force(workspace_id)
        labels = await self.deeds.labels(workspace_id)
        verdicts = {"right": sum(one.right for one in labels), "all": len(labels), "needed": LEAST_VERDICTS}
        sources = dict(Counter(one.source for one in labels))
        curve = force.calibration.curve.json()
        made = force.calibration.made_at
        return {
            **force.policy.json(),
            "version": force.version,
            **threshold(force),
            "calibration": {
                "version": force.calibration.version,
                "own": force.calibration.own,
                "fits": force.calibration.fits,
                "verdicts": len(force.calibration.scored),
                "made_at": made.isoformat() if made else None,
                "curve": curve,
                "history": await self.policies.store.calibrations(workspace_id),
            },
            "verdicts": {**verdicts, "sources": sources},
        }

    async def keep_calibrated(self, jobs: Jobs) -> None:
        """Have the calibration looked after every hour; where nothing is new, the job leaves it as it is."""
        while True:
            await asyncio.sleep(RECALIBRATED_EVERY_S)
            try:
                await asyncio.to_thread(jobs.enqueue, "recalibrate", {"workspace_id": self.workspace_id})
            except (OSError, RedisError, sqlite3.Error) as error:
                log.warning("calibration.not_queued", why=type(error).__name__)

    async def again(self, workspace_id: str, last: int) -> list[Again]:
        """The last decisions, each computed again."""
        turns = await self.deeds.records(workspace_id, last)
        return [await decided_again(self.policies, workspace_id, turn_id, record) for turn_id, record in turns]


async def open_judgement(
    database: Database,
    written: Policy,
    workspace_id: str,
    known: tuple[str, ...] = (),
    reader: ClaimReader | None = None,
) -> Judgement:
    """The policy and the calibration as they were left.

    `known` are names that need no proof in an answer; `reader` is what its sentences were checked with.
    """
    store, deeds = DecisionStore(database), Deeds(database)
    policies = Policies(store, written)
    await policies.open(workspace_id)
    told = (Evaluation(database, deeds, known, reader), Opined(database, deeds), Decisions(database))
    return Judgement(policies, deeds, Recalibration(deeds, store), *told, workspace_id)


def threshold(force: Force) -> dict[str, Any]:
    """From which probability on the bot answers, and what stands behind that."""
    promised = force.calibration.promise(force.policy.max_wrong)
    return {
        "thresholds": {"answer_from": force.rules.answer_from, "caveat_from": force.rules.caveat_from},
        "promise": {
            "kept": promised.kept and force.calibration.own,
            "reachable": promised.reachable,
            "answers": promised.answers,
            "wrong": promised.wrong,
            "worst": round(promised.worst, 4),
            "verdicts": len(force.calibration.scored),
            "assumed_held": None if force.calibration.own else MIX["held"],
        },
    }


def decided(record: Mapping[str, Any], rules: Rules) -> str:
    """What a stored turn becomes under these rules.

    Where nothing was written then, and the rules would have had something written, one supported sentence is assumed.
    """
    basis = Basis.of(record["basis"])
    topic = next((one for one in rules.never_auto if touches(record["question"], one)), "")
    basis = replace(basis, intent=replace(basis.intent, topic=topic))
    return conclude(basis if basis.written or not may_show(basis, rules) else as_if_written(basis), rules).name
