"""Lays the overrides of a workspace over the documents of its next snapshot, and follows passages that moved."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.knowledge.derived import Cutting, Form, VersionKey
from app.knowledge.library import Library
from app.knowledge.overriding.store import EDITED_FROM
from app.knowledge.overriding.types import CONFLICT, Outcome, Override
from app.knowledge.readings import Reading
from app.knowledge.types import DocumentVersion, Snapshot
from ingest.anchoring import Place, located
from ingest.overlay import Overlaid, overlaid
from ingest.passages import cuttings
from ingest.split import Window, split

BATCH = 64
LEFT = "The document is no longer in the knowledge base."


class Overlay(NamedTuple):
    """A document with overrides: how it stands in the snapshot, and its passages."""

    form: Form
    passages: list[Cutting]


@dataclass(frozen=True, slots=True)
class Overlays:
    """The documents whose overrides found their passages, and what became of every override."""

    documents: dict[str, Overlay] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Overlaying:
    """For these versions of documents as their sources gave them, each cut in its window."""

    library: Library
    workspace_id: str
    origins: Mapping[str, int]
    windows: Mapping[str, Window]

    async def overlays(self, base: Snapshot | None, changed: Sequence[str]) -> Overlays:
        """A passage may have moved to the document where the base found it, or to one of those that changed."""
        overrides = await self.library.overrides.all(self.workspace_id)
        laid = Overlays()
        for document_id, about in (await self._homes(overrides, base, changed)).items():
            version = (await self._versions([document_id])).get(document_id)
            if version is None:
                laid.outcomes.extend(Outcome(one.id, document_id, 0, CONFLICT, LEFT) for one in about)
            else:
                await self._lay(laid, version, about)
        return Overlays(laid.documents, sorted(laid.outcomes))

    async def _lay(self, laid: Overlays, version: DocumentVersion, overrides: Sequence[Override]) -> None:
        window = self.windows[version.document_id]
        shown = await asyncio.to_thread(overlaid, version, overrides, window)
        laid.outcomes.extend(shown.outcomes)
        if any(one.state != CONFLICT for one in shown.outcomes):
            passages = await asyncio.to_thread(cuttings, version.title, shown.text, shown.passages, window)
            form = Form(await self._shown(version, shown), _name(window, passages), version.number)
            laid.documents[version.document_id] = Overlay(form, passages)

    async def _shown(self, version: DocumentVersion, shown: Overlaid) -> int:
        """The version that is shown: the source's own while no word of it was edited."""
        if shown.text == version.text:
            return version.number
        known = version.front_matter | {EDITED_FROM: version.number}
        said = (version.title, shown.text, version.url, version.locale, version.audience, known)
        return await self.library.documents.keep_edited(self.workspace_id, version.document_id, Reading("", *said))

    async def _homes(
        self, overrides: Sequence[Override], base: Snapshot | None, changed: Sequence[str]
    ) -> dict[str, list[Override]]:
        """The document that each override is about now."""
        before = await self._before(base)
        likely = {one.id: (one.anchor.document_id, before.get(one.id, one.anchor.document_id)) for one in overrides}
        versions = await self._versions([id_ for pair in likely.values() for id_ in pair])
        homes = {one.id: [id_ for id_ in likely[one.id] if self._holds(versions.get(id_), one)] for one in overrides}
        lost = [one for one in overrides if not homes[one.id]]
        for start in range(0, len(changed) if lost else 0, BATCH):
            for version in (await self._versions(changed[start : start + BATCH])).values():
                for one in lost:
                    homes[one.id] += [version.document_id] if self._holds(version, one) else []
        grouped: dict[str, list[Override]] = {}
        for one in overrides:
            found = homes[one.id]
            certain = found and (one not in lost or len(found) == 1)
            grouped.setdefault(found[0] if certain else one.anchor.document_id, []).append(one)
        return grouped

    async def _before(self, base: Snapshot | None) -> dict[str, str]:
        outcomes = await self.library.overrides.outcomes(self.workspace_id, base.id) if base else []
        return {one.override_id: one.document_id for one in outcomes}

    async def _versions(self, document_ids: Sequence[str]) -> dict[str, DocumentVersion]:
        keys = [VersionKey(id_, self.origins[id_]) for id_ in dict.fromkeys(document_ids) if id_ in self.origins]
        return {one.document_id: one for one in await self.library.documents.versions(keys)}

    def _holds(self, version: DocumentVersion | None, override: Override) -> bool:
        if version is None or override.anchor.quote not in version.text:
            return False
        pieces = split(version.title, version.text, self.windows[version.document_id])
        return isinstance(located(override.anchor, version.text, pieces), Place)


def _name(window: Window, passages: Sequence[Cutting]) -> str:
    """The same for the same passages, so that nothing is stored or embedded twice."""
    said = json.dumps(passages, ensure_ascii=False)
    return f"{window.name}#{hashlib.sha256(said.encode()).hexdigest()[:20]}"
