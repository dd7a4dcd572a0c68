"""Which decisions there were: the newest first, a page at a time, and those that are sought."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from app.answering.deciding.basis import Basis
from app.answering.deciding.outcomes import Decision
from app.answering.deciding.rules import Rules
from app.conversations.tables import ConversationRow, TurnRow
from app.database import Database, first_id, new_id, now
from app.errors import Invalid
from app.insight.decisions.listing import REASONS, Decisions, Sought


async def decided(
    database: Database,
    decision: Decision,
    question: str = "How do I reset it?",
    **more: Any,  # noqa: ANN401  # columns
) -> str:
    """A turn as it is stored after its answer; its id."""
    record = {"basis": Basis().json(), "rules": Rules().json(), "decision": decision.json(), "question": question}
    told = {"id": new_id(), "workspace_id": "w", "state": "completed", "record": record} | more
    place = ConversationRow(
        workspace_id=told["workspace_id"], token_hash="t", token_expires_at=now() + timedelta(days=1)
    )
    turn = TurnRow(conversation_id=place.id, message_id="m", worker_id="k", episode=1, **told)
    for row in (place, turn):
        await database.write(lambda session, row=row: session.merge(row))  # type: ignore[misc]  # bound at once
    return turn.id


async def found(database: Database, **sought: Any) -> list[str]:  # noqa: ANN401  # fields of Sought
    page = await Decisions(database).listed("w", Sought(**sought))
    return [row["turn_id"] for row in page["data"]]


def old_id(days: int) -> str:
    """An id as it was made so many days ago."""
    kept = uuid.UUID(new_id()).int & ((1 << 80) - 1)
    return str(uuid.UUID(int=uuid.UUID(first_id(now() - timedelta(days=days))).int | kept))


async def test_the_newest_stand_first_and_each_page_goes_on_where_the_last_one_ended(database: Database) -> None:
    made = [await decided(database, Decision("answer", 0.9, "confident")) for _ in range(5)]
    decisions = Decisions(database)
    first = await decisions.listed("w", Sought(limit=2))
    late = await decided(database, Decision("answer", 0.9, "confident"))
    second = await decisions.listed("w", Sought(limit=2, after=first["next"]))
    last = await decisions.listed("w", Sought(limit=2, after=second["next"]))
    seen = [row["turn_id"] for page in (first, second, last) for row in page["data"]]
    assert (seen, last["next"], late in seen) == (made[::-1], None, False)
    assert (await decisions.listed("w", Sought(limit=6)))["next"] is None


async def test_only_what_is_over_and_ones_own_is_listed(database: Database) -> None:
    confident = Decision("answer", 0.9, "confident")
    mine = await decided(database, confident)
    await decided(database, confident, workspace_id="another")
    await decided(database, confident, state="running", record=None)
    assert await found(database) == [mine]


async def test_what_is_sought_is_found(database: Database) -> None:
    sure = await decided(database, Decision("answer", 0.9, "confident"), "How do I reset my password?")
    unsure = await decided(database, Decision("caveat", 0.3, "not sure"), "What is 100 % cotton?")
    topic = await decided(database, Decision("escalate", 0.3, "never-auto: chargeback"), "My chargeback")
    edge = await decided(database, Decision("offer", 0.02, "nothing found"), "Wo ist der Bahnhof?")
    assert await found(database, outcome="caveat") == [unsure]
    assert await found(database, reason="never-auto") == [topic]
    assert await found(database, reason="not sure") == [unsure]
    assert await found(database, least=0.3, most=0.3) == [topic, unsure]
    assert await found(database, least=0.5) == [sure]
    assert await found(database, most=0.02) == [edge]
    assert await found(database, words="PASSWORD reset") == [sure]
    assert await found(database, words="100 %") == [unsure]
    assert await found(database, words="pass%word") == []
    assert await found(database, outcome="answer", reason="not sure") == []


async def test_days_reach_back_from_now(database: Database) -> None:
    week = await decided(database, Decision("answer", 0.9, "confident"), id=old_id(7))
    today = await decided(database, Decision("answer", 0.9, "confident"))
    assert await found(database, days=1) == [today]
    assert await found(database, days=8) == [today, week]


def test_a_range_that_holds_no_probability_is_refused() -> None:
    with pytest.raises(Invalid, match="is above the highest"):
        Sought(least=0.8, most=0.2)


@pytest.mark.parametrize("reason", ["confident", "not sure", "nothing found", "two readings", "review overdue"])
def test_the_reasons_of_decisions_can_be_sought(reason: str) -> None:
    assert reason in REASONS
