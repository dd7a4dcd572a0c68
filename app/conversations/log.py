"""The event log of a conversation: numbered without gaps, written in the transaction of what it tells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, SQLModel, col

from app.conversations.showing import agent_json, shown
from app.conversations.tables import ConversationRow, EventRow, MessageRow, TurnRow
from app.conversations.types import Event, Lease, LeaseLost, Publishable
from app.database import new_id, now
from app.errors import NotFound


@dataclass(frozen=True, slots=True)
class Note:
    """An event by its name, for what is not a turn's own fact."""

    name: str
    content: dict[str, Any]
    people_only: bool = False

    def data(self) -> dict[str, Any]:
        """The event's JSON object."""
        return self.content


def lock(session: Session, conversation_id: str) -> ConversationRow:
    """The conversation's row, held until the transaction ends."""
    row: ConversationRow | None = session.execute(_LOCK, {"wanted": conversation_id}).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def append_under(session: Session, lease: Lease, facts: Sequence[Publishable]) -> list[Event]:
    """Append only while the lease holds."""
    number = advance(session, lease, len(facts))
    return record(session, lease.workspace_id, lease.conversation_id, number, facts, lease.turn_id)


def advance(session: Session, lease: Lease, added: int, **changes: Any) -> int:  # noqa: ANN401  # columns
    """Make room for events while the lease holds: one compare-and-set on (conversation, episode, owner_version).

    Gives the number of the last event before them. Raises `LeaseLost` when somebody else speaks now.
    """
    held = {
        "held_id": lease.conversation_id,
        "held_episode": lease.episode,
        "held_version": lease.owner_version,
        "held_turn": lease.turn_id,
        "added": added,
        "moment": now(),
    }
    # An UPDATE compiles anew for each set of columns and is kept by SQLAlchemy; these sets are few.
    number = session.connection().execute(_ADVANCE, held | changes).scalar_one_or_none()
    if number is None:
        raise LeaseLost
    return int(number) - added


def append(
    session: Session, row: ConversationRow, facts: Sequence[Publishable], turn_id: str | None = None
) -> list[Event]:
    """Append to a conversation whose row is held."""
    before = row.last_event
    row.last_event = before + len(facts)
    row.updated_at = now()
    session.add(row)
    session.flush()
    return record(session, row.workspace_id, row.id, before, facts, turn_id)


def add_message(session: Session, row: ConversationRow, **fields: Any) -> list[Event]:  # noqa: ANN401  # columns
    """Say something in a conversation whose row is held, and announce it."""
    message = new_message(workspace_id=row.workspace_id, conversation_id=row.id, sequence=row.last_event + 1, **fields)
    created = Note("message.created", {"message": shown(message)}, people_only=message["author"] == "note")
    events = append(session, row, [created])
    session.execute(ADD_MESSAGE, message)
    return events


def updated(row: ConversationRow) -> Note:
    """The event that tells who holds the conversation now."""
    return Note("conversation.updated", {"owner": row.owner, "status": row.status, "agent": agent_json(row)})


def settle(session: Session, row: ConversationRow, problem: dict[str, Any]) -> list[Event]:
    """End the running turn of a held conversation because its right to speak ends.

    Sentences that were shown stay, as a stopped message; with none, the turn failed. Whoever breaks a lease settles it.
    """
    turn_id, row.turn_id = row.turn_id, None
    row.owner_version += 1
    if turn_id is None:
        return []
    sentences = published(session, row.id, turn_id)
    session.execute(
        update(TurnRow)
        .where(col(TurnRow.id) == turn_id)
        .values(state="stopped" if sentences else "failed", ended_at=now())
    )
    if not sentences:
        return append(session, row, [Note("turn.failed", {"turn_id": turn_id, "problem": problem})], turn_id)
    return _keep_what_was_shown(session, row, turn_id, sentences)


def published(session: Session, conversation_id: str, turn_id: str) -> list[dict[str, Any]]:
    """The sentences that a turn has shown so far."""
    mine = (col(EventRow.conversation_id) == conversation_id) & (col(EventRow.turn_id) == turn_id)
    named = mine & (col(EventRow.name) == "answer.sentence")
    return list(session.execute(select(col(EventRow.data)).where(named).order_by(col(EventRow.sequence))).scalars())


def new_message(**fields: Any) -> dict[str, Any]:  # noqa: ANN401  # columns
    """The columns of a message. A row object would cost 0.2 ms to make, most of it for defaults."""
    return {**_MESSAGE, "id": new_id(), "created_at": now(), **fields}


def _keep_what_was_shown(
    session: Session, row: ConversationRow, turn_id: str, sentences: list[dict[str, Any]]
) -> list[Event]:
    citations = unique_citations(citation for sentence in sentences for citation in sentence["citations"])
    message = new_message(
        workspace_id=row.workspace_id,
        conversation_id=row.id,
        turn_id=turn_id,
        author="bot",
        text="".join(sentence["joint"] + sentence["text"] for sentence in sentences),
        citations=citations,
        decision="caveat",
        probability=0.5,
        state="stopped",
        sequence=row.last_event + 1,
    )
    data = {"turn_id": turn_id, "message": shown(message), "decision": "caveat", "probability": 0.5}
    events = append(session, row, [Note("answer.completed", {**data, "citations": citations})], turn_id)
    session.execute(ADD_MESSAGE, message)
    return events


def unique_citations(citations: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each cited span once, in order of appearance."""
    kept = {(one["number"], one["document_id"], one["start"], one["end"]): one for one in citations}
    return list(kept.values())


def record(  # one row's fields
    session: Session,
    workspace_id: str,
    conversation_id: str,
    before: int,
    facts: Sequence[Publishable],
    turn_id: str | None,
) -> list[Event]:
    """Store facts as the events after the given number; room for them was made."""
    moment = now()
    events = [
        Event(number, fact.name, fact.data(), getattr(fact, "people_only", False))
        for number, fact in enumerate(facts, before + 1)
    ]
    rows = [
        {
            "conversation_id": conversation_id,
            "sequence": event.sequence,
            "workspace_id": workspace_id,
            "turn_id": turn_id,
            "name": event.name,
            "people_only": event.people_only,
            "data": event.data,
            "created_at": moment,
        }
        for event in events
    ]
    if rows:
        session.connection().execute(_ADD, rows)
    return events


_MESSAGE: dict[str, Any] = {
    **dict.fromkeys(("turn_id", "name", "decision", "probability", "client_message_id")),
    **dict.fromkeys(("rating", "rating_reason", "rating_comment")),
    "citations": [],
    "state": "complete",
}
# Built once: put together by the ORM each time, these cost 0.41 ms a publish instead of 0.03.
ADD_MESSAGE = insert(SQLModel.metadata.tables[str(MessageRow.__tablename__)])
# Statements on tables pass the session's objects by, so an object that it still holds is read anew.
_LOCK = (
    select(ConversationRow)
    .where(col(ConversationRow.id) == bindparam("wanted"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_conversation = SQLModel.metadata.tables[str(ConversationRow.__tablename__)]
_ADD = insert(SQLModel.metadata.tables[str(EventRow.__tablename__)])
_ADVANCE = (
    update(_conversation)
    .where(
        _conversation.c.id == bindparam("held_id"),
        _conversation.c.episode == bindparam("held_episode"),
        _conversation.c.owner_version == bindparam("held_version"),
        _conversation.c.turn_id == bindparam("held_turn"),
    )
    .values(last_event=_conversation.c.last_event + bindparam("added"), updated_at=bindparam("moment"))
    .returning(_conversation.c.last_event)
)
