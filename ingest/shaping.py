"""How each document stands in the next snapshot: which version of it is shown, and how that is cut."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.knowledge.derived import Cutting, Form, VersionKey
from app.knowledge.library import Library
from app.knowledge.overriding.types import Outcome
from app.knowledge.splitting import WHOLE, Splitting
from app.knowledge.types import DocumentVersion, Embedder, Snapshot
from ingest.overlaying import Overlay, Overlaying
from ingest.passages import cuttings_of
from ingest.split import Window
from ingest.watch import Watch

CUT_BATCH = 64
SPARE_TOKENS = 8
"""Left free in the embedder's window for the prefix that some models want before a passage."""


class Shape(NamedTuple):
    """The form of every document, those with overrides, what became of each override, and the ways of cutting."""

    forms: dict[str, Form]
    overlays: Mapping[str, Overlay]
    outcomes: list[Outcome]
    windows: Mapping[str, Window]


@dataclass(frozen=True, slots=True)
class Shaping:
    """Gives documents their form, and cuts those that nobody cut that way yet."""

    library: Library
    workspace_id: str
    watch: Watch

    async def shape(self, origins: Mapping[str, int], base: Snapshot | None, changed: Sequence[str]) -> Shape:
        """For these versions of documents, as their sources gave them; some of them are not those of the base."""
        rules = await self.library.overrides.splittings(self.workspace_id)
        ways = {rule: window_of(self.library.embedder, rule) for rule in {WHOLE, *rules.values()}}
        windows = {id_: ways[rules.get(id_, WHOLE)] for id_ in origins}
        laid = await Overlaying(self.library, self.workspace_id, origins, windows).overlays(base, changed)
        plain = {id_: Form(number, windows[id_].name, number) for id_, number in origins.items()}
        forms = plain | {id_: one.form for id_, one in laid.documents.items()}
        return Shape(forms, laid.documents, laid.outcomes, {window.name: window for window in ways.values()})

    async def cut(self, shape: Shape) -> None:
        """Cut what is missing."""
        documents = self.library.documents
        for document_id, (form, passages) in shape.overlays.items():
            await documents.keep_passages(
                self.workspace_id, form.cut, {VersionKey(document_id, form.version): passages}
            )
        plain = {id_: form for id_, form in shape.forms.items() if id_ not in shape.overlays}
        for cut, keys in by_cut(plain).items():
            await self._cut(keys, shape.windows[cut])

    async def _cut(self, keys: Sequence[VersionKey], window: Window) -> None:
        documents = self.library.documents
        missing = await documents.without_passages(self.workspace_id, keys, window.name)
        for start in range(0, len(missing), CUT_BATCH):
            await self.watch.at("split", start, len(missing))
            versions = await documents.versions(missing[start : start + CUT_BATCH])
            pieces = await asyncio.to_thread(_all_cuttings, versions, window)
            await documents.keep_passages(self.workspace_id, window.name, pieces)
        await self.watch.at("split", len(missing), len(missing))


def window_of(embedder: Embedder, rule: Splitting) -> Window:
    """How documents are cut under these rules, within what the embedder reads at once."""
    whole = embedder.max_tokens - SPARE_TOKENS
    tokens = min(rule.tokens or whole, whole - min(rule.overlap, whole // 2))
    return Window(tokens, embedder.count_tokens, rule.overlap, rule.neighbours, whole)


def by_cut(forms: Mapping[str, Form]) -> dict[str, list[VersionKey]]:
    """The versions shown, by how they are cut."""
    groups: dict[str, list[VersionKey]] = {}
    for document_id, form in forms.items():
        groups.setdefault(form.cut, []).append(VersionKey(document_id, form.version))
    return groups


def _all_cuttings(versions: Sequence[DocumentVersion], window: Window) -> dict[VersionKey, list[Cutting]]:
    return {VersionKey(one.document_id, one.number): cuttings_of(one, window) for one in versions}
