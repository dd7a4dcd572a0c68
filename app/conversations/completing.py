"""How a turn ends: answer stored, conversation handed on, draft laid out, in one transaction under the lease."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, SQLModel, col

from app.conversations.log import ADD_MESSAGE, Note, advance, new_message, record
from app.conversations.showing import shown
from app.conversations.tables import DraftRow, TurnRow
from app.conversations.types import Event, Lease
from app.database import now

_turn = SQLModel.metadata.tables[str(TurnRow.__tablename__)]
_END_TURN = update(_turn).where(_turn.c.id == bindparam("ended_turn"))


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply for a person to look at, as a turn hands it over."""

    question: str
    text: str
    citations: list[dict[str, Any]]
    probability: float
    reason: str
    model: str
    prompt_version: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended: the last message, who holds the conversation now, and what it took."""

    text: str
    citations: list[dict[str, Any]]
    decision: str
    probability: float
    record: dict[str, Any]
    reason: str = ""
    draft: Draft | None = None
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micro_usd: int = 0
    back_at: str | None = None
    """When people are there again, if they are away now."""
    offers: bool = False
    """Whether an answer ends in the offer of a person for what it lacks."""


def complete(session: Session, lease: Lease, outcome: Outcome) -> list[Event]:
    """Store the answer and what follows from its decision."""
    facts, changes = _after(lease, outcome)
    before = advance(session, lease, 1 + len(facts), turn_id=None, **changes)
    message = _answer(lease, outcome, before + 1)
    told = [_completed(message, outcome), *facts]
    events = record(session, lease.workspace_id, lease.conversation_id, before, told, lease.turn_id)
    session.execute(ADD_MESSAGE, message)
    _end_turn(session, lease, outcome)
    if outcome.draft:
        _lay_out(session, lease, outcome.draft)
    return events


def _answer(lease: Lease, outcome: Outcome, sequence: int) -> dict[str, Any]:
    return new_message(
        workspace_id=lease.workspace_id,
        conversation_id=lease.conversation_id,
        turn_id=lease.turn_id,
        author="bot",
        text=outcome.text,
        citations=outcome.citations,
        decision=outcome.decision,
        probability=outcome.probability,
        sequence=sequence,
    )


def _completed(message: Mapping[str, Any], outcome: Outcome) -> Note:
    decided = {"decision": outcome.decision, "probability": outcome.probability, "citations": outcome.citations}
    told = {"turn_id": message["turn_id"], "message": shown(message), **decided}
    return Note("answer.completed", told | ({"offers_person": True} if outcome.offers else {}))


def _lay_out(session: Session, lease: Lease, draft: Draft) -> None:
    """Put the draft before the agents; an older one is stale now."""
    ready = (col(DraftRow.conversation_id) == lease.conversation_id) & (col(DraftRow.state) == "ready")
    session.execute(update(DraftRow).where(ready).values(state="stale", updated_at=now()))
    session.execute(insert(DraftRow).values(_draft_row(lease, draft).model_dump()))


def _after(lease: Lease, outcome: Outcome) -> tuple[list[Note], dict[str, Any]]:
    """What follows from the decision: the events, and the conversation's new state."""
    if outcome.decision == "escalate":
        changes = {"owner": "queue", "status": "queued", "owner_version": lease.owner_version + 1}
        facts = [
            Note(
                "handoff.requested",
                {"turn_id": lease.turn_id, "reason": outcome.reason, "back_at": outcome.back_at},
            ),
            Note("conversation.updated", {"owner": "queue", "status": "queued", "agent": None}),
        ]
        return facts, {**changes, "waiting_since": now(), "reason": outcome.reason}
    if outcome.decision != "offer" and not outcome.offers:
        return [], {"status": "waiting_customer"}
    told = {"turn_id": lease.turn_id, "reason": outcome.reason, "back_at": outcome.back_at}
    return [Note("handoff.offered", told)], {"status": "waiting_customer", "reason": outcome.reason}


def _end_turn(session: Session, lease: Lease, outcome: Outcome) -> None:
    values = {
        "ended_turn": lease.turn_id,
        "state": "completed",
        "ended_at": now(),
        "record": outcome.record,
        "model": outcome.model,
        "input_tokens": outcome.input_tokens,
        "output_tokens": outcome.output_tokens,
        "cost_micro_usd": outcome.cost_micro_usd,
    }
    session.execute(_END_TURN, values)


def _draft_row(lease: Lease, draft: Draft) -> DraftRow:
    return DraftRow(
        workspace_id=lease.workspace_id,
        conversation_id=lease.conversation_id,
        turn_id=lease.turn_id,
        question=draft.question,
        text=draft.text,
        original_text=draft.text,
        citations=draft.citations,
        probability=draft.probability,
        reason=draft.reason,
        model=draft.model,
        prompt_version=draft.prompt_version,
    )
