"""Where the files of a run come from: places on this machine, or wherever else a source lies."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.discover import discover
from ingest.loaders import Refused
from ingest.memory import Content, Memory
from ingest.orders import Order
from ingest.watch import Told


class Readable(Protocol):
    """Something that holds documents, under a name that its source gives it."""

    @property
    def name(self) -> str:
        """The name."""
        ...

    async def load(self, memory: Memory) -> Content:
        """The documents, and what of it could not be read; what did not change is only remembered."""
        ...


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source has at this moment.

    Only a complete one tells that what is not in it has vanished; what is `gone` has, whatever else could be fetched.
    `audience` and `locale` hold for the documents that say nothing of their own.
    """

    files: Sequence[Readable]
    refused: Sequence[Refused] = ()
    gone: frozenset[str] = frozenset()
    complete: bool = True
    audience: str = ""
    locale: str = ""


class Origin(Protocol):
    """Brings the files of a source to this machine."""

    async def listing(self, order: Order, run_id: str | None, told: Told) -> Listing:
        """All that could be had. A run that is carried out again after a crash has the same id; a dry run has none."""
        ...


@dataclass(frozen=True, slots=True)
class Here:
    """The places that the order names, on this machine."""

    async def listing(self, order: Order, run_id: str | None, told: Told) -> Listing:
        """Every file in them; of two with one name, the one that was asked for last."""
        del run_id, told
        found = {file.name: file for places in order.groups for file in await asyncio.to_thread(discover, places)}
        return Listing([found[name] for name in sorted(found)])
