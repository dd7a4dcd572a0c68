"""Gives disk space back: indexes of snapshots that no rollback needs, and those that nothing belongs to."""

import logging
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.database import now
from app.errors import Unavailable
from app.knowledge.shelves import Shelves
from app.knowledge.snapshots import SnapshotStore

KEPT_SNAPSHOTS = 5
"""Snapshots of a workspace that can be published at once; older ones are made again first."""
SPARED = timedelta(days=1)
"""On a server so young an index is left alone although no snapshot names it: somebody may be about to."""
ORDERED_BY_TIME = 7
"""The version of UUIDs that begin with their moment (RFC 9562, 5.7), which ours are."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Janitor:
    """Documents, versions and vectors stay, so every index can be made again."""

    snapshots: SnapshotStore
    shelves: Shelves
    keep: int = KEPT_SNAPSHOTS

    async def tidy(self, workspace_id: str) -> list[str]:
        """Drop what is no longer needed; the snapshots whose indexes went."""
        outdated = await self.snapshots.outdated(workspace_id, self.keep)
        for snapshot_id in outdated:
            await self.snapshots.forget_index(workspace_id, snapshot_id)
        held, kept = await self.shelves.held(), await self._kept()
        gone = [one for one in {*held, *kept} if one in set(outdated)]
        gone += await self.snapshots.unknown([*held, *_orphaned(kept, held)])
        for snapshot_id in gone:
            await self.shelves.drop(snapshot_id)
        return gone

    async def _kept(self) -> Mapping[str, bool]:
        """A server that is away for a moment is tidied the next time."""
        try:
            return await self.shelves.kept()
        except Unavailable as error:
            log.warning("the vector indexes are not tidied: %s", error.detail)
            return {}


def _orphaned(kept: Mapping[str, bool], held: Collection[str]) -> list[str]:
    """What a server keeps of ours that has no folder here, and is no longer young."""
    latest = now() - SPARED
    return [one for one, ours in kept.items() if ours and one not in held and _made(one) < latest]


def _made(snapshot_id: str) -> datetime:
    """When a snapshot of this id was begun; one that is not of ours counts as begun now."""
    try:
        known = uuid.UUID(snapshot_id)
    except ValueError:
        return now()
    return datetime.fromtimestamp((known.int >> 80) / 1000, UTC) if known.version == ORDERED_BY_TIME else now()
