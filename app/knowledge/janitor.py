"""Gives disk space back: indexes of snapshots that no rollback needs, and folders that nothing belongs to."""

from dataclasses import dataclass

from app.knowledge.shelves import Shelves
from app.knowledge.snapshots import SnapshotStore

KEPT_SNAPSHOTS = 5
"""Snapshots of a workspace that can be published at once; older ones are made again first."""


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
        held = await self.shelves.held()
        gone = [one for one in held if one in set(outdated)] + await self.snapshots.unknown(held)
        for snapshot_id in gone:
            await self.shelves.drop(snapshot_id)
        return gone
