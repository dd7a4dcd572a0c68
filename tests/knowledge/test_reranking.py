from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.errors import Unavailable
from app.knowledge.reranking import READ, Reranked, reordered
from app.knowledge.types import Found, Hit, Passage, Reading


def hit(number: int, score: float) -> Hit:
    passage = Passage(f"p{number}", f"d{number}", 1, f"Title {number}", "", "", f"text {number}", 0, 6)
    return Hit(passage, score, score, 0.0)


@dataclass(frozen=True)
class Shelf:
    scores: Sequence[float]
    asked: list[int] = field(default_factory=list)

    async def search(self, question: str, k: int) -> Found:
        self.asked.append(k)
        return Found("s", tuple(hit(number, score) for number, score in enumerate(self.scores))[:k], 0.5)


@dataclass(frozen=True)
class Likes:
    """A reader that likes one passage best."""

    best: str
    name: str = "likes"

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        return [Reading(0.999 if one.id == self.best else 0.001, 0.5) for one in passages]


@dataclass(frozen=True)
class Broken:
    name: str = "broken"

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        raise Unavailable("The reader does not run.")


async def test_what_the_reader_likes_rises_and_scores_stay_at_their_ranks() -> None:
    plain = Shelf([0.50, 0.45, 0.42, 0.40])
    found = await Reranked(plain, Likes("p2")).search("q", 4)
    assert [one.passage.id for one in found.hits] == ["p2", "p0", "p1", "p3"]
    assert [one.score for one in found.hits] == [0.50, 0.45, 0.42, 0.40]
    assert found.hits[0].reading == Reading(0.999, 0.5)
    assert found.coverage == 0.5


async def test_a_reader_does_not_lift_what_the_search_thinks_far_worse() -> None:
    found = await Reranked(Shelf([0.9, 0.1]), Likes("p1")).search("q", 2)
    assert [one.passage.id for one in found.hits] == ["p0", "p1"]


async def test_as_many_are_read_whatever_is_asked_for() -> None:
    plain = Shelf([1 - number / 100 for number in range(20)])
    found = await Reranked(plain, Likes("p5")).search("q", 2)
    assert plain.asked == [READ]
    assert [one.passage.id for one in found.hits] == ["p5", "p0"]


async def test_a_broken_reader_leaves_the_search_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    found = await Reranked(Shelf([0.5, 0.4]), Broken()).search("q", 1)
    assert [one.passage.id for one in found.hits] == ["p0"]
    assert found.hits[0].reading is None
    assert "The reader does not run." in caplog.text


@given(
    some.lists(some.floats(0, 1), max_size=15).map(lambda scores: sorted(scores, reverse=True)),
    some.lists(some.floats(0, 1), max_size=READ),
)
def test_nothing_is_lost_and_scores_fall(scores: list[float], relevances: list[float]) -> None:
    hits = [hit(number, score) for number, score in enumerate(scores)]
    ordered = reordered(hits, [Reading(relevance, 0.5) for relevance in relevances])
    assert {one.passage.id for one in ordered} == {one.passage.id for one in hits}
    assert [one.score for one in ordered] == scores
