"""A person's reply against a bot's publish, forced together: the bot never speaks after the person.

`FAULT_RACES` sets how often on each database (50 in an ordinary run, 1000 by `make faults`).
"""

import asyncio
import os
import random
from collections.abc import Coroutine

import pytest

from app.answering.events import AnswerSentence
from app.conversations.inbox import Agent, Inbox
from app.conversations.store import ConversationStore
from app.conversations.turns import Outcome, TurnStore
from app.conversations.types import Begun, Event, LeaseLost
from app.database import Database

RACES = int(os.environ.get("FAULT_RACES", "50"))
MAYA = Agent("maya", "Maya", "w1")
BY_THE_BOT = {"answer.sentence", "answer.completed"}


@pytest.mark.timeout(60 + RACES)
async def test_the_bot_never_speaks_after_a_person(database: Database) -> None:
    turns, inbox, store = TurnStore(database), Inbox(database), ConversationStore(database)
    chance = random.Random(1)  # noqa: S311  # moments, not secrets
    interrupted = 0
    for _ in range(RACES):
        conversation = await store.open("w1", token_hash="t", token_days=1)
        begun = await turns.begin(conversation, "How?", None, "worker")
        contenders: list[Coroutine[None, None, bool | None]] = [
            _speak(turns, begun, chance.random()),
            _reply(inbox, conversation, chance.random()),
        ]
        chance.shuffle(contenders)
        interrupted += False in await asyncio.gather(*contenders)
        events = await store.events_after(conversation, 0)
        _check(events)
    assert RACES < 50 or interrupted, "no race was ever won by the person: the test forces nothing"


async def _speak(turns: TurnStore, begun: Begun, delay: float) -> bool:
    """Publish four sentences and the end; whether the bot came through."""
    assert begun.lease
    try:
        for index in range(4):
            await asyncio.sleep(delay * 0.002)
            await turns.publish(begun.lease, [AnswerSentence(str(begun.turn_id), index, f"Sentence {index}.", ())])
        await turns.complete(begun.lease, Outcome("Whole.", [], "answer", 0.9, {}))
    except LeaseLost:
        return False
    return True


async def _reply(inbox: Inbox, conversation: str, delay: float) -> None:
    await asyncio.sleep(delay * 0.01)
    await inbox.reply(MAYA, conversation, "I am here.")


def _check(events: list[Event]) -> None:
    by_person = next(
        e.sequence for e in events if e.name == "message.created" and e.data["message"]["author"] == "person"
    )
    assert [e.name for e in events if e.sequence > by_person and e.name in BY_THE_BOT] == []
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert sum(event.name in {"answer.completed", "turn.failed"} for event in events) == 1
