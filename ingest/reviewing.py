"""The review of a snapshot as the check of the run that built it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.insight.reviewing.reviewer import Reviewer, Wish
from ingest.checking import Candidate
from ingest.liveness import this_worker
from ingest.watch import Told


@dataclass(frozen=True, slots=True)
class AtReview:
    """The review as the check of a run."""

    reviewer: Reviewer

    async def objections(self, candidate: Candidate, told: Told) -> Sequence[str]:
        """Why the snapshot should wait for an admin."""

        async def advance(done: int, total: int) -> None:
            await told.at("check", done, total)

        snapshot = candidate.snapshot
        wish = Wish(snapshot.workspace_id, snapshot.id, candidate.source, candidate.publish)
        return [reason.sentence for reason in await self.reviewer.review(wish, this_worker(), advance)]
