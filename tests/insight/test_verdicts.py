"""What people do with answers becomes verdicts, verdicts a calibration, and that the site's own threshold."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from app.answering.deciding.basis import Basis, Checked
from app.answering.deciding.labels import counts, of_draft
from app.answering.deciding.outcomes import conclude, raw_score
from app.answering.deciding.policy import Policy
from app.answering.deciding.rules import Rules
from app.answering.deciding.standing import Policies
from app.answering.deciding.store import DecisionStore
from app.answering.decision import Signals
from app.answering.intent import Intent
from app.conversations.tables import ConversationRow, DraftRow, EventRow, MessageRow, TurnRow
from app.database import Database, new_id, now
from app.insight.calibration import Recalibration
from app.insight.evaluation import Evaluation
from app.insight.verdicts import Deeds

GOOD = Basis(Signals(cosine=0.7, gap=0.2, lexical=0.6, coverage=1.0, agreement=0.8, known=1.0, length=1.6), found=True)
GOOD = replace(GOOD, written=True, sentences=(Checked(True, 1.0, "verbatim"),))


async def asked(database: Database, basis: Basis = GOOD, question: str = "How do I reset it?", **more: Any) -> TurnRow:  # noqa: ANN401  # columns
    """A turn as it is stored after its answer."""
    record = {"basis": basis.json(), "decision": conclude(basis, Rules()).json(), "question": question}
    times = {"started_at": now() + more.pop("later", timedelta()), "ended_at": now() + timedelta(seconds=1)}
    conversation = more.pop("conversation_id", None)
    turn = TurnRow(
        workspace_id="w", conversation_id=conversation or new_id(), message_id="m", worker_id="k",
        **{"episode": 1, "state": "completed", "record": record, **times, **more},
    )  # fmt: skip
    rows: list[Any] = [turn]
    if conversation is None:
        until = now() + timedelta(days=1)
        rows.insert(
            0, ConversationRow(id=turn.conversation_id, workspace_id="w", token_hash="t", token_expires_at=until)
        )
    for row in rows:
        await keep(database, row)
    return turn


async def keep(database: Database, *rows: Any) -> None:  # noqa: ANN401  # rows of any table
    await database.write(lambda session: [session.merge(row) for row in rows])


def said(turn: TurnRow, rating: str) -> MessageRow:
    return MessageRow(
        workspace_id="w", conversation_id=turn.conversation_id, turn_id=turn.id, author="bot", text="x", rating=rating,
        sequence=1,
    )  # fmt: skip


def draft(turn: TurnRow, state: str, text: str = "Open Settings and press Reset.", reason: str = "") -> DraftRow:
    return DraftRow(
        workspace_id="w", conversation_id=turn.conversation_id, turn_id=turn.id, question="q", text=text, reason=reason,
        original_text="Open Settings and press Reset.", state=state,
    )  # fmt: skip


async def test_every_deed_says_right_or_wrong_and_the_more_deliberate_one_counts(database: Database) -> None:
    store, turns = DecisionStore(database), [await asked(database) for _ in range(6)]
    await keep(database, said(turns[0], "up"), said(turns[1], "down"), said(turns[2], "up"))
    await keep(database, draft(turns[2], "sent", "Call us, we do not know."), draft(turns[3], "sent"))
    await keep(database, draft(turns[4], "discarded", reason="tone"), draft(turns[5], "stale"))
    await store.say("w", turns[0].id, "Maya", right=False)
    labels = {one.turn_id: (one.source, one.right) for one in await Deeds(database).labels("w")}
    assert labels == {
        turns[0].id: ("agent", False),
        turns[1].id: ("rating", False),
        turns[2].id: ("draft", False),
        turns[3].id: ("draft", True),
    }
    assert await Deeds(database).labels("another") == []


async def test_a_complaint_and_the_same_question_again_are_verdicts(database: Database) -> None:
    first = await asked(database)
    unhappy = replace(GOOD, intent=Intent(failed=True))
    await asked(
        database, unhappy, "That did not help", conversation_id=first.conversation_id, later=timedelta(minutes=1)
    )
    again = await asked(database, question="Where is my invoice?")
    later: dict[str, Any] = {"conversation_id": again.conversation_id, "episode": 2, "later": timedelta(hours=1)}
    await asked(database, question="My invoice is still missing, where is it?", **later)
    other = await asked(database, question="Where is my invoice?")
    later["conversation_id"] = other.conversation_id
    await asked(database, question="How do I add a colleague?", **later)
    labels = {one.turn_id: (one.source, one.right) for one in await Deeds(database).labels("w")}
    assert labels == {first.id: ("complaint", False), again.id: ("reopened", False)}


@pytest.mark.parametrize("intent", [Intent(wants_person=True), Intent(topic="legal threat"), Intent(angry=True)])
def test_where_the_message_itself_decided_nothing_is_learnt(intent: Intent) -> None:
    assert counts(GOOD)
    assert not counts(replace(GOOD, intent=intent))


def test_a_hardly_edited_draft_was_right() -> None:
    original = "Open Settings and press Reset. Then sign in again."
    told = {"state": "sent", "original_text": original, "reason": ""}
    assert of_draft(told | {"text": original.replace("press", "choose")})
    assert of_draft(told | {"text": "We will call you tomorrow about your contract."}) is False


async def test_with_verdicts_enough_the_sites_own_calibration_stands_in_every_process(database: Database) -> None:
    chance, store, deeds = Random(4), DecisionStore(database), Deeds(database)  # noqa: S311  # no secret
    here, there = Policies(store, Policy(0.2)), Policies(store, Policy(0.2))
    for opened in (here, there):
        await opened.open("w")
    for number in range(120):
        cosine = chance.random()
        basis = replace(GOOD, signals=replace(GOOD.signals, cosine=cosine))
        turn = await asked(database, basis, question=f"Question {number}?")
        await store.say("w", turn.id, "Maya", right=chance.random() < raw_score(basis) ** 0.5)
    assert await Recalibration(deeds, store).work("w") == 1
    assert await Recalibration(deeds, store).work("w") is None  # nothing new
    for standing in (here, there):
        await standing.look("w")
        assert standing.rules("w").calibration == "site-1"
    assert here.force("w").calibration.promise(0.2).kept
    [told] = await store.calibrations("w")
    assert (told["verdicts"], told["sources"], told["error"] < 0.2) == (120, {"agent": 120}, True)
    evaluated = await Evaluation(database, deeds).of("w", 30)
    assert (evaluated["turns"], evaluated["verdicts"]["all"]) == (120, 120)
    assert evaluated["figures"]["auroc"]["value"] > 0.5
    assert evaluated["latency_ms"]["p50"] >= 1000
    assert evaluated["shown"] == {"claims": 0, "unsupported": 0, "unsupported_share": None}


async def test_what_was_shown_is_held_once_more_against_what_it_cites(database: Database) -> None:
    turn = await asked(database)
    quote = {
        "number": 1,
        "document_id": "d",
        "version": 1,
        "title": "Plans",
        "heading": "",
        "quote": "Free has 5 users.",
    }
    said = ("Free has 5 users. [1]", "Free has 7 users. [1]")
    events = [
        EventRow(
            conversation_id=turn.conversation_id, sequence=place, workspace_id="w", turn_id=turn.id,
            name="answer.sentence", data={"text": text, "citations": [quote]},
        )
        for place, text in enumerate(said)
    ]  # fmt: skip
    await keep(database, *events)
    shown = (await Evaluation(database, Deeds(database)).of("w", 30))["shown"]
    assert (shown["claims"], shown["unsupported"], shown["unsupported_share"]["value"]) == (2, 1, 0.5)
