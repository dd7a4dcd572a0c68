"""The reader that the product comes with: whole, small, and better than a coin at what it is for."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from app.knowledge.reading import open_ours, open_reader
from app.knowledge.reading.artefact import GRAPH, SHIPPED, newest, whole
from app.knowledge.types import Passage

MOST_BYTES = 30_000_000
REFUND = "Refunds reach your card within 14 days of the request."


@dataclass(frozen=True)
class Choice:
    model: str
    allow_download: bool = False


def answers(question: str, said: str, nowhere: Path) -> float:
    reader = open_ours(Choice("ours"), nowhere)
    assert reader is not None
    return reader.read(question, [Passage("a", "a", 1, "", "", "", said, 0, len(said))])[0].answers


def test_it_is_whole_and_no_larger_than_was_promised() -> None:
    found = newest(SHIPPED)
    assert found is not None
    folder, manifest = found
    assert whole(folder) == manifest
    assert (folder / GRAPH).stat().st_size <= MOST_BYTES


@pytest.mark.parametrize(
    "question", ["When will I get my money back?", "how long does a refund take", "Do refunds arrive within a month?"]
)
def test_what_answers_looks_more_like_an_answer_than_what_does_not(question: str, tmp_path: Path) -> None:
    others = ("To publish a snapshot, open the snapshots page.", "Coffee is free in the lobby on weekdays.")
    assert answers(question, REFUND, tmp_path) > max(answers(question, one, tmp_path) for one in others) + 0.1


def test_none_looks_at_nothing_and_ours_orders_nothing(tmp_path: Path) -> None:
    assert open_ours(Choice("none"), tmp_path) is None
    assert open_reader(Choice("ours")) is None
