"""The only place that reads or writes corrections, and that looks for the answers that need one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from app.conversations.tables import ConversationRow, DraftRow, MessageRow
from app.database import Database, new_id, now
from app.errors import NotFound
from app.insight.correcting import listing
from app.insight.correcting.listing import Sought
from app.insight.correcting.tables import CorrectionRow, ToldRow
from app.insight.correcting.telling import Span
from app.knowledge.tables import MemberRow, PassageRow

LOOKED_BACK = timedelta(days=90)
PAGE = 500


class Told(NamedTuple):
    """An answer that cited something."""

    message_id: str
    conversation_id: str
    citations: list[dict[str, Any]]


class Due(NamedTuple):
    """A conversation to which something must be said, and what is needed to draft it."""

    correction_id: str
    conversation_id: str
    locale: str
    question: str
    turn_id: str
    spans: tuple[Span, ...]
    draft_id: str | None


@dataclass(frozen=True, slots=True)
class CorrectionStore:
    """At most one open correction for each conversation."""

    database: Database

    async def told(self, workspace_id: str, before: str) -> list[Told]:
        """A page of answers with citations, the newest first, older than the message with this id."""
        return await self.database.read(lambda session: _told(session, workspace_id, before))

    async def known(self, message_ids: Sequence[str]) -> set[tuple[str, str, int, int]]:
        """(message, document, version, start) of the spans of these messages that were found before."""
        return await self.database.read(lambda session: _known(session, message_ids))

    async def moved(self, workspace_id: str, snapshot_id: str, span: Span) -> bool:
        """Whether the very passage that was cited stands in another document of the snapshot."""
        return await self.database.read(lambda session: _moved(session, workspace_id, snapshot_id, span))

    async def keep(self, workspace_id: str, snapshot_id: str, conversation_id: str, spans: Sequence[Span]) -> str:
        """Note what a conversation must be told; into its open correction where it has one. The correction's id."""
        return await self.database.write(
            lambda session: _keep(session, workspace_id, snapshot_id, conversation_id, spans)
        )

    async def open_spans(self, workspace_id: str) -> dict[str, list[Span]]:
        """Spans of corrections that are open and of which nothing was sent, by correction."""
        return await self.database.read(lambda session: listing.open_spans(session, workspace_id))

    async def replace(self, workspace_id: str, correction_id: str, spans: Sequence[Span]) -> None:
        """These are what an open correction is about from now on; its draft is to be laid out anew."""
        await self.database.write(lambda session: _exchange(session, workspace_id, correction_id, spans))

    async def settle(self, workspace_id: str, correction_id: str, state: str) -> None:
        """Dismiss or withdraw one."""
        await self.database.write(lambda session: _settle(session, workspace_id, correction_id, state))

    async def drafted(self, correction_id: str, draft_id: str) -> None:
        """Remember the draft that waits for an agent."""
        await self.database.write(lambda session: _drafted(session, correction_id, draft_id))

    async def due(self, workspace_id: str, correction_id: str) -> Due:
        """What is needed to draft one; `NotFound` when there is none."""
        return await self.database.read(lambda session: _due(session, workspace_id, correction_id))

    async def undrafted(self, workspace_id: str, limit: int) -> list[str]:
        """Open corrections of conversations that go on, without a draft: the newest first."""
        return await self.database.read(lambda session: listing.undrafted(session, workspace_id, limit))

    async def listed(self, workspace_id: str, sought: Sought) -> list[dict[str, Any]]:
        """A page of corrections, those of open conversations first."""
        return await self.database.read(lambda session: listing.rows(session, workspace_id, sought))

    async def counts(self, workspace_id: str) -> dict[str, int]:
        """How many corrections there are by how far they are."""
        return await self.database.read(lambda session: listing.counts(session, workspace_id))


def _told(session: Session, workspace_id: str, before: str) -> list[Told]:
    recent = (col(MessageRow.workspace_id) == workspace_id) & (col(MessageRow.created_at) > now() - LOOKED_BACK)
    said = col(MessageRow.author).in_(("bot", "person")) & (col(MessageRow.id) < before)
    columns = select(col(MessageRow.id), col(MessageRow.conversation_id), col(MessageRow.citations))
    rows = session.execute(columns.where(recent, said).order_by(col(MessageRow.id).desc()).limit(PAGE))
    return [Told(*row) for row in rows]


