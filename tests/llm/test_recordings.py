"""Every recorded case comes out as expected, however its bytes arrive."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.llm.connecting import READY, dialect_named
from app.llm.errors import ModelError
from app.llm.outcome import Outcome
from app.llm.wire.dialect import Reading
from app.llm.wire.failures import from_response
from tests.llm.recordings import FOLDERS, Case, recorded

CASES = recorded(*FOLDERS)
SIZES = {"at once": 10**9, "byte by byte": 1, "in sevens": 7, "at random": 0}
pytestmark = pytest.mark.shared


def test_the_recordings_are_there() -> None:
    if not CASES:
        pytest.skip("NOT COVERED: recorded provider traffic is missing; set ANSWERDESK_SHARED")


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_recorded_answer_reads_as_expected(case: Case, size: int) -> None:
    outcome = read(case, size)
    assert outcome == {name: case.expected[name] for name in outcome}


def read(case: Case, size: int) -> dict[str, Any]:
    outcome = Outcome("some-model")
    try:
        if case.status >= 300:
            raise from_response(case.status, case.headers, case.body)
        reading = Reading(case.dialect.decoder())
        for piece in pieces(case.body, size):
            outcome.take(reading.feed(piece))
        outcome.take(reading.close())
    except ModelError as error:
        outcome.fail(error)
    return outcome.told()


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    numbers, start = random.Random(len(body)), 0  # noqa: S311  # the same pieces each time
    while start < len(body):
        end = start + (size or numbers.randint(1, 97))
        yield body[start:end]
        start = end


@given(st.sampled_from([*CASES, None]), st.integers(0, 100_000), st.binary(max_size=6), st.sampled_from(READY))
@settings(max_examples=150, deadline=None)
def test_damaged_bytes_raise_nothing_outside_the_taxonomy(case: Case | None, at: int, damage: bytes, name: str) -> None:
    body = case.body if case else b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n'
    place = at % (len(body) + 1)
    reading = Reading(dialect_named(name).decoder())
    try:
        for piece in pieces(body[:place] + damage + body[place + len(damage) :], 0):
            list(reading.feed(piece))
        list(reading.close())
    except ModelError:
        pass
