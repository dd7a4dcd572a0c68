"""What an ingest run is asked for, and what comes of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.knowledge.run_listing import Counts
from app.knowledge.runs import Item


@dataclass(frozen=True, slots=True)
class Order:
    """What to ingest, and how."""

    workspace_id: str
    source: str
    paths: Sequence[str]
    prune: bool = False
    publish: bool = True
    reads: str = "files"
    """`files` in these paths, what was `pushed` to the source, or `nothing`.

    Then documents are only cut anew, or with `prune` all of them go.
    """

    @property
    def request(self) -> dict[str, Any]:
        """As it is kept with the run, so that another process can take it up."""
        return {"paths": list(self.paths), "prune": self.prune, "publish": self.publish, "reads": self.reads}


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run. `held` says why its snapshot waits for an admin, if it does."""

    run_id: str | None
    source: str
    snapshot_id: str | None
    published: bool
    counts: Counts
    items: tuple[Item, ...]
    held: tuple[str, ...] = ()

    @property
    def json(self) -> dict[str, Any]:
        """As the command line prints it, without the documents that stayed as they were."""
        told = [item._asdict() for item in self.items if item.outcome != "unchanged"]
        head = {
            "run_id": self.run_id,
            "source": self.source,
            "snapshot_id": self.snapshot_id,
            "published": self.published,
            "held": list(self.held),
        }
        return {**head, **asdict(self.counts), "items": told}
