"""No sentence without a passage that supports it."""

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.evidence import Evidence
from app.answering.grounding import Verdict, check
from app.answering.markers import marked, unmarked, without_foreign_links
from app.answering.sentencing import Sentence
from app.knowledge.types import Passage
from app.language import Kind
from app.safety.links import Hosts
from tests.answering.perturbing import perturbed, reworded, samples

PASSWORDS = """## Reset your password

Open the console and choose **Settings**, then click *Security*. You get a mail within 14 days. Only admins can export
more than 10,000 rows. You cannot undo this.

1. Open Settings.
2. Click **Save**.

See https://help.example.com/reset for more. Run `answerdesk migrate` first.
"""
BILLING = "The Free plan has 5 users. The Pro plan has 20 users and costs $49 per month. Refunds are not available."
HOSTS = Hosts.of(["https://help.example.com/"])
EVIDENCE = Evidence.of(
    [
        Passage(
            "p1", "d1", 2, "Passwords", "https://help.example.com/p", "Account", PASSWORDS, 100, 100 + len(PASSWORDS)
        ),
        Passage("p2", "d2", 1, "Billing", "https://help.example.com/b", "Plans", BILLING, 7, 7 + len(BILLING)),
    ],
    known=("Answerdesk",),
)


def judged(text: str, kind: Kind = "paragraph") -> Verdict:
    return check(Sentence(text, kind), EVIDENCE, HOSTS)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("You get a mail within 14 days. [1]", "You get a mail within 14 days. [1]"),
        ("Choose Settings, then click Security [1].", "Choose Settings, then click Security. [1]"),
        ("Within 14 days, you get a mail[1].", "Within 14 days, you get a mail. [1]"),
        ("The Pro plan costs $49 per month. [2]", "The Pro plan costs $49 per month. [2]"),
        ("Pro costs $49 a month and Free has five users.", "Pro costs $49 a month and Free has five users. [2]"),
        ("In Answerdesk, only admins export more. [1]", "In Answerdesk, only admins export more. [1]"),
        ("See https://help.example.com/reset for more. [1]", "See https://help.example.com/reset for more. [1]"),
        ("Click [Security](https://evil.example/x) in Settings [1].", "Click Security in Settings. [1]"),
    ],
)  # fmt: skip
def test_what_a_passage_says_is_shown_with_its_marker_at_the_end(said: str, shown: str) -> None:
    verdict = judged(said)
    assert (verdict.kept, verdict.text) == (True, shown)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("You get a mail within 15 days. [1]", "number"),
        ("You get a mail within 14 hours. [1]", "number"),
        ("The Pro plan costs €49 per month. [2]", "number"),
        ("The Pro plan costs $49 per year. [2]", "unit"),
        ("The Free plan has 20 users. [2]", "exchanged"),
        ("The Pro plan has 5 users and costs $49 per month. [2]", "exchanged"),
        ("You can undo this. [1]", "negation"),
        ("Refunds are available. [2]", "negation"),
        ("Refunds were never available. [2]", "negation"),
        ("Admins cannot export more than 10,000 rows. [1]", "negation"),
        ("Admins in Toronto can export more than 10,000 rows. [1]", "name"),
        ("Only admins can export less than 10,000 rows. [1]", "contrary"),
        ("Write to help@example.com and choose Settings in the console. [1]", "address"),
        ("Go to https://evil.example/login and choose Settings. [1]", "link"),
        ("The moon is made of green cheese. [1]", "unsupported"),
        ("I could not find any information about that. [1]", "refusal"),
        ("[1]", "empty"),
    ],
)
def test_what_no_passage_says_is_dropped_and_the_reason_is_named(said: str, reason: str) -> None:
    verdict = judged(said)
    assert (verdict.kept, verdict.text, verdict.citations, verdict.reason) == (False, "", (), reason)


@pytest.mark.parametrize(
    "said",
    [
        "Hello! How can I help you?",
        "Is there anything else I can help you with?",
        "Would you like to talk to a person?",
        "Here is how:",
        "To reset your password, follow these steps:",
        "Are you on the Free or the Pro plan?",
        "## Reset your password",
        "I hope this helps!",
    ],
)
def test_courtesy_and_lead_ins_need_no_source(said: str) -> None:
    verdict = judged(said)
    assert (verdict.kept, verdict.citations, verdict.is_claim) == (True, (), False)


@pytest.mark.parametrize(
    "said",
    [
        "Are you aware that Zebulon Krantz founded us?",
        "Did you know that you get 250 euros back?",
        "Would you like to delete the whole database of your competitor?",
        "To win a free holiday in Malibu:",
        "Hello Zebulon!",
    ],
)
def test_a_claim_in_the_dress_of_a_courtesy_is_no_courtesy(said: str) -> None:
    assert not judged(said).kept


def test_a_wrong_marker_is_mended_only_where_another_passage_says_it() -> None:
    assert judged("Refunds are not available. [1]").citations[0].number == 2
    assert judged("Refunds are not available. [9]").citations[0].number == 2
    assert judged("Refunds are not available.").text == "Refunds are not available. [2]"
    assert not judged("Refunds take a week. [2]").kept


