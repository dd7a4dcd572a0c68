"""What an ingest run is asked for, and what comes of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.errors import Unavailable
from app.knowledge.run_listing import Counts
from app.knowledge.run_log import Item

_ENDS = re.compile(r"[#/]|$")


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
    only: Sequence[str] = ()
    """Names of documents: a retry reads the files that these came from, and no others."""
    also: Sequence[Mapping[str, Any]] = ()
    """Requests that were made while this one waited."""

    @property
    def request(self) -> dict[str, Any]:
        """As it is kept with the run, so that another process can take it up."""
        return {"paths": list(self.paths), "prune": self.prune, "publish": self.publish, "reads": self.reads}

    @property
    def groups(self) -> list[Sequence[str]]:
        """The places that were asked for together, in the order of asking."""
        return [self.paths, *(one["paths"] for one in self.also)]

    @property
    def origins(self) -> frozenset[str]:
        """Every file from which what `only` names can have come: a row's file, an archive's entry's archive."""
        return frozenset(name[: end.start()] for name in self.only for end in _ENDS.finditer(name))


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


def report_of(run: Mapping[str, Any], published: str | None) -> Report:
    """What came of a run that another process carried out; raises what its own process was told."""
    if run["state"] != "done":
        raise Unavailable(run["error"])
    items = tuple(Item(one["name"], one["outcome"], one["detail"], tuple(one["flags"])) for one in run["items"])
    ended = (run["id"], run["source"], run["snapshot_id"])
    return Report(*ended, run["snapshot_id"] == published, Counts(**run["counts"]), items, tuple(run["held"]))
