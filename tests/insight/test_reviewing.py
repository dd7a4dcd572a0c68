"""What a review finds before a snapshot is published."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from app.answering.deciding.policy import Policy
from app.answering.deciding.standing import Policies
from app.answering.deciding.store import DecisionStore
from app.conversations.tables import ConversationRow, TurnRow
from app.database import Database, now
from app.errors import Conflict, Invalid, NotFound
from app.insight.reviewing.foreseeing import Foreseen, Leading, change_between
from app.insight.reviewing.probes import ProbeStore
from app.insight.reviewing.reviewer import Reviewer, Stopped, Wish
from app.insight.reviewing.rule import PublishRule, vanishing
from app.insight.reviewing.store import ReviewStore
from app.knowledge.library import Library
from ingest.checking import Checks
from ingest.orders import Report
from ingest.pipeline import Ingestion
from ingest.reviewing import AtReview
from tests.shelving import WORKSPACE, open_library, order, write

ARTICLES = {
    "refunds.md": "# Refund period\n\nYou get a refund for a parcel within 30 days after you bought the stamp.\n",
    "insurance.md": "# Insure a parcel\n\nInsurance for a parcel costs two euros and covers up to 500 euros.\n",
    "pickup.md": "# Pick up a parcel\n\nA courier collects parcels at your door between nine and noon.\n",
    "opening.md": "# Opening hours\n\nThe shop at the station is open from eight until six on workdays.\n",
}
REFUND, INSURE = "Within how many days do I get a refund for a parcel?", "How much does insurance for a parcel cost?"


@pytest.fixture
def library(database: Database, tmp_path: Path) -> Library:
    return open_library(database, tmp_path / "data")


@pytest.fixture
def reviewer(library: Library) -> Reviewer:
    database = library.snapshots.database
    return Reviewer(library, ProbeStore(database), ReviewStore(database), Policies(DecisionStore(database), Policy()))


@pytest.fixture
def ingestion(library: Library, reviewer: Reviewer) -> Ingestion:
    return Ingestion(library, 1_000_000, Checks((AtReview(reviewer),)))


async def _asked(database: Database, *questions: str) -> None:
    """These questions were asked and answered, in this order."""
    conversation = ConversationRow(workspace_id=WORKSPACE, token_hash="x", token_expires_at=now())
    turns = [
        TurnRow(
            workspace_id=WORKSPACE, conversation_id=conversation.id, message_id="m", episode=1, worker_id="w",
            state="completed", record={"question": question, "searched": question},
        )
        for question in questions
    ]  # fmt: skip

    def save(session: Session) -> None:
        session.add(conversation)
        session.flush()
        session.add_all(turns)

    await database.write(save)


async def _changed(ingestion: Ingestion, folder: Path, changes: dict[str, str], *, publish: bool = False) -> Report:
    """The articles are published, then these are changed and a candidate is built."""
    places = write(folder, ARTICLES)
    await ingestion.ingest(order(places))
    write(folder, changes)
    for name in [name for name, text in changes.items() if not text]:
        (folder / name).unlink()
    return await ingestion.ingest(order(places, prune=True, publish=publish))


async def test_a_question_whose_passage_changes_disappears_or_newly_exists_is_named(
    ingestion: Ingestion, reviewer: Reviewer, database: Database, tmp_path: Path
) -> None:
    await _asked(database, REFUND, INSURE, "Do you sell gift cards to companies?", REFUND.upper(), "Where is the moon?")
    changed = ARTICLES["refunds.md"].replace("30 days", "14 days")
    gifts = "# Gift cards\n\nWe sell gift cards to companies and to people.\n"
    report = await _changed(ingestion, tmp_path / "kb", {"refunds.md": changed, "insurance.md": "", "gifts.md": gifts})
    review = await reviewer.reviews.view(WORKSPACE, str(report.snapshot_id))
    assert review
    assert (review["state"], review["impact"]["questions"], review["impact"]["asked"]) == ("done", 4, 5)
    rows = await reviewer.reviews.affected(WORKSPACE, str(report.snapshot_id), None, 0, 50)
    told = {row["question"].lower(): (row["change"], row["asked"]) for row in rows}
    assert told[REFUND.lower()] == ("evidence", 2)
    assert told[INSURE.lower()][0] in ("lost", "evidence")
    assert told["do you sell gift cards to companies?"][0] in ("gained", "evidence")
    assert "where is the moon?" not in told
    [evidence] = [row for row in rows if row["question"].lower() == REFUND.lower()]
    assert "30 days" in evidence["before"]["evidence"][0]["text"]
    assert "14 days" in evidence["after"]["evidence"][0]["text"]
    only = await reviewer.reviews.affected(WORKSPACE, str(report.snapshot_id), "evidence", 0, 50)
    assert {row["change"] for row in only} == {"evidence"}
    assert await reviewer.reviews.affected("another", str(report.snapshot_id), None, 0, 50) == []


async def test_a_failing_probe_keeps_a_snapshot_from_being_published_and_is_named(
    ingestion: Ingestion, reviewer: Reviewer, library: Library, tmp_path: Path
) -> None:
    first = await ingestion.ingest(order(write(tmp_path / "kb", ARTICLES)))
    members = {one.external_id: one for one in await library.snapshots.members(WORKSPACE, first.snapshot_id)}
    document = members["insurance.md"].document_id
    await reviewer.probes.add(WORKSPACE, {"question": INSURE, "expects": "document", "value": document})
    secret = await reviewer.probes.add(WORKSPACE, {"question": REFUND, "expects": "no_answer"})
    report = await _changed(ingestion, tmp_path / "kb", {"insurance.md": ""}, publish=True)
    assert not report.published
    assert [INSURE in one or REFUND in one for one in report.held] == [True, True]
    candidate = await library.snapshots.get(WORKSPACE, str(report.snapshot_id))
    assert (candidate.state, len(candidate.reasons)) == ("waiting", 2)
    with pytest.raises(Conflict, match="A probe question fails"):
        await library.publish(WORKSPACE, candidate.id)
    await reviewer.probes.remove(WORKSPACE, secret.id)
    assert len(await library.publish(WORKSPACE, candidate.id, anyway=True)) == 2
    assert await library.snapshots.published_id(WORKSPACE) == candidate.id
    await library.rollback(WORKSPACE)
    assert await library.publish(WORKSPACE, candidate.id) == []


async def test_when_too_much_vanishes_the_snapshot_waits(
    ingestion: Ingestion, library: Library, tmp_path: Path
) -> None:
    gone = dict.fromkeys(["refunds.md", "insurance.md", "pickup.md"], "")
    report = await _changed(ingestion, tmp_path / "kb", gone, publish=True)
    assert report.held == ("3 of 4 documents of the source “help” vanish (75%; at most 20% may).",)
    assert await library.snapshots.published_id(WORKSPACE) != report.snapshot_id


async def test_a_rule_that_cannot_be_read_stops_nothing_quietly(reviewer: Reviewer) -> None:
    for wrong in ({"publish": "soon"}, {"vanished": 2}, {"impact": True}, {"other": 1}, {"probes": "yes"}):
        with pytest.raises(Invalid):
            PublishRule.of(wrong)
    assert PublishRule.of(PublishRule().json()) == PublishRule()
    with pytest.raises(NotFound):
        await reviewer.probes.change(WORKSPACE, "unknown", {"question": "x", "expects": "no_answer"})
    with pytest.raises(Invalid):
        await reviewer.probes.add(WORKSPACE, {"question": "x", "expects": "url", "value": " "})


async def test_a_review_that_is_stopped_says_so(
    ingestion: Ingestion, reviewer: Reviewer, database: Database, tmp_path: Path
) -> None:
    await _asked(database, REFUND)
    report = await _changed(ingestion, tmp_path / "kb", {"refunds.md": "# Refund period\n\nNever."})
    await reviewer.reviews.queue(WORKSPACE, str(report.snapshot_id))
    with pytest.raises(Conflict):
        await reviewer.reviews.queue(WORKSPACE, str(report.snapshot_id))
    await reviewer.reviews.cancel(WORKSPACE, str(report.snapshot_id))

    async def told(_done: int, _total: int) -> None:
        """Nobody looks on."""

    with pytest.raises(Stopped):
        await reviewer.review(Wish(WORKSPACE, str(report.snapshot_id)), "worker", told)
    view = await reviewer.reviews.view(WORKSPACE, str(report.snapshot_id))
    assert view
    assert view["state"] == "cancelled"


async def test_a_source_says_when_its_runs_publish_by_themselves(
    ingestion: Ingestion, reviewer: Reviewer, library: Library, tmp_path: Path
) -> None:
    await ingestion.ingest(order(write(tmp_path / "kb", ARTICLES)))
    [source] = await reviewer.reviews.publish_rules(WORKSPACE)
    await reviewer.reviews.set_publish_rule(WORKSPACE, source.id, {"publish": "never"})
    looked = await _changed(ingestion, tmp_path / "kb", {"opening.md": "# Hours\n\nNever."}, publish=True)
    assert looked.held == ("The source “help” publishes only after somebody has looked.",)
    assert await library.publish(WORKSPACE, str(looked.snapshot_id)) == []
    await reviewer.reviews.set_publish_rule(WORKSPACE, source.id, {"publish": "always"})
    gone = dict.fromkeys(["refunds.md", "insurance.md", "pickup.md"], "")
    write(tmp_path / "kb", ARTICLES)
    assert (await _changed(ingestion, tmp_path / "kb", gone, publish=True)).published
    with pytest.raises(NotFound):
        await reviewer.reviews.set_publish_rule("another", source.id, {})


@given(st.integers(0, 200), st.integers(0, 200), st.floats(0, 1))
def test_no_share_of_a_source_vanishes_unseen(before: int, gone: int, most: float) -> None:
    gone = min(gone, before)
    source = {"source": "help", "before": before, "after": before - gone, "removed": gone}
    stopped = bool(vanishing([source], {"help": PublishRule(vanished=most)}))
    assert stopped == (gone > 0 and (gone == before or (gone >= 3 and gone / before > most)))
    assert not vanishing([source], {"help": PublishRule(vanished=None)})


def test_what_changes_between_two_decisions() -> None:
    old = Foreseen("answer", "confident", 0.8, (Leading("d", 1, "T", "", "", 0, 3, "Two  euros."),))
    same = dataclasses.replace(old, evidence=(Leading("e", 2, "T", "", "", 9, 12, "Two euros."),))
    other = dataclasses.replace(old, evidence=(Leading("d", 2, "T", "", "", 0, 3, "Three euros."),))
    offered = Foreseen("offer", "nothing found", 0.01, ())
    assert change_between(old, same) is None
    assert change_between(old, other) == "evidence"
    assert change_between(old, dataclasses.replace(old, decision="caveat")) == "decision"
    assert (change_between(old, offered), change_between(offered, old)) == ("lost", "gained")
    assert change_between(offered, dataclasses.replace(offered, decision="clarify")) == "decision"