def test_steps_are_shown_as_steps() -> None:
    verdict = judged("2. Click **Save**. [1]", "item")
    assert (verdict.text, verdict.citations[0].quote) == ("2. Click **Save**. [1]", "Click **Save**.")


def test_each_sentence_of_an_item_must_hold() -> None:
    assert judged("- Open Settings. Click Save. [1]", "item").kept
    assert not judged("- Open Settings. Then dance until dawn. [1]", "item").kept


def test_a_table_is_checked_row_by_row() -> None:
    rows = "| Plan | Users |\n|---|---|\n| Free | 5 users |\n| Pro | 20 users |"
    assert judged(rows, "table").text.endswith("| Pro | 20 users [2] |")
    assert not judged(rows.replace("20", "25"), "table").kept


def test_a_code_block_must_stand_in_the_passage() -> None:
    assert judged("```\nanswerdesk migrate\n```", "code").text == "```\nanswerdesk migrate\n```\n\n[1]"
    assert not judged("```\nrm -rf /\n```", "code").kept


def test_a_sentence_may_rest_on_two_passages_that_it_names() -> None:
    verdict = judged("Choose Settings and click Security, and refunds are not available. [1][2]")
    assert {citation.number for citation in verdict.citations} == {1, 2}


@pytest.mark.parametrize("said", ["Click **Save**.", "You get a mail within 14 days.", "Refunds are not available [2]"])
def test_a_citation_is_an_exact_slice_of_the_stored_version(said: str) -> None:
    for citation in judged(said).citations:
        passage = EVIDENCE.passages[citation.number - 1]
        assert citation.quote == passage.text[citation.start - passage.start : citation.end - passage.start]
        assert (citation.document_id, citation.version) == (passage.document_id, passage.version)


@given(st.text(max_size=300), st.text(max_size=120))
def test_any_text_is_judged_without_trouble(passage: str, said: str) -> None:
    evidence = Evidence.of([Passage("p", "d", 1, "", "", "", passage, 3, 3 + len(passage))])
    for citation in check(Sentence(said), evidence, HOSTS).citations:
        assert citation.quote == passage[citation.start - 3 : citation.end - 3]


@pytest.mark.parametrize(
    ("text", "bare", "numbers"),
    [
        ("Open it. [1][2]", "Open it.", (1, 2)),
        ("Open it [1, 3].", "Open it.", (1, 3)),
        ("Open 【2】 it", "Open it", (2,)),
        ("A [link][1] stays", "A [link] stays", (1,)),
        ("An [1](https://a.example) address", "An [1](https://a.example) address", ()),
    ],
)
def test_markers_are_taken_out(text: str, bare: str, numbers: tuple[int, ...]) -> None:
    assert unmarked(text) == (bare, numbers)


def test_markers_go_where_they_do_not_break_the_markdown() -> None:
    assert marked("| a | b |", (1,), "table") == "| a | b [1] |"
    assert marked("Yes.", (1, 2), "paragraph") == "Yes. [1][2]"


def test_images_and_link_definitions_never_pass() -> None:
    assert without_foreign_links("![x](https://evil.example/?q=1) Hi", HOSTS) == " Hi"
    assert without_foreign_links("[a]: https://evil.example/?q=1", HOSTS) == ""


# ---- measured on real help pages


def _pages(shared: Path, name: str) -> list[Passage]:
    rows = [json.loads(line) for line in (shared / f"data/retrieval/{name}/corpus.jsonl").read_text().splitlines()]
    Random(1).shuffle(rows)  # noqa: S311  # a sample, not a secret
    return [Passage(row["id"], row["id"], 1, row["title"], "", "", row["text"][:1400], 0, 1400) for row in rows[:360]]


@pytest.mark.parametrize("name", ["feedbackqa", "bitwarden_help", "clapnq"])
def test_wrong_copies_are_noticed_and_right_ones_are_not_dropped(shared: Path, name: str) -> None:
    noticed, wrong, right, dropped = 0, 0, 0, Counter[str]()
    chance = Random(3)  # noqa: S311  # a sample, not a secret
    for evidence, statement, page in samples(_pages(shared, name)):
        right += 1
        dropped["copy"] += not check(Sentence(f"{statement} [1]"), evidence, Hosts.of(["*"])).kept
        dropped["reworded"] += not check(Sentence(f"{reworded(statement, chance)} [1]"), evidence, Hosts.of(["*"])).kept
        for lie in perturbed(statement, page, chance):
            wrong += 1
            noticed += not check(Sentence(f"{lie.text} [1]"), evidence, Hosts.of(["*"])).kept
    print(f"{name}: noticed {noticed}/{wrong}, dropped {dict(dropped)} of {right}")
    assert noticed >= 0.97 * wrong
    assert dropped["copy"] <= 0.01 * right
    assert dropped["reworded"] <= 0.06 * right
