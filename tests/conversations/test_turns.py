"""Turns under a lease, on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.answering.events import AnswerSentence
from app.conversations.inbox import Agent, Inbox
from app.conversations.store import ConversationStore
from app.conversations.tables import TurnRow
from app.conversations.turns import Draft, Outcome, TurnStore
from app.conversations.types import Begun, LeaseLost, StillAnswering
from app.database import Database, now
from app.errors import Conflict, NotFound

MAYA = Agent("maya", "Maya", "w1")


async def _open(database: Database) -> str:
    return await ConversationStore(database).open("w1", token_hash="t", token_days=1)


def _sentence(begun: Begun, index: int = 0) -> AnswerSentence:
    return AnswerSentence(str(begun.turn_id), index, f"Sentence {index}. [1]", ())


def _outcome(decision: str = "answer", draft: Draft | None = None) -> Outcome:
    return Outcome("Whole.", [], decision, 0.9, {"why": "test"}, draft=draft)


async def test_a_question_is_stored_and_opens_one_turn(database: Database) -> None:
    turns, conversation = TurnStore(database), await _open(database)
    begun = await turns.begin(conversation, "How?", "c1", "worker")
    assert [event.name for event in begun.events] == ["message.created", "turn.started", "turn.stage"]
    assert [event.sequence for event in begun.events] == [1, 2, 3]
    view = await ConversationStore(database).view(conversation)
    assert [message["text"] for message in view["messages"]] == ["How?"]


async def test_the_same_client_message_id_gives_the_same_turn_once(database: Database) -> None:
    turns, conversation = TurnStore(database), await _open(database)
    first = await turns.begin(conversation, "How?", "c1", "worker")
    again = await turns.begin(conversation, "How?", "c1", "worker")
    assert (again.turn_id, again.message_id, again.repeated) == (first.turn_id, first.message_id, True)
    with pytest.raises(Conflict):
        await turns.begin(conversation, "Another text", "c1", "worker")


async def test_fifty_equal_questions_at_once_make_one_turn(database: Database) -> None:
    turns, conversation = TurnStore(database), await _open(database)
    begun = await asyncio.gather(*(turns.begin(conversation, "How?", "same", "worker") for _ in range(50)))
    assert len({one.turn_id for one in begun}) == 1
    assert sum(not one.repeated for one in begun) == 1


async def test_a_second_question_is_refused_while_a_turn_runs(database: Database) -> None:
    turns, conversation = TurnStore(database), await _open(database)
    await turns.begin(conversation, "One?", None, "worker")
    with pytest.raises(StillAnswering):
        await turns.begin(conversation, "Two?", None, "worker")


async def test_an_unknown_conversation_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        await TurnStore(database).begin("nowhere", "How?", None, "worker")


async def test_a_completed_turn_stores_its_message_and_its_draft(database: Database) -> None:
    turns, conversation = TurnStore(database), await _open(database)
    begun = await turns.begin(conversation, "How?", None, "worker")
    assert begun.lease
    draft = Draft("How?", "Dear customer", [], 0.2, "nothing found", "extractive", "draft-1")
    events = await turns.complete(begun.lease, _outcome("escalate", draft))
    assert [event.name for event in events] == ["answer.completed", "handoff.requested", "conversation.updated"]
    assert events[0].data["message"]["sequence"] == events[0].sequence
    rows = await Inbox(database).rows(MAYA, "queue")
    assert [(row["id"], row["has_draft"], row["owner"]) for row in rows] == [(conversation, True, "queue")]


async def test_nothing_is_published_after_a_person_took_over(database: Database) -> None:
    turns, inbox, conversation = TurnStore(database), Inbox(database), await _open(database)
    begun = await turns.begin(conversation, "How?", None, "worker")
    assert begun.lease
    await turns.publish(begun.lease, [_sentence(begun)])
    await inbox.reply(MAYA, conversation, "I am here.")
    with pytest.raises(LeaseLost):
        await turns.publish(begun.lease, [_sentence(begun, 1)])
    with pytest.raises(LeaseLost):
        await turns.complete(begun.lease, _outcome())
    said = (await ConversationStore(database).view(conversation))["messages"]
    assert [(one["author"], one["state"]) for one in said] == [
        ("customer", "complete"),
        ("bot", "stopped"),
        ("person", "complete"),
    ]


async def test_stopping_keeps_what_was_shown(database: Database) -> None:
    turns, conversation = TurnStore(database), await _open(database)
    begun = await turns.begin(conversation, "How?", None, "worker")
    assert begun.lease
    await turns.publish(begun.lease, [_sentence(begun)])
    events = await turns.stop(conversation)
    assert [(event.name, event.data["message"]["state"]) for event in events] == [("answer.completed", "stopped")]
    assert await turns.stop(conversation) == []


async def test_the_turn_of_a_dead_process_is_taken_up_with_what_it_had_shown(database: Database) -> None:
    turns, conversation = TurnStore(database), await _open(database)
    begun = await turns.begin(conversation, "How?", None, "dead")
    assert begun.lease
    await turns.publish(begun.lease, [_sentence(begun)])
    await turns.beat("alive")
    [taken] = await turns.orphans("alive", ())
    assert (taken.turn_id, len(taken.already), taken.question) == (begun.turn_id, 1, "How?")
    with pytest.raises(LeaseLost):
        await turns.publish(begun.lease, [_sentence(begun, 1)])
    assert await turns.orphans("alive", ()) == []


async def test_a_turn_of_our_own_that_nobody_runs_is_taken_up_but_not_at_once(database: Database) -> None:
    turns, conversation = TurnStore(database), await _open(database)
    begun = await turns.begin(conversation, "How?", None, "worker")
    await turns.beat("worker")
    assert await turns.orphans("worker", ()) == []  # it may be about to start
    await _age(database)
    assert await turns.orphans("worker", (str(begun.turn_id),)) == []
    [taken] = await turns.orphans("worker", ())
    assert (taken.turn_id, taken.question) == (begun.turn_id, "How?")


async def test_a_turn_of_our_own_that_comes_to_nothing_again_and_again_is_settled(database: Database) -> None:
    turns, conversation = TurnStore(database), await _open(database)
    await turns.begin(conversation, "How?", None, "worker")
    await _age(database)
    while await turns.orphans("worker", ()):
        pass
    events = await ConversationStore(database).events_after(conversation, 0)
    assert [event.name for event in events if event.name in {"answer.completed", "turn.failed"}] == ["turn.failed"]


async def _age(database: Database) -> None:
    long_ago = now() - timedelta(seconds=60)
    await database.write(lambda session: session.execute(update(TurnRow).values(started_at=long_ago)).close())


async def test_a_resolved_conversation_opens_again_with_the_bot(database: Database) -> None:
    turns, store, conversation = TurnStore(database), ConversationStore(database), await _open(database)
    begun = await turns.begin(conversation, "How?", None, "worker")
    assert begun.lease
    await turns.complete(begun.lease, _outcome())
    await store.resolve(conversation)
    again = await turns.begin(conversation, "And how?", None, "worker")
    assert again.lease
    assert again.lease.episode == begun.lease.episode + 1
    assert [said.author for said in again.history] == ["customer", "bot"]


async def test_a_person_of_another_workspace_sees_nothing(database: Database) -> None:
    inbox, conversation = Inbox(database), await _open(database)
    stranger = Agent("eve", "Eve", "w2")
    with pytest.raises(NotFound):
        await inbox.reply(stranger, conversation, "Hello")
    assert await inbox.rows(stranger, "all") == []


async def test_a_reply_to_what_has_moved_on_is_refused(database: Database) -> None:
    turns, inbox, conversation = TurnStore(database), Inbox(database), await _open(database)
    begun = await turns.begin(conversation, "How?", None, "worker")
    assert begun.lease
    await turns.complete(begun.lease, _outcome("escalate"))
    await turns.begin(conversation, "One more thing", None, "worker")
    with pytest.raises(Conflict):
        await inbox.reply(MAYA, conversation, "Answer", seen=begun.events[0].sequence)


async def test_an_accepted_draft_becomes_the_persons_message(database: Database) -> None:
    turns, inbox, conversation = TurnStore(database), Inbox(database), await _open(database)
    begun = await turns.begin(conversation, "How?", None, "worker")
    assert begun.lease
    await turns.complete(begun.lease, _outcome("escalate", Draft("How?", "Dear", [], 0.2, "", "", "")))
    await inbox.change_draft(MAYA, conversation, 1, text="Dear customer")
    with pytest.raises(Conflict):
        await inbox.accept_draft(MAYA, conversation, 1)
    await inbox.accept_draft(MAYA, conversation, 2)
    said = (await ConversationStore(database).view(conversation))["messages"][-1]
    assert (said["author"], said["text"], said["name"]) == ("person", "Dear customer", "Maya")
    assert [draft["state"] for draft in await inbox.drafts(MAYA, conversation)] == ["sent"]
