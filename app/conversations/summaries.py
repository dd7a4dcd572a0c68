"""Summaries of conversations, for agents: what they are made from, and where they are kept."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from app.conversations.log import Note, append, lock
from app.conversations.tables import ConversationRow, MessageRow, SummaryRow
from app.conversations.types import Event
from app.database import Database, now

SAID = ("customer", "bot", "person")
OWN = ("name", "email", "phone")
"""What we know of a customer that identifies them."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said, and how the bot had decided if it was the bot's."""

    author: str
    text: str
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation to be summed up, to the event `upto`. `own` identifies its customer."""

    id: str
    workspace_id: str
    owner: str
    reason: str
    own: tuple[str, ...]
    said: tuple[Said, ...]
    upto: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary as it is kept: personal data stands in it as marks. `kind` is `model` or `extract`."""

    text: str
    kind: str
    model: str
    prompt_version: str


@dataclass(frozen=True, slots=True)
class SummaryStore:
    """The only place that reads and writes summaries."""

    database: Database

    async def talk(self, conversation_id: str, upto: int | None = None) -> Talk | None:
        """What was said, up to an event; none where nobody has asked anything."""
        return await self.database.read(lambda session: _talk(session, conversation_id, upto))

    async def latest(self, conversation_id: str) -> SummaryRow | None:
        """The summary that stands."""
        return await self.database.read(lambda session: _latest(session, conversation_id))

    async def keep(self, talk: Talk, summary: Summary) -> list[Event]:
        """Let this summary stand, unless one of more stands already; tells people."""
        return await self.database.write(lambda session: _keep(session, talk, summary))

    async def unwritten(self, workspace_id: str, limit: int) -> list[str]:
        """Resolved conversations that no model has summed up to their end, newest first."""
        return await self.database.read(lambda session: _unwritten(session, workspace_id, limit))


def _talk(session: Session, conversation_id: str, upto: int | None) -> Talk | None:
    row = session.get(ConversationRow, conversation_id)
    mine = (col(MessageRow.conversation_id) == conversation_id) & col(MessageRow.author).in_(SAID)
    mine = mine & (col(MessageRow.sequence) <= upto) if upto is not None else mine
    messages = list(session.execute(select(MessageRow).where(mine).order_by(col(MessageRow.sequence))).scalars())
    if row is None or not any(one.author == "customer" for one in messages):
        return None
    own = tuple(value for name in OWN if isinstance(value := (row.customer or {}).get(name), str))
    said = tuple(Said(one.author, one.text, one.decision) for one in messages)
    return Talk(row.id, row.workspace_id, row.owner, row.reason, own, said, messages[-1].sequence)


def _latest(session: Session, conversation_id: str) -> SummaryRow | None:
    found: SummaryRow | None = session.get(SummaryRow, conversation_id)
    return found


def _keep(session: Session, talk: Talk, summary: Summary) -> list[Event]:
    row = lock(session, talk.id)
    there = _latest(session, talk.id)
    if there and (there.upto > talk.upto or (there.upto == talk.upto and summary.kind == "extract")):
        return []
    session.execute(delete(SummaryRow).where(col(SummaryRow.conversation_id) == talk.id))
    told: dict[str, Any] = {"kind": summary.kind, "model": summary.model, "prompt_version": summary.prompt_version}
    place = {"conversation_id": talk.id, "workspace_id": talk.workspace_id, "upto": talk.upto}
    session.execute(insert(SummaryRow).values(**place, **told, text=summary.text, created_at=now()))
    return append(session, row, [Note("summary.updated", told, people_only=True)])


def _unwritten(session: Session, workspace_id: str, limit: int) -> list[str]:
    newest = (
        select(col(MessageRow.sequence))
        .where(col(MessageRow.conversation_id) == col(ConversationRow.id), col(MessageRow.author).in_(SAID))
        .order_by(col(MessageRow.sequence).desc())
        .limit(1)
        .scalar_subquery()
    )
    done = select(col(SummaryRow.conversation_id)).where(
        col(SummaryRow.conversation_id) == col(ConversationRow.id),
        col(SummaryRow.kind) == "model",
        col(SummaryRow.upto) >= newest,
    )
    mine = (col(ConversationRow.workspace_id) == workspace_id) & (col(ConversationRow.status) == "resolved")
    rows = select(col(ConversationRow.id)).where(mine & newest.is_not(None) & ~done.exists())
    return list(session.execute(rows.order_by(col(ConversationRow.updated_at).desc()).limit(limit)).scalars())
