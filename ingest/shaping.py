"""How each document stands in the next snapshot: which version of it is shown, and how that is cut."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.knowledge.derived import Cutting, Form, VersionKey
from app.knowledge.library import Library
from app.knowledge.types import DocumentVersion
from ingest.split import Window, embedded_text, hash_of, split
from ingest.watch import Watch

CUT_BATCH = 64
SPARE_TOKENS = 8
"""Left free in the embedder's window for the prefix that some models want before a passage."""


@dataclass(frozen=True, slots=True)
class Shaping:
    """Gives documents their form, and cuts those that nobody cut that way yet."""

    library: Library
    workspace_id: str
    watch: Watch

    @property
    def window(self) -> Window:
        """How much the embedder reads at once."""
        embedder = self.library.embedder
        return Window(embedder.max_tokens - SPARE_TOKENS, embedder.count_tokens)

    async def forms(self, origins: Mapping[str, int]) -> dict[str, Form]:
        """For these versions of documents, as their sources gave them."""
        return {id_: Form(number, self.window.name, number) for id_, number in origins.items()}

    async def cut(self, forms: Mapping[str, Form]) -> None:
        """Cut what is missing."""
        for keys in by_cut(forms).values():
            await self._cut(keys, self.window)

    async def _cut(self, keys: Sequence[VersionKey], window: Window) -> None:
        documents = self.library.documents
        missing = await documents.without_passages(self.workspace_id, keys, window.name)
        for start in range(0, len(missing), CUT_BATCH):
            await self.watch.at("split", start, len(missing))
            versions = await documents.versions(missing[start : start + CUT_BATCH])
            pieces = await asyncio.to_thread(_all_pieces, versions, window)
            await documents.keep_passages(self.workspace_id, window.name, pieces)
        await self.watch.at("split", len(missing), len(missing))


def by_cut(forms: Mapping[str, Form]) -> dict[str, list[VersionKey]]:
    """The versions shown, by how they are cut."""
    groups: dict[str, list[VersionKey]] = {}
    for document_id, form in forms.items():
        groups.setdefault(form.cut, []).append(VersionKey(document_id, form.version))
    return groups


def _all_pieces(versions: Sequence[DocumentVersion], window: Window) -> dict[VersionKey, list[Cutting]]:
    return {VersionKey(one.document_id, one.number): _cuttings(one, window) for one in versions}


def _cuttings(version: DocumentVersion, window: Window) -> list[Cutting]:
    pieces = split(version.title, version.text, window)
    return [
        Cutting(
            piece.heading, piece.start, piece.end, hash_of(_embedded(version, piece.heading, piece.start, piece.end))
        )
        for piece in pieces
    ]


def _embedded(version: DocumentVersion, heading: str, start: int, end: int) -> str:
    return embedded_text(version.title, heading, version.text[start:end])
