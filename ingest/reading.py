"""Reads the files of a source and finds what is new against the snapshot that answers now."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.knowledge.contents import Member
from app.knowledge.derived import VersionKey
from app.knowledge.readings import Reading
from app.knowledge.run_log import OUTCOMES, Item
from app.knowledge.sourcing.files import Known
from ingest.gate import the_gate
from ingest.loaders import Refused
from ingest.memory import Content, Memory
from ingest.origins import Listing, Readable
from ingest.watch import EVERY_S, Told

BATCH = 64
AHEAD = 8


class Keep(Protocol):
    """Stores documents and gives their versions; a dry run's stores nothing."""

    async def __call__(self, readings: Sequence[Reading]) -> list[VersionKey]:
        """One version for each document."""
        ...


@dataclass(slots=True)
class Changes:
    """What a source has that the snapshot lacks, and the other way round."""

    items: list[Item] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)

    @property
    def any(self) -> bool:
        """Whether the snapshot would change."""
        return bool(self.versions or self.removed)

    @property
    def first_failure(self) -> str:
        """What went wrong first, and with what."""
        return next((f"{item.name}: {item.detail}" for item in self.items if item.outcome == "failed"), "It is empty.")

    def counts(self) -> dict[str, int]:
        """How many documents had each outcome."""
        counts = dict.fromkeys(OUTCOMES, 0)
        for item in self.items:
            counts[item.outcome] += 1
        return counts


@dataclass(slots=True)
class Reader:
    """Reads files in batches. One bad file is an item like any other."""

    base: Mapping[str, Member]
    keep: Keep
    told: Told
    memory: Memory
    changes: Changes
    _told: int = 0
    _told_at: float = 0.0
    _looked_at: int = 0
    _seen: set[str] = field(default_factory=set)
    _unsure: set[str] = field(default_factory=set)

    async def read(self, listing: Listing, *, prune: bool) -> None:
        """Find what changed; with `prune` also what is gone."""
        self._accepted([*listing.refused])
        async for found in self._batches(listing.files):
            await self._compare(found)
            if time.monotonic() - self._told_at >= EVERY_S:
                await self._tell()
        if prune:
            self._prune(self.base if listing.complete else listing.gone)
        await self._tell()

    async def _tell(self) -> None:
        """Write into the log what is not there yet; each time that this is done costs a commit."""
        items = self.changes.items
        if len(items) > self._told:
            await self.told.became(items[self._told :])
            self._told, self._told_at = len(items), time.monotonic()

    async def _batches(self, files: Sequence[Readable]) -> AsyncIterator[list[Reading | Known]]:
        batch: list[Reading | Known] = []
        await self.told.at("parse", 0, len(files))
        async for done, found in self._loaded(files):
            await self.told.at("parse", done, len(files))
            batch += self._accepted(found)
            while len(batch) >= BATCH:
                yield batch[:BATCH]
                batch = batch[BATCH:]
        yield batch

    async def _loaded(self, files: Sequence[Readable]) -> AsyncIterator[tuple[int, Content]]:
        """What is in each file, in their order, and how many there were; a few are read ahead, side by side."""
        ahead = deque[asyncio.Task[Content]]()
        try:
            for done, file in enumerate(files):
                ahead.append(asyncio.create_task(file.load(self.memory)))
                if len(ahead) > AHEAD:
                    yield done + 1 - AHEAD, await ahead.popleft()
            while ahead:
                yield len(files) - len(ahead) + 1, await ahead.popleft()
        finally:
            for task in ahead:
                task.cancel()

    def _accepted(self, found: Content) -> list[Reading | Known]:
        accepted = list[Reading | Known]()
        for one in found:
            name = one.name if isinstance(one, Refused) else one.external_id
            if isinstance(one, Refused):
                self._fail(name, one.reason)
            elif name in self._seen:
                self._fail(name, f"Another document of this source is already called {name}.")
            else:
                accepted.append(one)
            self._seen.add(name)
        return accepted

    def _fail(self, name: str, reason: str) -> None:
        self.changes.items.append(Item(name, "failed", reason))
        self._unsure.add(name.partition("#")[0])

    async def _compare(self, found: Sequence[Reading | Known]) -> None:
        outcomes = [self._outcome(one) for one in found]
        changed = [one for one, outcome in zip(found, outcomes, strict=True) if outcome != "unchanged"]
        new = await self._screened([one for one in changed if isinstance(one, Reading)])
        for key in await self.keep(new):
            self.changes.versions[key.document_id] = key.number
        concerns = {one.external_id: one.concerns for one in new}
        for one, outcome in zip(found, outcomes, strict=True):
            flags = (*one.flags, *concerns.get(one.external_id, ()))
            self.changes.items.append(Item(one.external_id, outcome, flags=flags))

    async def _screened(self, new: list[Reading]) -> list[Reading]:
        if not new:
            return []
        done, total = self._looked_at, self._looked_at + len(new)
        await self.told.at("screen", done, total)
        found = await asyncio.to_thread(the_gate().screened, new)
        self._looked_at = total
        await self.told.at("screen", total, total)
        return found

    def _outcome(self, one: Reading | Known) -> str:
        before = self.base.get(one.external_id)
        if before is None:
            return "added"
        return "unchanged" if before.content_hash == one.content_hash else "changed"

    def _prune(self, missed: Container[str]) -> None:
        """What could not be read is not gone: a file of which anything failed keeps its documents."""
        for name, member in self.base.items():
            file = name.partition("#")[0]
            if (name in missed or file in missed) and name not in self._seen and file not in self._unsure:
                self.changes.removed.add(member.document_id)
                self.changes.items.append(Item(name, "removed"))
