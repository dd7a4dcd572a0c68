"""The customer's side of a conversation: opened, read, rated, handed over, resolved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, SQLModel, col

from app.conversations.log import Note, add_message, append, lock, settle, updated
from app.conversations.showing import conversation_json, message_json
from app.conversations.tables import ConversationRow, EventRow, MessageRow, TurnRow
from app.conversations.types import Asked, Event, Utterance
from app.database import Database, new_id, now
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
        fields = {
            **_CONVERSATION,
            "id": new_id(),
            "workspace_id": workspace_id,
            "token_hash": token_hash,
            "token_expires_at": now() + timedelta(days=token_days),
            "locale": locale,
            "page_url": page_url,
            "customer": customer,
            **dict.fromkeys(("created_at", "updated_at"), now()),
        }
        await self.database.write(lambda session: _open(session, fields, history))
        return str(fields["id"])

    async def authenticate(self, conversation_id: str, token_hash: str) -> Asked:
        """Find a conversation by its id and its token; another's looks like none at all."""
        return await self.database.look(lambda session: _authenticate(session, conversation_id, token_hash))

    async def view(self, conversation_id: str, *, people: bool = False) -> dict[str, Any]:
        """The conversation with its messages; internal notes only for people."""
        return await self.database.read(lambda session: _view(session, conversation_id, people=people))

    async def events_after(self, conversation_id: str, after: int, *, people: bool = False) -> list[Event]:
        """The next events in order, at most `PAGE_OF_EVENTS`."""
        return await self.database.look(lambda session: _events(session, conversation_id, after, people=people))

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


def _open(session: Session, fields: dict[str, Any], history: Sequence[Utterance]) -> None:
    session.execute(_ADD_CONVERSATION, fields)
    if history:
        row = lock(session, fields["id"])
        for said in history:
            add_message(session, row, author=said.author, text=said.text)


def _authenticate(session: Session, conversation_id: str, token_hash: str) -> Asked:
    row = session.execute(_AUTHENTICATE, {"wanted": conversation_id, "shown": token_hash}).one_or_none()
    if row is None:
        raise NotFound
    if row.token_expires_at < now():
        raise Unauthorised("This conversation's token has expired. Please start a new conversation.")
    return Asked(row.id, row.workspace_id, row.locale)


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
    rows = session.execute(_EVENTS if people else _SHOWN_EVENTS, {"wanted": conversation_id, "after": after})
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


# Built once, on tables: each request of a customer runs them.
_conversation = SQLModel.metadata.tables[str(ConversationRow.__tablename__)]
_event = SQLModel.metadata.tables[str(EventRow.__tablename__)]
_ADD_CONVERSATION = insert(_conversation)
_CONVERSATION = {
    "owner": "bot",
    "status": "open",
    "subject": "",
    "reason": "",
    "episode": 1,
    "owner_version": 1,
    "last_event": 0,
}
_AUTHENTICATE = select(*(_conversation.c[name] for name in ("id", "workspace_id", "locale", "token_expires_at"))).where(
    _conversation.c.id == bindparam("wanted"), _conversation.c.token_hash == bindparam("shown")
)
_EVENTS = (
    select(*(_event.c[name] for name in ("sequence", "name", "data", "people_only")))
    .where(_event.c.conversation_id == bindparam("wanted"), _event.c.sequence > bindparam("after"))
    .order_by(_event.c.sequence)
    .limit(PAGE_OF_EVENTS)
)
_SHOWN_EVENTS = _EVENTS.where(_event.c.people_only.is_(False))
