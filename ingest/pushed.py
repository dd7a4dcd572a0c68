"""Documents that other software sent, or that were written in the console, as a run reads them."""

import asyncio
import json
from dataclasses import dataclass, replace
from typing import Any

from app.errors import NotFound
from app.knowledge.pushing.store import PushedStore
from app.knowledge.pushing.types import ENDINGS, Push
from app.knowledge.readings import Reading
from ingest.gate import the_gate
from ingest.loaders import Refused, Unreadable
from ingest.memory import Content, Memory

SAID = ("title", "url", "locale", "audience")


@dataclass(frozen=True, slots=True)
class PushedDocument:
    """One of them, read when its turn comes."""

    name: str
    store: PushedStore
    workspace_id: str
    source: str

    async def load(self, memory: Memory) -> Content:
        """What it says now."""
        try:
            pushed = await self.store.get(self.workspace_id, self.source, self.name)
        except NotFound:  # taken away since the run began
            return []
        return await asyncio.to_thread(_remembered, pushed.push, memory)


async def pushed_documents(store: PushedStore, workspace_id: str, source: str) -> list[PushedDocument]:
    """All that a source holds."""
    names = await store.names(workspace_id, source)
    return [PushedDocument(name, store, workspace_id, source) for name in names]


def _remembered(push: Push, memory: Memory) -> Content:
    said = (push.media, push.content, json.dumps(push.known, sort_keys=True))
    return memory.read(push.external_id, said, lambda: loaded(push, memory.largest))


def loaded(push: Push, largest: int) -> list[Reading | Refused]:
    """The document in a push. What the sender says about it wins over what stands in its text."""
    try:
        found = the_gate().load(push.external_id + ENDINGS[push.media], push.content.encode(), largest)
    except Unreadable as refusal:
        return [Refused(push.external_id, refusal.detail)]
    return [_named(one, push) for one in found]


def _named(one: Reading | Refused, push: Push) -> Reading | Refused:
    if isinstance(one, Refused):
        return one._replace(name=push.external_id)
    said: dict[str, Any] = {name: push.known[name] for name in SAID if name in push.known}
    known = {**(one.front_matter or {}), **push.known.get("front_matter", {})}
    return replace(one, external_id=push.external_id, front_matter=known, **said)
