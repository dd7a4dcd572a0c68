"""Personal data is taken out before it leaves and put back for the customer."""

import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.safety.personal import find
from app.safety.redaction import redact, scrubbed

LEAST = {
    "EMAIL_ADDRESS": (0.995, 0.98), "CREDIT_CARD": (0.99, 0.98), "IBAN_CODE": (0.995, 0.98), "US_SSN": (0.995, 0.98),
    "PHONE_NUMBER": (0.95, 0.95), "IP_ADDRESS": (0.98, 0.98), "SECRET": (0.9, 0.98), "PASSWORD": (0.95, 0.98),
    "NATIONAL_ID": (0.85, 0.95), "MAC": (0.98, 0.98),
}  # fmt: skip
LABELLED = ("own-faker", "presidio-research-large", "presidio-research-v2", "own-hardneg")
"""Sources whose rows name every span, so that precision means something."""


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Write to bob@example.com.", "Write to ⟦EMAIL_1⟧."),
        ("bob (at) example [dot] com", "⟦EMAIL_1⟧"),
        ("Card 4111 1111 1111 1111 exp 09/28", "Card ⟦CARD_1⟧ exp 09/28"),
        ("iban gb29nwbk60161331926819 thanks", "iban ⟦IBAN_1⟧ thanks"),
        ("DE89 3704 0044 0532 0130 00 please", "⟦IBAN_1⟧ please"),
        ("my SSN is 536-22-1234", "my SSN is ⟦SSN_1⟧"),
        ("call me on (415) 555-0132 ext 7", "call me on ⟦PHONE_1⟧"),
        ("ring +44 20 7946 0958 now", "ring ⟦PHONE_1⟧ now"),
        ("from 203.0.113.7 and 2001:db8::1", "from ⟦IP_1⟧ and ⟦IP_2⟧"),
        ("my password is Tr0ub4dor&3", "my password is ⟦PASSWORD_1⟧"),
        ("key sk-proj-a8Fz0Qw2Ls9Xc4Vb7Nm1Kj6H", "key ⟦SECRET_1⟧"),
        ("bob@example.com, BOB? bob@example.com", "⟦EMAIL_1⟧, BOB? ⟦EMAIL_1⟧"),
    ],
)
def test_personal_data_becomes_a_numbered_placeholder(text: str, hidden: str) -> None:
    redaction = redact(text)
    assert redaction.text == hidden
    assert redaction.restore(hidden) == text


@pytest.mark.parametrize(
    "text",
    [
        "order 4929 1695 9573 is late",
        "tracking 794148821719",
        "invoice INV-2025-131707",
        "version 10.2.9.84 fails",
        "ISBN 978-3-16-148410-0",
        "ticket #51217 and #727134",
        "price 1,299.00 for 12 units",
        "coordinates 48.8584, 2.2945",
        "on 2024-05-01 at 14:30",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "How do I reset my password?",
        "The API key is on the settings page.",
    ],
)
def test_what_only_looks_like_personal_data_stays(text: str) -> None:
    assert redact(text).text == text


def test_what_we_know_of_the_customer_is_hidden_too() -> None:
    redaction = redact("I am anna smith, Anna Smith!", own=["Anna Smith", ""])
    assert redaction.text == "I am ⟦CUSTOMER_1⟧, ⟦CUSTOMER_2⟧!"
    assert redaction.restore(redaction.text) == "I am anna smith, Anna Smith!"


def test_one_value_has_one_placeholder_throughout_a_turn() -> None:
    first = redact("a@example.com")
    assert first.also("b@example.com a@example.com").text == "⟦EMAIL_2⟧ ⟦EMAIL_1⟧"


def test_a_placeholder_that_the_customer_typed_is_not_taken_for_ours() -> None:
    redaction = redact("⟦EMAIL_1⟧ and a@example.com")
    assert redaction.text == "⟦EMAIL_1⟧ and ⟦EMAIL_2⟧"
    assert redaction.restore("⟦EMAIL_1⟧ ⟦EMAIL_2⟧ ⟦CARD_9⟧") == "⟦EMAIL_1⟧ a@example.com ⟦CARD_9⟧"


def test_a_log_gets_the_kinds_alone() -> None:
    assert scrubbed("mail a@example.com or b@example.com") == "mail ⟦EMAIL⟧ or ⟦EMAIL⟧"


@given(st.text(max_size=200))
def test_restoring_gives_back_any_text(text: str) -> None:
    redaction = redact(text)
    assert redaction.restore(redaction.text) == text


@given(st.text(alphabet="0123456789 -+()@.:aeABx/", max_size=120))
def test_spans_are_in_order_and_never_overlap(text: str) -> None:
    spans = find(text)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@pytest.mark.parametrize("piece", ["1", "1 ", "a@", "a.", "1-", "api_key", "12:", "eyJ", "token=", "(", "GB12 ", "phone ", "://a:", "-----BEGIN PRIVATE KEY-----", "call me or 12345678 "])  # fmt: skip  # noqa: E501  # a list
def test_a_hostile_text_is_read_in_time_that_grows_with_its_length(piece: str) -> None:
    begun = perf_counter()
    find(piece * (200_000 // len(piece)))
    assert perf_counter() - begun < 4


def test_structured_data_is_found_and_order_numbers_are_left(shared: Path) -> None:
    found, total, right, said = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    false: dict[str, list[str]] = defaultdict(list)
    for line in (shared / "data/security/pii.jsonl").read_text(encoding="utf-8").strip().split("\n"):
        row = json.loads(line)
        spans = find(row["text"])
        covered = {at for span in spans for at in range(span.start, span.end)}
        wanted = [span for span in row["spans"] if span["type"] in LEAST]
        for span in wanted:
            total[span["type"]] += 1
            length = span["end"] - span["start"]
            found[span["type"]] += len(covered & set(range(span["start"], span["end"]))) >= 0.8 * length
        if row["source"] in LABELLED:
            for span in spans:
                said[span.type] += 1
                right[span.type] += any(one["start"] < span.end and span.start < one["end"] for one in wanted)
        if not row["spans"] and spans:
            false[row["source"]].append(row["text"])
    for kind, (recall, precision) in LEAST.items():
        print(f"{kind}: recall {found[kind] / total[kind]:.3f}, precision {right[kind] / said[kind]:.3f}")
        assert found[kind] >= recall * total[kind]
        assert right[kind] >= precision * said[kind]
    assert len(false["own-hardneg"]) <= 6
    assert false["banking77/hint3/clinc-neg"] == []
    assert len(false["gitleaks-fp"]) <= 4
