"""Finds whom we told what no longer holds, and lays drafted corrections before agents. Nothing is sent by itself."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from app.answering.wording import wording
from app.conversations.inbox import Inbox
from app.conversations.live import Live
from app.errors import Conflict, NotFound
from app.insight.correcting.counterpart import counterpart, holds
from app.insight.correcting.store import CorrectionStore, Due, Told, as_span
from app.insight.correcting.telling import Span, correction_of
from app.knowledge.library import Library

DRAFTED_AT_ONCE = 50
"""Drafts that one publication lays into the inbox by itself; further ones wait on the page of corrections."""
REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Corrector:
    """Compares what was cited with what is published."""

    library: Library
    corrections: CorrectionStore
    inbox: Inbox
    live: Live

    async def recall(self, workspace_id: str) -> int:
        """Look through what was told; how many conversations have something to be told."""
        snapshot_id = await self.library.snapshots.published_id(workspace_id)
        if snapshot_id is None:
            return 0
        shelf = await _Published.of(self.library, workspace_id, snapshot_id)
        await self._refresh(workspace_id, shelf)
        found: dict[str, list[Span]] = {}
        async for told, span in self._stale(workspace_id, shelf):
            found.setdefault(told.conversation_id, []).append(span)
        for conversation_id, spans in found.items():
            await self.corrections.keep(workspace_id, snapshot_id, conversation_id, spans)
        for correction_id in await self.corrections.undrafted(workspace_id, DRAFTED_AT_ONCE):
            await self._lay_out(workspace_id, await self.corrections.due(workspace_id, correction_id))
        return len(found)

    async def draft(self, workspace_id: str, correction_id: str) -> None:
        """Lay the drafted correction before the agents. Raises `Conflict` while another draft waits there."""
        if not await self._lay_out(workspace_id, await self.corrections.due(workspace_id, correction_id)):
            raise Conflict("Another draft waits in this conversation. Send or discard that one first.")

    async def dismiss(self, workspace_id: str, correction_id: str) -> None:
        """Nobody needs to be told."""
        await self._take_back(workspace_id, correction_id, "dismissed")

    async def _take_back(self, workspace_id: str, correction_id: str, state: str) -> None:
        due = await self.corrections.due(workspace_id, correction_id)
        await self.corrections.settle(workspace_id, correction_id, state)
        if due.draft_id:
            events = await self.inbox.take_back(due.draft_id)
            await self.live.tell(workspace_id, due.conversation_id, events)

    async def _lay_out(self, workspace_id: str, due: Due) -> bool:
        text, citations = correction_of(due.spans, wording(due.locale))
        fields = {"turn_id": due.turn_id, "question": due.question, "text": text, "citations": citations}
        draft_id, events = await self.inbox.lay_out(workspace_id, due.conversation_id, fields)
        if draft_id is None:
            return False
        await self.corrections.drafted(due.correction_id, draft_id)
        await self.live.tell(workspace_id, due.conversation_id, events)
        return True

    async def _stale(self, workspace_id: str, shelf: "_Published") -> AsyncIterator[tuple[Told, Span]]:
        before = "~"
        while page := await self.corrections.told(workspace_id, before):
            before = page[-1].message_id
            known = await self.corrections.known([one.message_id for one in page])
            for told in page:
                for span in _cited(told):
                    if (span.message_id, span.document_id, span.version, span.start) not in known:
                        changed = await self._changed(workspace_id, shelf, span)
                        if changed:
                            yield told, changed

    async def _changed(self, workspace_id: str, shelf: "_Published", span: Span) -> Span | None:
        """The span with what stands there now, or nothing when it still holds."""
        number = shelf.members.get(span.document_id)
        if number == span.version:
            return None
        if number is None:
            return None if await self.corrections.moved(workspace_id, shelf.snapshot_id, span) else span
        text = await shelf.text(span.document_id, number)
        if holds(span.quote, text):
            return None
        place = counterpart(span.quote, text)
        if place is None:
            return None if await self.corrections.moved(workspace_id, shelf.snapshot_id, span) else span
        return replace(span, now_version=number, now_start=place.start, now_end=place.end, now_quote=place.text)

    async def _refresh(self, workspace_id: str, shelf: "_Published") -> None:
        """What is open already may hold again after a rollback, or read otherwise once more."""
        for correction_id, spans in (await self.corrections.open_spans(workspace_id)).items():
            found = [await self._changed(workspace_id, shelf, one.alone) for one in spans]
            still = [one for one in found if one]
            if not still:
                await self._take_back(workspace_id, correction_id, "withdrawn")
            elif still != spans:
                await self._take_back(workspace_id, correction_id, "open")
                await self.corrections.replace(workspace_id, correction_id, still)


def _cited(told: Told) -> Sequence[Span]:
    """Each cited span once: two sentences may cite the same."""
    spans = [as_span(told, one) for one in told.citations]
    return list({(one.document_id, one.version, one.start): one for one in spans}.values())


@dataclass(frozen=True, slots=True)
class _Published:
    """What is published, with the texts that were looked at last."""

    library: Library
    workspace_id: str
    snapshot_id: str
    members: dict[str, int]
    texts: OrderedDict[str, str] = field(default_factory=OrderedDict)

    @classmethod
    async def of(cls, library: Library, workspace_id: str, snapshot_id: str) -> "_Published":
        members = await library.snapshots.members(workspace_id, snapshot_id)
        return cls(library, workspace_id, snapshot_id, {one.document_id: one.version for one in members})

    async def text(self, document_id: str, number: int) -> str:
        """The text of a document as it is published."""
        if document_id not in self.texts:
            try:
                version = await self.library.version(self.workspace_id, document_id, number)
            except NotFound:
                return ""
            self.texts[document_id] = version.text
            if len(self.texts) > REMEMBERED:
                self.texts.popitem(last=False)
        return self.texts[document_id]
