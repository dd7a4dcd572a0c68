"""A whole turn with real storage and checks; search and models are doubles that are passed in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from app.answering.assistant import Assistant
from app.answering.cascading import Writers
from app.answering.composing import Answering
from app.answering.deciding.office import OfficeHours
from app.answering.deciding.rules import Rules, always
from app.answering.drafting import Drafter
from app.answering.freshness import Versions, undated
from app.answering.wording import ENGLISH, GERMAN
from app.conversations.bus import MemoryBus
from app.conversations.inbox import Agent, Inbox
from app.conversations.live import Live
from app.conversations.store import ConversationStore
from app.conversations.turns import TurnStore
from app.database import Database, now, open_database
from app.errors import Invalid
from app.knowledge.types import DocumentVersion, Found, Hit, Passage
from app.llm.errors import ModelError
from app.llm.types import Model, Options, Part, Prompt, Stop, Text, Usage
from app.safety.links import Hosts

UPLOAD = "Open the console and choose Sources to upload a document."
LIMIT = "A document may have at most 25 megabytes."
PUBLISH = "Only admins may publish a snapshot."
TEXT = f"{UPLOAD} {LIMIT} An upload starts an ingest run, and the run page shows its progress. {PUBLISH}"
PASSAGE = Passage("p1", "d1", 1, "Upload documents", "/help/upload-documents", "Uploading", TEXT, 100, 100 + len(TEXT))
QUESTION = "How do I upload a document?"
FOUND = Found("s1", (Hit(PASSAGE, 0.9, 0.85, 0.9),), 1.0)
NOTHING = Found("s1", (Hit(PASSAGE, 0.02, 0.03, 0.0),), 0.0)
MAYA = Agent("a", "Maya", "w1")
Events = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Says:
    """Writes given pieces, then stops or breaks off."""

    pieces: Sequence[str]
    error: ModelError | None = None
    name: str = "says"
    pause_s: float = 0.0
    asked: list[Prompt] = field(default_factory=list)

    def __hash__(self) -> int:
        return id(self)

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        self.asked.append(prompt)
        for piece in self.pieces:
            await asyncio.sleep(self.pause_s)
            yield Text(piece)
        if self.error:
            raise self.error
        yield Usage(100, 20)
        yield Stop("stop")


SILENT = Says([], name="last")


@dataclass(frozen=True)
class House:
    """What a test needs of the wired product."""

    assistant: Assistant
    store: ConversationStore
    inbox: Inbox

    async def ask(self, text: str = QUESTION) -> tuple[str, Events]:
        """Ask in a new conversation and wait for the end of the turn: its id and its events."""
        conversation = await self.store.open("w1", token_hash="t", token_days=1)
        await self.assistant.hear(conversation, text)
        await asyncio.gather(*self.assistant.running.values())
        return conversation, [(event.name, event.data) for event in await self.store.events_after(conversation, 0)]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(f"sqlite:///{tmp_path}/turn.db")
    await database.write(lambda session: SQLModel.metadata.create_all(session.connection()))
    yield database
    await database.close()


def _house(
    database: Database,
    *models: Model,
    found: Found = FOUND,
    last: Model = SILENT,
    rules: Rules | None = None,
    versions: Versions = undated,
) -> House:
    async def search(workspace_id: str, question: str, k: int = 8) -> Found:
        return found

    hosts = Hosts.of(["help.example.com"])
    drafter = Drafter(last, (), hosts, "Answerdesk")
    writers = Writers(models, models, last)
    answering = Answering(
        search, writers, drafter, lambda name, usage: 7, always(rules or Rules()), hosts, "Answerdesk", versions
    )
    store = ConversationStore(database)
    live = Live(store, MemoryBus())
    return House(Assistant(TurnStore(database), live, answering, "worker", 4000), store, Inbox(database))


def _sentences(events: Events) -> list[str]:
    return [data["text"] for name, data in events if name == "answer.sentence"]


def _end(events: Events) -> dict[str, Any]:
    ends = [data for name, data in events if name in {"answer.completed", "turn.failed"}]
    assert len(ends) == 1
    return ends[0]


async def test_a_doubt_is_said_only_where_an_answer_is_less_likely(opened: Database) -> None:
    honest = Says([f"{UPLOAD} [1]"])
    said = _end((await _house(opened, honest).ask())[1])["probability"]
    tight = Rules(answer_from=said + 0.01, caveat_from=said - 0.1)
    wide = Rules(answer_from=said + 0.3, caveat_from=said - 0.1)
    ends = [_end((await _house(opened, honest, rules=one).ask())[1]) for one in (tight, wide)]
    assert [end["decision"] for end in ends] == ["caveat", "caveat"]
    likely, less = (end["message"]["text"] for end in ends)
    assert likely.endswith("If this is not what you asked, I can bring in a person.")
    assert "I am not sure that this is what you asked." in less


async def test_an_answer_from_an_article_past_its_review_day_says_so(opened: Database) -> None:
    async def versions(workspace_id: str, document_id: str, number: int) -> DocumentVersion:
        return DocumentVersion(document_id, number, "Uploads", "", "", front_matter={"review_by": "2026-01-31"})

    honest = Says([f"{UPLOAD} [1]"])
    fresh = _end((await _house(opened, honest).ask())[1])
    late = _end((await _house(opened, honest, versions=versions).ask())[1])
    assert (fresh["decision"], late["decision"]) == ("answer", "caveat")
    assert "to be reviewed by 2026-01-31" in late["message"]["text"]
    assert late["probability"] == fresh["probability"]


async def test_an_honest_answer_comes_sentence_by_sentence_with_exact_citations(opened: Database) -> None:
    honest = Says([UPLOAD[:30], f"{UPLOAD[30:]} [1] A document may", " have at most 25 megabytes. [1]"])
    _, events = await _house(opened, honest).ask()
    names = [name for name, _ in events]
    assert names[:5] == ["message.created", "turn.started", "turn.stage", "turn.stage", "sources.found"]
    assert len(_sentences(events)) == 2
    for citation in [one for name, data in events if name == "answer.sentence" for one in data["citations"]]:
        assert TEXT[citation["start"] - 100 : citation["end"] - 100] == citation["quote"]
    assert _end(events)["decision"] == "answer"


async def test_a_lie_is_never_shown(opened: Database) -> None:
    lying = Says(["A document may have at most 90 megabytes. [1] ", "Agents may publish a snapshot on Tuesdays. [1]"])
    _, events = await _house(opened, lying).ask()
    assert _sentences(events) == []
    assert _end(events)["decision"] in {"offer", "escalate", "clarify"}


async def test_a_thousand_lies_are_never_shown(opened: Database) -> None:
    lies = [f"A document may have at most {number} megabytes. [1] " for number in range(26, 1026)]
    _, events = await _house(opened, Says(lies)).ask()
    assert _sentences(events) == []


async def test_when_a_model_breaks_off_the_next_goes_on_and_nothing_is_said_twice(opened: Database) -> None:
    broken = Says([f"{UPLOAD} [1] A docu"], ModelError("cut_off", "gone"), "one")
    whole = Says([f"{UPLOAD} [1] {LIMIT} [1]"], name="two")
    _, events = await _house(opened, broken, whole).ask()
    assert len(_sentences(events)) == len(set(_sentences(events))) == 2
    assert _end(events)["decision"] == "answer"


async def test_who_goes_on_is_told_what_was_said_and_no_personal_data(opened: Database) -> None:
    broken = Says([f"{UPLOAD} [1] A docu"], ModelError("cut_off", "gone"), "one")
    whole = Says([f"1. **{UPLOAD}** [1][1]\n2. {LIMIT} [1]"], name="two")
    _, events = await _house(opened, broken, whole).ask("How do I upload a document as jane.doe@example.org?")
    *_, question, said, rest = whole.asked[0].turns
    assert (question.role, said.role, rest.role) == ("user", "assistant", "user")
    assert said.text == f"{UPLOAD} [1]"
    assert "only what is still missing" in rest.text
    assert "jane.doe" not in repr(whole.asked)
    assert _sentences(events) == [f"{UPLOAD} [1]", f"2. {LIMIT} [1]"]


async def test_with_nothing_missing_the_next_model_says_so_and_the_answer_stands(opened: Database) -> None:
    broken = Says([f"{UPLOAD} [1] A docu"], ModelError("cut_off", "gone"), "one")
    _, events = await _house(opened, broken, Says(["NO ANSWER"], name="two")).ask()
    assert _sentences(events) == [f"{UPLOAD} [1]"]
    assert _end(events)["decision"] == "answer"


async def test_what_a_provider_will_not_answer_is_not_taken_to_another(opened: Database) -> None:
    strict, other = Says([], ModelError("content_filter", "no"), "one"), Says([f"{UPLOAD} [1]"], name="two")
    _, events = await _house(opened, strict, other).ask()
    assert (other.asked, _sentences(events)) == ([], [])
    assert _end(events)["decision"] in {"offer", "clarify"}


async def test_with_no_model_left_the_last_one_answers(opened: Database) -> None:
    down = Says([], ModelError("unavailable", "connection refused"))
    last = Says([f"{PUBLISH} [1]"], name="extractive")
    _, events = await _house(opened, down, last=last).ask("Who may publish a snapshot?")
    assert _sentences(events) == [f"{PUBLISH} [1]"]


async def test_a_model_that_finds_no_answer_leads_to_an_offer_with_a_draft(opened: Database) -> None:
    house = _house(opened, Says(["NO ANSWER"]))
    conversation, events = await house.ask()
    assert _sentences(events) == []
    assert _end(events)["decision"] == "offer"
    assert "handoff.offered" in [name for name, _ in events]
    [row] = await house.inbox.rows(MAYA, "queue")
    assert (row["id"], row["has_draft"]) == (conversation, True)


async def test_nothing_found_is_not_given_to_a_model(opened: Database) -> None:
    model = Says(["Open the console. [1]"])
    _, events = await _house(opened, model, found=NOTHING).ask("Who won the chess championship?")
    assert model.asked == []
    assert _end(events)["decision"] in {"offer", "escalate", "clarify"}


async def test_who_asks_for_a_person_gets_one(opened: Database) -> None:
    house = _house(opened, Says(["Hello. [1]"]))
    conversation, events = await house.ask("I want to talk to a human, please")
    assert _end(events)["decision"] == "escalate"
    view = await house.store.view(conversation)
    assert (view["owner"], view["status"]) == ("queue", "queued")
    begun = await house.assistant.hear(conversation, "Are you there?")
    assert begun.lease is None


async def test_a_greeting_is_answered_without_a_search(opened: Database) -> None:
    _, events = await _house(opened, Says([])).ask("Hello!")
    assert _end(events)["decision"] == "answer"
    assert "sources.found" not in [name for name, _ in events]


async def test_personal_data_does_not_reach_the_model(opened: Database) -> None:
    model = Says([f"{UPLOAD} [1]"])
    await _house(opened, model).ask("How do I upload a document as jane.doe@example.org?")
    [prompt] = model.asked
    assert "jane.doe" not in repr(prompt)


async def test_a_person_who_replies_ends_the_answer(opened: Database) -> None:
    slow = Says([f"{UPLOAD} [1] ", f"{LIMIT} [1] ", f"{PUBLISH} [1]"], pause_s=0.2)
    house = _house(opened, slow)
    conversation = await house.store.open("w1", token_hash="t", token_days=1)
    await house.assistant.hear(conversation, QUESTION)
    await asyncio.sleep(0.5)
    await house.inbox.reply(MAYA, conversation, "I will help you.")
    await asyncio.gather(*house.assistant.running.values())
    said = (await house.store.view(conversation))["messages"]
    assert [one["author"] for one in said] == ["customer", "bot", "person"]
    assert said[1]["state"] == "stopped"


@pytest.mark.parametrize(("text", "word"), [("  \n ", "needs some text"), ("a" * 4001, "4,000"), ("a\x00b", "NUL")])
async def test_a_bad_question_is_refused_with_a_sentence(opened: Database, text: str, word: str) -> None:
    with pytest.raises(Invalid, match=word):
        await _house(opened).ask(text)


AWAY = OfficeHours.of({"zone": "UTC", (now() + timedelta(days=3)).strftime("%A").lower(): ["09:00-10:00"]})
OTHER = replace(
    PASSAGE, id="p2", document_id="d2", title="Limits of uploads", text="A document may have at most 20 megabytes."
)
BOTH = replace(FOUND, hits=(*FOUND.hits, Hit(OTHER, 0.5, 0.5, 0.5)))


async def test_articles_that_differ_are_both_quoted_and_the_answer_gets_a_caveat(opened: Database) -> None:
    _, events = await _house(opened, Says([f"{LIMIT} [1]"]), found=BOTH).ask("How large may a document be?")
    *_, named = [data for name, data in events if name == "answer.sentence"]
    assert "25 megabytes [1]" in named["text"]
    assert "20 megabytes [2]" in named["text"]
    assert [(one["document_id"], one["quote"]) for one in named["citations"]] == [("d1", LIMIT), ("d2", OTHER.text)]
    end = _end(events)
    assert end["decision"] == "caveat"
    assert end["message"]["text"].endswith(ENGLISH.disagreeing)
    alone = _end((await _house(opened, Says([f"{LIMIT} [1]"])).ask("How large may a document be?"))[1])
    assert end["probability"] < alone["probability"]


@pytest.mark.parametrize("text", [QUESTION, "I want to talk to a human, please"])
async def test_outside_office_hours_an_offer_says_when_people_are_back(opened: Database, text: str) -> None:
    house = _house(opened, Says(["NO ANSWER"]), rules=Rules(office=AWAY))
    _, events = await house.ask(text)
    [told] = [data for name, data in events if name in {"handoff.offered", "handoff.requested"}]
    assert datetime.fromisoformat(told["back_at"]) > now()
    assert "Leave your email address" in _end(events)["message"]["text"]
    _, events = await _house(opened, Says(["NO ANSWER"])).ask(text)
    assert "Leave your email address" not in _end(events)["message"]["text"]


async def test_a_question_in_another_language_needs_evidence_in_its_own_words(opened: Database) -> None:
    model = Says([f"{UPLOAD} [1]"])
    meant = replace(FOUND, coverage=0.1)
    _, events = await _house(opened, model, found=meant).ask(
        "Comment puis-je télécharger un document dans la console ?"
    )
    assert (model.asked, _end(events)["decision"]) == ([], "offer")
    _, events = await _house(opened, model, found=meant).ask("Wie kann ich meine Rechnung mit PayPal bezahlen?")
    assert _end(events)["message"]["text"] == GERMAN.language
    said = replace(FOUND, coverage=0.9)
    _, events = await _house(opened, model, found=said).ask("Wie kann ich ein Dokument mit der Console hochladen?")
    assert len(model.asked) == 1


async def test_nobody_is_asked_back_twice_in_a_row(opened: Database) -> None:
    rival = Hit(replace(PASSAGE, id="p3", document_id="d3", title="Upload pictures"), 0.89, 0.4, 0.4)
    found = Found("s1", (Hit(PASSAGE, 0.9, 0.45, 0.4), rival), 0.5)
    house = _house(opened, Says([f"{UPLOAD} [1]"]), found=found)
    conversation, events = await house.ask("Upload?")
    assert _end(events)["decision"] == "clarify"
    await house.assistant.hear(conversation, "Upload what?")
    await asyncio.gather(*house.assistant.running.values())
    assert [one["decision"] for one in (await house.store.view(conversation))["messages"]][-1] != "clarify"
