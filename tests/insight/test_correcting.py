"""Whom we told what no longer holds, and what is drafted for them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from app.answering.wording import wording
from app.conversations.bus import MemoryBus
from app.conversations.inbox import Inbox
from app.conversations.live import Live
from app.conversations.log import add_message, lock
from app.conversations.store import ConversationStore
from app.conversations.types import Agent
from app.database import Database, new_id
from app.errors import Conflict, NotFound
from app.insight.correcting.corrector import Corrector
from app.insight.correcting.counterpart import counterpart, holds
from app.insight.correcting.listing import Sought
from app.insight.correcting.store import CorrectionStore
from app.insight.correcting.telling import Span, correction_of
from app.knowledge.library import Library
from tests.shelving import WORKSPACE, ingestion, open_library, order, write

OLD, NEW = "You get a refund within 30 days.", "You get a refund within 14 days."
REFUNDS = "# Refunds\n\nParcels can be sent back.\n\n{said}\n\nAsk at the counter.\n"
AGENT = Agent("a", "Maya", WORKSPACE)


@pytest.fixture
def library(database: Database, tmp_path: Path) -> Library:
    return open_library(database, tmp_path / "data")


@pytest.fixture
def corrector(library: Library, database: Database) -> Corrector:
    live = Live(ConversationStore(database), MemoryBus())
    return Corrector(library, CorrectionStore(database), Inbox(database), live)


async def _published(library: Library, folder: Path, said: str, name: str = "refunds.md") -> str:
    """All of the source is this document, if it says something, and another one."""
    files = {name: REFUNDS.format(said=said)} if said else {}
    places = write(folder / new_id(), {**files, "more.md": "# More\n\nOf this.\n"})
    return str((await ingestion(library).ingest(order(places, prune=True))).snapshot_id)


async def _told(library: Library, *, resolved: bool = False, quote: str = OLD) -> str:
    """A conversation that was told this, citing what is published; its id."""
    database = library.snapshots.database
    members = await library.snapshots.members(WORKSPACE, await library.snapshots.published_id(WORKSPACE))
    [member] = [one for one in members if one.external_id == "refunds.md"]
    version = await library.version(WORKSPACE, member.document_id, member.version)
    start = version.text.index(quote)
    place = {"document_id": version.document_id, "version": version.number, "title": version.title, "url": ""}
    citation = {"number": 1, **place, "heading": "", "start": start, "end": start + len(quote), "quote": quote}
    conversations = ConversationStore(database)
    conversation = await conversations.open(WORKSPACE, token_hash="x", token_days=1)

    def say(session: Session) -> None:
        add_message(session, lock(session, conversation), author="customer", text="Refund?")
        said: dict[str, Any] = {"text": f"{quote} [1]", "citations": [citation, citation], "decision": "answer"}
        add_message(session, lock(session, conversation), author="bot", **said)

    await database.write(say)
    if resolved:
        await conversations.resolve(conversation)
    return conversation


async def _open(corrector: Corrector, **sought: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # fields of what is sought
    return await corrector.corrections.listed(WORKSPACE, Sought(**sought))


async def test_an_answer_whose_passage_changed_is_listed_and_drafted_once(
    library: Library, corrector: Corrector, tmp_path: Path
) -> None:
    await _published(library, tmp_path / "kb", OLD)
    closed, going_on = await _told(library, resolved=True), await _told(library)
    assert await corrector.recall(WORKSPACE) == 0
    await _published(library, tmp_path / "kb", NEW)
    assert await corrector.recall(WORKSPACE) == 2
    assert await corrector.recall(WORKSPACE) == 0
    first, second = await _open(corrector)
    assert (first["conversation_id"], second["conversation_id"]) == (going_on, closed)
    assert (first["draft"]["state"], second["draft"]) == ("ready", None)
    [span] = first["spans"]
    assert (span["quote"], span["now_quote"]) == (OLD, NEW)
    [draft] = await corrector.inbox.drafts(AGENT, going_on)
    assert (draft["question"], draft["reason"]) == ("Refund?", "an answer needs correcting")
    assert "30 days" in draft["text"]
    assert f"“{NEW} [1]”" in draft["text"]
    [cited] = draft["citations"]
    version = await library.version(WORKSPACE, cited["document_id"], cited["version"])
    assert version.text[cited["start"] : cited["end"]] == cited["quote"] == NEW
    await corrector.inbox.accept_draft(AGENT, going_on, draft["version"])
    assert [one["conversation_id"] for one in await _open(corrector)] == [closed]
    assert (await corrector.corrections.counts(WORKSPACE))["sent"] == 1
    assert [one["conversation_id"] for one in await _open(corrector, state="sent")] == [going_on]


async def test_a_resolved_conversation_is_drafted_when_an_admin_wants_it_and_never_twice(
    library: Library, corrector: Corrector, tmp_path: Path
) -> None:
    await _published(library, tmp_path / "kb", OLD)
    closed = await _told(library, resolved=True)
    await _published(library, tmp_path / "kb", "")
    await corrector.recall(WORKSPACE)
    [found] = await _open(corrector)
    assert found["spans"][0]["now_version"] is None
    await corrector.draft(WORKSPACE, found["id"])
    [draft] = await corrector.inbox.drafts(AGENT, closed)
    assert "no longer stands" in draft["text"]
    with pytest.raises(Conflict):
        await corrector.draft(WORKSPACE, found["id"])
    await corrector.dismiss(WORKSPACE, found["id"])
    assert (await corrector.inbox.drafts(AGENT, closed))[0]["state"] == "discarded"
    assert await _open(corrector) == []
    assert await corrector.recall(WORKSPACE) == 0
    for unknown in (corrector.draft, corrector.dismiss):
        with pytest.raises(NotFound):
            await unknown("another", found["id"])


async def test_after_a_rollback_nothing_needs_correcting_any_more(
    library: Library, corrector: Corrector, tmp_path: Path
) -> None:
    await _published(library, tmp_path / "kb", OLD)
    conversation = await _told(library)
    await _published(library, tmp_path / "kb", NEW)
    await corrector.recall(WORKSPACE)
    await library.rollback(WORKSPACE)
    await corrector.recall(WORKSPACE)
    assert await _open(corrector) == []
    assert [one["state"] for one in await corrector.inbox.drafts(AGENT, conversation)] == ["discarded"]


async def test_what_changes_again_is_drafted_again(library: Library, corrector: Corrector, tmp_path: Path) -> None:
    await _published(library, tmp_path / "kb", OLD)
    conversation = await _told(library)
    await _published(library, tmp_path / "kb", NEW)
    await corrector.recall(WORKSPACE)
    await _published(library, tmp_path / "kb", NEW.replace("14", "10"))
    await corrector.recall(WORKSPACE)
    [found] = await _open(corrector)
    assert "10 days" in found["spans"][0]["now_quote"]
    ready = [one for one in await corrector.inbox.drafts(AGENT, conversation) if one["state"] == "ready"]
    assert ["10 days" in one["text"] for one in ready] == [True]


async def test_a_document_that_only_got_another_name_needs_no_correction(
    library: Library, corrector: Corrector, tmp_path: Path
) -> None:
    await _published(library, tmp_path / "kb", OLD)
    await _told(library)
    await _published(library, tmp_path / "kb", OLD, name="moved.md")
    assert await corrector.recall(WORKSPACE) == 0


async def test_corrections_are_found_by_document_and_words(
    library: Library, corrector: Corrector, tmp_path: Path
) -> None:
    await _published(library, tmp_path / "kb", OLD)
    await _told(library)
    await _published(library, tmp_path / "kb", NEW)
    await corrector.recall(WORKSPACE)
    [found] = await _open(corrector, words="refund 14")
    assert await _open(corrector, document_id=found["spans"][0]["document_id"]) == [found]
    assert await _open(corrector, words="gift") == []
    assert await _open(corrector, document_id="other") == []
    assert await _open(corrector, after=1) == []


@given(st.text(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_what_is_in_a_text_holds_and_a_counterpart_is_part_of_it(text: str, first: int, second: int) -> None:
    quote = text[min(first, second) : max(first, second)]
    assert holds(quote, text)
    place = counterpart(quote, text)
    assert place is None or text[place.start : place.end] == place.text


def test_the_sentence_that_says_most_nearly_the_same_stands_for_it() -> None:
    text = "# Post\n\nStamps cost one euro. You get a refund within 14 days after that. Bring the receipt.\n"
    place = counterpart("You get a refund within 30 days.", text)
    assert place
    assert place.text == "You get a refund within 14 days after that."
    assert counterpart("Zeppelins moor at the north mast.", text) is None


@pytest.mark.parametrize("locale", ["en", "de"])
def test_a_correction_says_each_thing_once_and_cites_what_holds_now(locale: str) -> None:
    span = Span("m", "d", 1, 0, 5, "T", "", "- Two  euros", 2, 3, 9, "Three euros")
    text, citations = correction_of([span, span, Span("m", "e", 1, 0, 4, "U", "", "Gone.")], wording(locale))
    assert [one["quote"] for one in citations] == ["Three euros"]
    assert text.count("Three euros [1]") == 1
    assert "Gone." in text
    assert "{" not in text
