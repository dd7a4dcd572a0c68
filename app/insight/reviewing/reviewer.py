"""Reviews a snapshot before it answers: what vanishes, whether the probes hold, and whose answers change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.answering.deciding.standing import Policies
from app.errors import AppError, Conflict
from app.insight.reviewing.foreseeing import change_between, impact_of
from app.insight.reviewing.probes import Probe, ProbeStore
from app.insight.reviewing.questions import Asked
from app.insight.reviewing.replay import Replay, Replayed, Told
from app.insight.reviewing.rule import PublishRule, Reason, affecting, vanishing
from app.insight.reviewing.store import ReviewStore, in_order
from app.knowledge.comparing.differences import Sides
from app.knowledge.library import Library


class Wish(NamedTuple):
    """Which snapshot to review. `source` is that of the run which built it, and `publish` whether that run would."""

    workspace_id: str
    snapshot_id: str
    source: str | None = None
    publish: bool = False


class Stopped(Conflict):
    """This review was stopped. The snapshot stays as it is."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Carries reviews out and keeps what they find with the snapshot."""

    library: Library
    probes: ProbeStore
    reviews: ReviewStore
    policies: Policies

    async def review(self, wish: Wish, worker: str, told: Told) -> list[Reason]:
        """Why the snapshot should wait; nothing when nothing speaks against it."""
        sides = await self.library.comparison.sides(wish.workspace_id, wish.snapshot_id)
        against = sides.before.id if sides.before else None
        await self.reviews.begin(wish.workspace_id, wish.snapshot_id, against, worker)
        try:
            found = await self._found(wish, sides, told)
        except AppError:
            await self.reviews.finish(wish.snapshot_id, {"state": "cancelled"}, ())
            raise
        reasons = await self._reasons(wish, sides, found)
        told_reasons = [one.json() for one in reasons]
        outcome = {"state": "done", "reasons": told_reasons, "probes": found.probes, "impact": found.impact}
        await self.reviews.finish(wish.snapshot_id, outcome, found.rows)
        await self.library.snapshots.hold(wish.workspace_id, wish.snapshot_id, told_reasons)
        return reasons

    async def _found(self, wish: Wish, sides: Sides, told: Told) -> "_Found":
        """Replay probes and, unless the snapshot is about to be published unseen, what customers asked last."""
        probes = await self.probes.all(wish.workspace_id)
        rule = (await self._rules(wish.workspace_id)).get(wish.source or "", PublishRule())
        wanted = sides.before is not None and not (wish.publish and rule.publish != "never" and rule.impact is None)
        asked = await self.reviews.questions(wish.workspace_id) if wanted else []
        texts = [*(one.question for one in probes), *(one.searched for one in asked)]
        if not texts:
            return _Found([], impact_of({}, 0, 0) if wanted else {}, [])

        async def advance(done: int, total: int) -> None:
            await told(done, total)
            if not await self.reviews.advance(wish.snapshot_id, done, total):
                raise Stopped

        replay = Replay(self.library.shelves, self.library.embedder)
        await self.policies.look(wish.workspace_id)
        replayed = await replay.of(sides, texts, self.policies.rules(wish.workspace_id), advance)
        rows = in_order(_changed(wish, asked, replayed[len(probes) :]))
        return _Found(_probed(probes, replayed), _impact(asked, rows) if wanted else {}, rows)

    async def _reasons(self, wish: Wish, sides: Sides, found: "_Found") -> list[Reason]:
        rules = await self._rules(wish.workspace_id)
        rule = rules.get(wish.source or "", PublishRule())
        if rule.publish == "always":
            return []
        looked = f"The source “{wish.source}” publishes only after somebody has looked."
        reasons = [Reason(looked, stops=False)] if wish.publish and rule.publish == "never" else []
        if sides.before:
            reasons += vanishing((await self.library.comparison.summary(sides))["sources"], rules)
        failed = [one["sentence"] for one in found.probes if not one["passed"]]
        reasons += [Reason(f"A probe question fails: {sentence}") for sentence in failed if rule.probes]
        return reasons + affecting(found.impact, rule)

    async def _rules(self, workspace_id: str) -> dict[str, PublishRule]:
        return {one.name: PublishRule.of(one.stored) for one in await self.reviews.publish_rules(workspace_id)}


class _Found(NamedTuple):
    probes: list[dict[str, Any]]
    impact: dict[str, Any]
    rows: list[dict[str, Any]]


def _probed(probes: Sequence[Probe], replayed: Sequence[Replayed]) -> list[dict[str, Any]]:
    told = []
    for probe, seen in zip(probes, replayed, strict=False):
        sentence = probe.verdict(seen.after)
        head = {"id": probe.id, "question": probe.question, "expects": probe.expects, "value": probe.value}
        told.append({**head, "passed": not sentence, "sentence": sentence, "found": seen.after.json()})
    return told


def _changed(wish: Wish, asked: Sequence[Asked], replayed: Sequence[Replayed]) -> list[dict[str, Any]]:
    rows = []
    for one, seen in zip(asked, replayed, strict=True):
        change = seen.before and change_between(seen.before, seen.after)
        if seen.before and change:
            sides = {"before": seen.before.json(), "after": seen.after.json()}
            place = {"snapshot_id": wish.snapshot_id, "workspace_id": wish.workspace_id, "change": change}
            rows.append({**place, "question": one.question, "asked": one.times, **sides})
    return rows


def _impact(asked: Sequence[Asked], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["change"]] = counts.get(row["change"], 0) + row["asked"]
    return impact_of(counts, sum(one.times for one in asked), len(asked))
