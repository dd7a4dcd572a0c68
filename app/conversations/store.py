"""The customer's side of a conversation: opened, read, rated, handed over, resolved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from app.conversations.log import Note, add_message, append, lock, message_json, settle
from app.conversations.tables import ConversationRow, EventRow, MessageRow, TurnRow
from app.conversations.types import Asked, Event, Utterance
from app.database import Database, now
from app.errors import NotFound, Unauthorised

PAGE_OF_EVENTS = 500
TAKEN_OVER = {"type": "about:blank", "title": "Handed over", "status": 409, "detail": "A person takes over from here."}
ENDED = {
    "type": "about:blank",
    "title": "Resolved",
    "status": 409,
    "detail": "This conversation was marked as resolved.",
}


@dataclass(frozen=True, slots=True)
class ConversationStore:
    """The only place that reads or writes a customer's conversation outside its turns."""

    database: Database

    async def open(  # noqa: PLR0913  # what is known of a customer at the start
        self,
        workspace_id: str,
        *,
        token_hash: str,
        token_days: int,
        locale: str = "en",
        page_url: str | None = None,
        customer: dict[str, Any] | None = None,
        history: Sequence[Utterance] = (),
    ) -> str:
        """Begin a conversation and give its id. `history` is what was said before, elsewhere."""
        fields = ConversationRow(
            workspace_id=workspace_id,
            token_hash=token_hash,
            token_expires_at=now() + timedelta(days=token_days),
            locale=locale,
            page_url=page_url,
            customer=customer,
        ).model_dump()
        await self.database.write(lambda session: _open(session, fields, history))
        return str(fields["id"])

    async def authenticate(self, conversation_id: str, token_hash: str) -> Asked:
        """Find a conversation by its id and its token; another's looks like none at all."""
        return await self.database.read(lambda session: _authenticate(session, conversation_id, token_hash))

    async def view(self, conversation_id: str, *, people: bool = False) -> dict[str, Any]:
        """The conversation with its messages; internal notes only for people."""
        return await self.database.read(lambda session: _view(session, conversation_id, people=people))

    async def events_after(self, conversation_id: str, after: int, *, people: bool = False) -> list[Event]:
        """The next events in order, at most `PAGE_OF_EVENTS`."""
        return await self.database.read(lambda session: _events(session, conversation_id, after, people=people))

    async def turn(self, turn_id: str) -> dict[str, Any]:
        """How a turn went: state, decision record, model, tokens, cost."""
        return await self.database.read(lambda session: _turn(session, turn_id))

    async def request_handoff(self, conversation_id: str, reason: str) -> list[Event]:
        """Put the conversation into the people's queue. A running answer ends here."""
        return await self.database.write(lambda session: _request_handoff(session, conversation_id, reason))

    async def resolve(self, conversation_id: str) -> list[Event]:
        """End the episode. The next question begins another."""
        return await self.database.write(lambda session: _resolve(session, conversation_id))

    async def leave_contact(self, conversation_id: str, email: str) -> None:
        """Remember where to write to."""
        await self.database.write(lambda session: _set(session, conversation_id, contact_email=email))

    async def rate(self, message_id: str, conversation_id: str, rating: dict[str, Any]) -> None:
        """Keep the customer's opinion of one answer; a later one replaces it."""
        await self.database.write(lambda session: _rate(session, message_id, conversation_id, rating))

    async def conversation_of(self, message_id: str) -> str:
        """Which conversation a message belongs to."""
        return await self.database.read(lambda session: _conversation_of(session, message_id))


def _open(session: Session, fields: dict[str, Any], history: Sequence[Utterance]) -> None:
    session.execute(insert(ConversationRow).values(fields))
    if history:
        row = lock(session, fields["id"])
        for said in history:
            add_message(session, row, author=said.author, text=said.text)


def _insert(session: Session, fields: dict[str, Any]) -> None:
    session.execute(insert(ConversationRow).values(fields))


def _authenticate(session: Session, conversation_id: str, token_hash: str) -> Asked:
    columns = (
        col(ConversationRow.id),
        col(ConversationRow.workspace_id),
        col(ConversationRow.locale),
        col(ConversationRow.token_expires_at),
    )
    mine = (col(ConversationRow.id) == conversation_id) & (col(ConversationRow.token_hash) == token_hash)
    row = session.execute(select(*columns).where(mine)).one_or_none()
    if row is None:
        raise NotFound
    if row.token_expires_at < now():
        raise Unauthorised("This conversation's token has expired. Please start a new conversation.")
    return Asked(row.id, row.workspace_id, row.locale)


