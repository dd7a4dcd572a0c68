"""All that one decision was made from, as people read it: question, passages, sentences, times and policy."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from app.answering.deciding.standing import Policies
from app.answering.understanding.finding import READ
from app.conversations.tables import EventRow, MessageRow
from app.knowledge.types import Passage
from app.safety.redaction import scrubbed

_MOMENTS = {"sources.found": "found", "answer.sentence": "sentence", "answer.completed": "answered"}
Turn = Mapping[str, Any]
"""A turn as its store gives it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a turn said and when: its message, and (milliseconds since it began, what happened) of its milestones."""

    text: str = ""
    citations: tuple[dict[str, Any], ...] = ()
    rating: str | None = None
    moments: tuple[tuple[int, str], ...] = ()

    @property
    def cited(self) -> dict[int, list[dict[str, Any]]]:
        """The stretches that the message cites, by the number of their passage."""
        found: dict[int, list[dict[str, Any]]] = {}
        for one in self.citations:
            place = {name: one[name] for name in ("document_id", "version", "start", "end", "quote")}
            found.setdefault(int(one["number"]), []).append(place)
        return found

    @property
    def steps(self) -> dict[str, int | None]:
        """When passages were found, when the first sentence stood, and when all was said."""
        first: dict[str, int] = {}
        for moment, name in self.moments:
            first.setdefault(name, moment)
        return {f"{name}_ms": first.get(name) for name in _MOMENTS.values()}


def said_in(session: Session, turn: Turn) -> Said:
    """What this turn said."""
    place = turn["conversation_id"]
    message = select(MessageRow).where(
        col(MessageRow.conversation_id) == place, col(MessageRow.turn_id) == turn["id"], col(MessageRow.author) == "bot"
    )
    row = session.execute(message.order_by(col(MessageRow.sequence).desc()).limit(1)).scalar_one_or_none()
    events = select(col(EventRow.name), col(EventRow.created_at)).where(
        col(EventRow.conversation_id) == place,
        col(EventRow.turn_id) == turn["id"],
        col(EventRow.name).in_(_MOMENTS),
    )
    began = datetime.fromisoformat(turn["started_at"])
    found = session.execute(events.order_by(col(EventRow.sequence)))
    moments = tuple((_since(began, moment), _MOMENTS[name]) for name, moment in found)
    return Said(scrubbed(row.text), tuple(row.citations), row.rating, moments) if row else Said(moments=moments)


def question_of(turn: Turn) -> dict[str, Any]:
    """As it was asked, as it was searched where that differs, and its parts where it asks several things."""
    record = turn["record"]
    asked, searched = record.get("question", ""), record.get("searched")
    differs = searched and searched != asked
    return {"question": asked, "searched": searched if differs else None, "parts": record.get("parts") or []}


def passages_of(turn: Turn, known: Mapping[str, Passage], said: Said) -> list[dict[str, Any]]:
    """The passages that were found, best first. A passage that is no longer known has its scores alone."""
    record = turn["record"]
    written, cited = bool(record["basis"].get("written")), said.cited
    return [
        {
            "number": number,
            **{name: hit.get(name) for name in ("passage_id", "score", "cosine", "lexical", "answers")},
            "read": written and number <= record.get("read", READ),
            "cited": number in cited,
            "quotes": cited.get(number, []),
            "passage": _told(known.get(hit["passage_id"])),
        }
        for number, hit in enumerate(record.get("hits", ()), 1)
    ]


def sentences_of(turn: Turn) -> list[dict[str, Any]]:
    """What was written, sentence by sentence, with what the check made of it. Old records lack the texts."""
    names = ("text", "kept", "score", "reason", "kind", "counts")
    return [{name: one.get(name) for name in names} for one in turn["record"].get("verdicts", ())]


def work_of(turn: Turn, calls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Who wrote, why just they, and what it came to."""
    record, began = turn["record"], datetime.fromisoformat(turn["started_at"])
    names = ("models", "errors", "route", "difficulty", "why", "cache", "prompt_version", "suspicion")
    spent = ("input_tokens", "output_tokens", "cost_micro_usd")
    told = [dict(one) | {"after_ms": _since(began, datetime.fromisoformat(one["started_at"]))} for one in calls]
    return {name: record.get(name) for name in names} | {name: turn[name] for name in spent} | {"calls": told}


async def standing_of(policies: Policies, workspace_id: str, turn: Turn) -> dict[str, Any]:
    """The policy and the calibration of this decision, and whether others stand by now."""
    rules, force = turn["record"]["rules"], policies.force(workspace_id)
    number = int(rules["version"].removeprefix("policy-") or 0)
    kept = await policies.store.policy_at(workspace_id, number)
    made = {"by": kept.made_by, "at": kept.made_at.isoformat(), "max_wrong": kept.policy.max_wrong} if kept else {}
    return {
        "policy": {"version": number, "now": force.version, **made},
        "calibration": {"version": rules["calibration"], "now": force.calibration.version},
    }


def _told(passage: Passage | None) -> dict[str, Any] | None:
    if passage is None:
        return None
    hidden = ("id", "added", "pins")
    return {name: value for name, value in asdict(passage).items() if name not in hidden}


def _since(began: datetime, moment: datetime) -> int:
    return max(0, round((moment - began).total_seconds() * 1000))