def _known(session: Session, message_ids: Sequence[str]) -> set[tuple[str, str, int, int]]:
    columns = (col(ToldRow.message_id), col(ToldRow.document_id), col(ToldRow.version), col(ToldRow.start))
    rows = session.execute(select(*columns).where(col(ToldRow.message_id).in_(message_ids)))
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def _moved(session: Session, workspace_id: str, snapshot_id: str, span: Span) -> bool:
    cited = (col(PassageRow.document_id) == span.document_id) & (col(PassageRow.version) == span.version)
    around = (col(PassageRow.start) <= span.start) & (col(PassageRow.end) >= span.end)
    hashes = select(col(PassageRow.hash)).where(cited, around)
    here = (col(MemberRow.document_id) == col(PassageRow.document_id)) & (col(MemberRow.cut) == col(PassageRow.cut))
    here &= (col(MemberRow.version) == col(PassageRow.version)) & (col(MemberRow.snapshot_id) == snapshot_id)
    same = select(col(PassageRow.id)).join(MemberRow, here).where(col(PassageRow.hash).in_(hashes))
    return session.execute(same.where(col(PassageRow.workspace_id) == workspace_id).limit(1)).first() is not None


def _keep(session: Session, workspace_id: str, snapshot_id: str, conversation_id: str, spans: Sequence[Span]) -> str:
    session.execute(select(ConversationRow).where(col(ConversationRow.id) == conversation_id).with_for_update())
    correction_id = _open(session, conversation_id)
    if correction_id is None:
        row = CorrectionRow(
            id=new_id(), workspace_id=workspace_id, conversation_id=conversation_id, snapshot_id=snapshot_id
        )
        session.execute(insert(CorrectionRow).values(row.model_dump()))
        correction_id = row.id
    session.execute(_of(correction_id).values(snapshot_id=snapshot_id, updated_at=now()))
    _add(session, workspace_id, correction_id, spans)
    return correction_id


def _add(session: Session, workspace_id: str, correction_id: str, spans: Sequence[Span]) -> None:
    rows = [{**asdict(one), "correction_id": correction_id, "workspace_id": workspace_id} for one in spans]
    session.execute(insert(ToldRow), rows)


def _exchange(session: Session, workspace_id: str, correction_id: str, spans: Sequence[Span]) -> None:
    listing.own(session, workspace_id, correction_id)
    session.execute(delete(ToldRow).where(col(ToldRow.correction_id) == correction_id))
    _add(session, workspace_id, correction_id, spans)
    session.execute(_of(correction_id).values(draft_id=None, updated_at=now()))


def _open(session: Session, conversation_id: str) -> str | None:
    """The correction of a conversation that nobody sent or discarded yet."""
    mine = (col(CorrectionRow.conversation_id) == conversation_id) & (col(CorrectionRow.state) == "open")
    waits = col(CorrectionRow.draft_id).is_(None) | (col(DraftRow.state) == "ready")
    query = select(col(CorrectionRow.id)).outerjoin(DraftRow, col(DraftRow.id) == col(CorrectionRow.draft_id))
    return session.execute(query.where(mine, waits).limit(1)).scalar_one_or_none()


def _of(correction_id: str) -> Any:  # noqa: ANN401  # an update of SQLAlchemy
    return update(CorrectionRow).where(col(CorrectionRow.id) == correction_id)


def _settle(session: Session, workspace_id: str, correction_id: str, state: str) -> None:
    listing.own(session, workspace_id, correction_id)
    session.execute(_of(correction_id).values(state=state, updated_at=now()))


def _drafted(session: Session, correction_id: str, draft_id: str) -> None:
    session.execute(_of(correction_id).values(draft_id=draft_id, updated_at=now()))


def _due(session: Session, workspace_id: str, correction_id: str) -> Due:
    row = listing.own(session, workspace_id, correction_id)
    conversation = session.get(ConversationRow, row.conversation_id)
    spans = listing.spans_of(session, [correction_id]).get(correction_id, [])
    message = session.get(MessageRow, spans[0].message_id) if spans else None
    if conversation is None or message is None:
        raise NotFound("There is no such correction.")
    question = _question(session, message) or conversation.subject
    return Due(
        row.id, conversation.id, conversation.locale, question, message.turn_id or "", tuple(spans), row.draft_id
    )


def _question(session: Session, answer: MessageRow) -> str:
    """What the customer had written before this answer."""
    asked = (col(MessageRow.conversation_id) == answer.conversation_id) & (col(MessageRow.author) == "customer")
    before = asked & (col(MessageRow.sequence) < answer.sequence)
    text = select(col(MessageRow.text)).where(before).order_by(col(MessageRow.sequence).desc()).limit(1)
    return session.execute(text).scalar_one_or_none() or ""


def as_span(told: Told, citation: Mapping[str, Any]) -> Span:
    """What an answer cited."""
    place = (citation["document_id"], citation["version"], citation["start"], citation["end"])
    return Span(told.message_id, *place, citation["title"], citation["url"], citation["quote"])
