"""The last stage of a run: may its snapshot be published by itself, or does it wait for an admin?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from app.knowledge.types import Snapshot
from ingest.reading import Changes
from ingest.watch import Told


class Candidate(NamedTuple):
    """A snapshot that is whole and answers nothing yet, what it would replace, and what changed in between.

    `publish` says whether its run is to publish it when nothing speaks against that.
    """

    run_id: str
    source: str
    base: Snapshot | None
    snapshot: Snapshot
    changes: Changes
    publish: bool = True


class Check(Protocol):
    """One reason for which a snapshot may have to wait."""

    async def objections(self, candidate: Candidate, told: Told) -> Sequence[str]:
        """A plain sentence for each reason against publishing it unseen; none when nothing speaks against it."""
        ...


@dataclass(frozen=True, slots=True)
class Checks:
    """All of them, one after the other, so that an admin reads every reason at once."""

    checks: Sequence[Check] = ()

    async def objections(self, candidate: Candidate, told: Told) -> tuple[str, ...]:
        """Whatever any of them has to say."""
        said: list[str] = []
        for number, check in enumerate(self.checks):
            await told.at("check", number, len(self.checks))
            said += await check.objections(candidate, told)
        await told.at("check", len(self.checks), len(self.checks))
        return tuple(said)
