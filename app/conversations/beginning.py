"""How a turn begins: the question saved and the turn opened, in one transaction and only once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, SQLModel, col

from app.conversations.log import ADD_MESSAGE, Note, new_message, record
from app.conversations.showing import shown
from app.conversations.tables import ConversationRow, MessageRow, TurnRow
from app.conversations.types import Begun, Lease, StillAnswering, Utterance
from app.database import new_id, now
from app.errors import Conflict, NotFound

HISTORY = 12
_ADD_TURN = insert(SQLModel.metadata.tables[str(TurnRow.__tablename__)])
_conversation = SQLModel.metadata.tables[str(ConversationRow.__tablename__)]
_STATE = ("owner", "status", "episode", "owner_version", "agent_id", "agent_name", "waiting_since")
# Tables, not row objects: loading, changing and flushing one took 0.8 ms of each turn.
_LOCK = (
    select(*(_conversation.c[name] for name in ("id", "workspace_id", "turn_id", "subject", "last_event", "locale")))
    .add_columns(*(_conversation.c[name] for name in ("customer", "contact_email", *_STATE)))
    .where(_conversation.c.id == bindparam("wanted"))
    .with_for_update()
)
_HOLD = update(_conversation).where(_conversation.c.id == bindparam("held"))
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
    held = _held(session, conversation_id)
    known = _known(session, conversation_id, client_message_id)
    if known:
        return _repeated(known, text)
    if held["turn_id"]:
        raise StillAnswering
    said = history(session, conversation_id) if held["last_event"] else ()
    opening, state = _reopened(held)
    turn_id = new_id() if state["owner"] == "bot" else None  # the bot answers only while it holds the conversation
    message = _question(held, turn_id, text, client_message_id, held["last_event"] + len(opening) + 1)
    notes = [*opening, Note("message.created", {"message": shown(message)}), *_started(turn_id, message["id"])]
    state |= {"turn_id": turn_id, "subject": held["subject"] or text[:200]}
    session.execute(_HOLD, state | {"held": conversation_id, "last_event": held["last_event"] + len(notes)})
    events = tuple(record(session, held["workspace_id"], conversation_id, held["last_event"], notes, turn_id))
    session.execute(ADD_MESSAGE, message)
    if turn_id is None:
        return Begun(held["workspace_id"], conversation_id, message["id"], None, None, events, text)
    session.execute(_ADD_TURN, _turn(message, state["episode"], worker_id))
    asked = (held["workspace_id"], conversation_id, message["id"], turn_id)
    who = customer_of(held["customer"], held["contact_email"])
    return Begun(*asked, _lease(held, state, message), events, text, said, customer_id=who)


def customer_of(customer: Mapping[str, Any] | None, contact_email: str | None) -> str | None:
    """Who the customer is, as far as the site or they themselves have said."""
    return str((customer or {}).get("id") or contact_email or "") or None


def _held(session: Session, conversation_id: str) -> Mapping[str, Any]:
    """What the beginning of a turn needs of the conversation's row, which is held until the transaction ends."""
    row = session.execute(_LOCK, {"wanted": conversation_id}).mappings().one_or_none()
    if row is None:
        raise NotFound
    return dict(row)


def _question(
    held: Mapping[str, Any], turn_id: str | None, text: str, client_message_id: str | None, sequence: int
) -> dict[str, Any]:
    return new_message(
        workspace_id=held["workspace_id"],
        conversation_id=held["id"],
        turn_id=turn_id,
        author="customer",
        text=text,
        client_message_id=client_message_id,
        sequence=sequence,
    )


def _turn(message: Mapping[str, Any], episode: int, worker_id: str) -> dict[str, Any]:
    return {
        "id": message["turn_id"],
        **{name: message[name] for name in ("workspace_id", "conversation_id")},
        "message_id": message["id"],
        "episode": episode,
        "state": "running",
        "worker_id": worker_id,
        "tries": 1,
        **dict.fromkeys(("input_tokens", "output_tokens", "cost_micro_usd"), 0),
        "started_at": message["created_at"],
    }


def _known(session: Session, conversation_id: str, client_message_id: str | None) -> MessageRow | None:
    if client_message_id is None:
        return None
    same = (col(MessageRow.conversation_id) == conversation_id) & (
        col(MessageRow.client_message_id) == client_message_id
    )
    return session.execute(select(MessageRow).where(same)).scalar_one_or_none()


def _repeated(known: MessageRow, text: str) -> Begun:
    if known.text != text:
        raise Conflict("This client_message_id was used for another text. Send a new question with a new id.")
    return Begun(known.workspace_id, known.conversation_id, known.id, known.turn_id, None, (), text, repeated=True)


def _reopened(held: Mapping[str, Any]) -> tuple[list[Note], dict[str, Any]]:
    """The state from now on. A question after the end begins a new episode, and the bot hears it first."""
    state = {name: held[name] for name in _STATE} | {"updated_at": now()}
    if held["status"] != "resolved":
        return [], state | {"status": {"bot": "open", "queue": "queued"}.get(held["owner"], "with_agent")}
    state |= {"owner": "bot", "status": "open", "agent_id": None, "agent_name": None, "waiting_since": None}
    state |= {"episode": held["episode"] + 1, "owner_version": held["owner_version"] + 1}
    return [Note("conversation.updated", {"owner": "bot", "status": "open", "agent": None})], state


def _started(turn_id: str | None, message_id: str) -> list[Note]:
    if turn_id is None:
        return []
    started = Note("turn.started", {"turn_id": turn_id, "message_id": message_id})
    return [started, Note("turn.stage", {"turn_id": turn_id, "stage": "searching"})]


def _lease(held: Mapping[str, Any], state: Mapping[str, Any], message: Mapping[str, Any]) -> Lease:
    right = (message["turn_id"], message["id"], state["episode"], state["owner_version"])
    return Lease(held["workspace_id"], held["id"], *right, held["locale"])


def lease(row: ConversationRow, turn_id: str, message_id: str) -> Lease:
    """The right of this turn to speak, as things stand."""
    return Lease(row.workspace_id, row.id, turn_id, message_id, row.episode, row.owner_version, row.locale)


def history(session: Session, conversation_id: str) -> tuple[Utterance, ...]:
    """What was said last, in order."""
    latest = session.execute(_SPOKEN, {"wanted": conversation_id}).all()
    return tuple(Utterance(*row) for row in reversed(latest))