def conversation_json(row: ConversationRow) -> dict[str, Any]:
    """A conversation without its messages, as people and customers see it."""
    return {
        "id": row.id,
        "status": row.status,
        "owner": row.owner,
        "agent": agent_json(row),
        "episode": row.episode,
        "locale": row.locale,
        "customer": row.customer,
        "contact_email": row.contact_email,
        "page_url": row.page_url,
        "subject": row.subject,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "last_event": row.last_event,
        "turn_id": row.turn_id,
    }


def agent_json(row: ConversationRow) -> dict[str, Any] | None:
    """Who holds the conversation, if a person does."""
    return {"id": row.agent_id, "name": row.agent_name} if row.agent_id else None


def updated(row: ConversationRow) -> Note:
    """The event that tells who holds the conversation now."""
    return Note("conversation.updated", {"owner": row.owner, "status": row.status, "agent": agent_json(row)})


def _view(session: Session, conversation_id: str, *, people: bool) -> dict[str, Any]:
    row = session.get(ConversationRow, conversation_id)
    if row is None:
        raise NotFound
    mine = (
        select(MessageRow).where(col(MessageRow.conversation_id) == conversation_id).order_by(col(MessageRow.sequence))
    )
    said = session.execute(mine).scalars()
    inside = {"reason": row.reason} if people else {}
    return (
        conversation_json(row)
        | inside
        | {"messages": [message_json(one) for one in said if people or one.author != "note"]}
    )


def _events(session: Session, conversation_id: str, after: int, *, people: bool) -> list[Event]:
    columns = (col(EventRow.sequence), col(EventRow.name), col(EventRow.data), col(EventRow.people_only))
    mine = (col(EventRow.conversation_id) == conversation_id) & (col(EventRow.sequence) > after)
    if not people:
        mine &= col(EventRow.people_only).is_(False)
    rows = session.execute(select(*columns).where(mine).order_by(col(EventRow.sequence)).limit(PAGE_OF_EVENTS))
    return [Event(*row) for row in rows]


def _turn(session: Session, turn_id: str) -> dict[str, Any]:
    if row := session.get(TurnRow, turn_id):
        return row.model_dump(mode="json")
    raise NotFound


def _request_handoff(session: Session, conversation_id: str, reason: str) -> list[Event]:
    row = lock(session, conversation_id)
    if row.owner in {"queue", "person"}:
        return []
    turn_id = row.turn_id
    events = settle(session, row, TAKEN_OVER)
    row.owner, row.status, row.reason, row.waiting_since = "queue", "queued", reason, now()
    asked = Note("handoff.requested", {"turn_id": turn_id, "reason": reason})
    return events + append(session, row, [asked, updated(row)])


def _resolve(session: Session, conversation_id: str) -> list[Event]:
    row = lock(session, conversation_id)
    if row.status == "resolved":
        return []
    events = settle(session, row, ENDED)
    row.owner, row.status, row.waiting_since = "none", "resolved", None
    return events + append(session, row, [updated(row)])


def _set(session: Session, conversation_id: str, **fields: Any) -> None:  # noqa: ANN401  # columns
    session.execute(update(ConversationRow).where(col(ConversationRow.id) == conversation_id).values(fields))


def _rate(session: Session, message_id: str, conversation_id: str, rating: dict[str, Any]) -> None:
    rateable = (col(MessageRow.id) == message_id) & (col(MessageRow.conversation_id) == conversation_id)
    rated = update(MessageRow).where(rateable & col(MessageRow.author).in_(("bot", "person")))
    values = {"rating": rating["value"], "rating_reason": rating.get("reason"), "rating_comment": rating.get("comment")}
    if session.execute(rated.values(values).returning(col(MessageRow.id))).scalar_one_or_none() is None:
        raise NotFound("There is no such answer in this conversation.")


def _conversation_of(session: Session, message_id: str) -> str:
    mine = select(col(MessageRow.conversation_id)).where(col(MessageRow.id) == message_id)
    found = session.execute(mine).scalar_one_or_none()
    if found is None:
        raise NotFound
    return str(found)
