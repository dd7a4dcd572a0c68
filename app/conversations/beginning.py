"""How a turn begins: the question saved and the turn opened, in one transaction and only once."""

from sqlalchemy import bindparam, insert, select
from sqlmodel import Session, SQLModel, col

from app.conversations.log import ADD_MESSAGE, Note, append, lock, message_json
from app.conversations.tables import ConversationRow, MessageRow, TurnRow
from app.conversations.types import Begun, Lease, StillAnswering, Utterance
from app.database import new_id
from app.errors import Conflict

HISTORY = 12
_ADD_TURN = insert(SQLModel.metadata.tables[str(TurnRow.__tablename__)])
_SPOKEN = (
    select(col(MessageRow.author), col(MessageRow.text), col(MessageRow.decision), col(MessageRow.rating))
    .where(
        col(MessageRow.conversation_id) == bindparam("wanted"),
        col(MessageRow.author).in_(("customer", "bot", "person")),
    )
    .order_by(col(MessageRow.sequence).desc())
    .limit(HISTORY)
)


def begin(session: Session, conversation_id: str, text: str, client_message_id: str | None, worker_id: str) -> Begun:
    """Save a question and open its turn; the same `client_message_id` gives the same turn again."""
    row = lock(session, conversation_id)
    known = _known(session, row, client_message_id)
    if known:
        return _repeated(known, text)
    if row.turn_id:
        raise StillAnswering
    said = history(session, row.id)
    opening = _reopened(row)
    message = _question(row, text, client_message_id, row.last_event + len(opening) + 1)
    row.turn_id, row.subject = message.turn_id, row.subject or text[:200]
    created = Note("message.created", {"message": message_json(message)})
    events = append(session, row, [*opening, created, *_started(message.turn_id, message.id)], message.turn_id)
    session.execute(ADD_MESSAGE, message.model_dump())
    if message.turn_id is None:
        return Begun(row.workspace_id, row.id, message.id, None, None, tuple(events), text)
    _open_turn(session, row, message, worker_id)
    granted = lease(row, message.turn_id, message.id)
    who = customer_of(row)
    return Begun(
        row.workspace_id, row.id, message.id, message.turn_id, granted, tuple(events), text, said, customer_id=who
    )


def customer_of(row: ConversationRow) -> str | None:
    """Who the customer is, as far as the site or they themselves have said."""
    return str((row.customer or {}).get("id") or row.contact_email or "") or None


def _question(row: ConversationRow, text: str, client_message_id: str | None, sequence: int) -> MessageRow:
    """The customer's message; it has a turn only while the bot holds the conversation."""
    return MessageRow(
        workspace_id=row.workspace_id,
        conversation_id=row.id,
        turn_id=new_id() if row.owner == "bot" else None,
        author="customer",
        text=text,
        client_message_id=client_message_id,
        sequence=sequence,
    )


def _open_turn(session: Session, row: ConversationRow, message: MessageRow, worker_id: str) -> None:
    turn = TurnRow(
        id=str(message.turn_id),
        workspace_id=row.workspace_id,
        conversation_id=row.id,
        message_id=message.id,
        episode=row.episode,
        worker_id=worker_id,
    )
    session.execute(_ADD_TURN, turn.model_dump())


def _known(session: Session, row: ConversationRow, client_message_id: str | None) -> MessageRow | None:
    if client_message_id is None:
        return None
    same = (col(MessageRow.conversation_id) == row.id) & (col(MessageRow.client_message_id) == client_message_id)
    return session.execute(select(MessageRow).where(same)).scalar_one_or_none()


def _repeated(known: MessageRow, text: str) -> Begun:
    if known.text != text:
        raise Conflict("This client_message_id was used for another text. Send a new question with a new id.")
    return Begun(known.workspace_id, known.conversation_id, known.id, known.turn_id, None, (), text, repeated=True)


def _reopened(row: ConversationRow) -> list[Note]:
    """A question after the end begins a new episode, and the bot hears it first."""
    if row.status != "resolved":
        row.status = {"bot": "open", "queue": "queued"}.get(row.owner, "with_agent")
        return []
    row.episode, row.owner_version = row.episode + 1, row.owner_version + 1
    row.owner, row.status, row.agent_id, row.agent_name, row.waiting_since = "bot", "open", None, None, None
    return [Note("conversation.updated", {"owner": "bot", "status": "open", "agent": None})]


def _started(turn_id: str | None, message_id: str) -> list[Note]:
    if turn_id is None:
        return []
    started = Note("turn.started", {"turn_id": turn_id, "message_id": message_id})
    return [started, Note("turn.stage", {"turn_id": turn_id, "stage": "searching"})]


def lease(row: ConversationRow, turn_id: str, message_id: str) -> Lease:
    """The right of this turn to speak, as things stand."""
    return Lease(row.workspace_id, row.id, turn_id, message_id, row.episode, row.owner_version, row.locale)


def history(session: Session, conversation_id: str) -> tuple[Utterance, ...]:
    """What was said last, in order."""
    latest = session.execute(_SPOKEN, {"wanted": conversation_id}).all()
    return tuple(Utterance(*row) for row in reversed(latest))
