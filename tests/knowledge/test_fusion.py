import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.knowledge.fusion import blend
from app.knowledge.sections import with_sections

SCORES = st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1), max_size=6)


def test_both_sides_count_by_their_share() -> None:
    best = blend({"a": 0.5, "b": 0.9}, {"a": 1.0}, share=0.6)
    assert {one.id: one.score for one in best} == pytest.approx({"a": 0.7, "b": 0.54})


@given(SCORES, SCORES)
def test_everything_known_to_either_side_is_ranked_once(cosines: dict[str, float], lexical: dict[str, float]) -> None:
    blended = blend(cosines, lexical)
    assert sorted(one.id for one in blended) == sorted({*cosines, *lexical})
    assert [one.score for one in blended] == sorted((one.score for one in blended), reverse=True)


def test_a_section_that_is_one_passage_stays_as_it_was() -> None:
    vectors = np.eye(3, dtype=np.float32)
    assert np.array_equal(with_sections(vectors, ["a", "b", "c"]), vectors)


def test_passages_of_one_section_move_to_its_mean_and_become_shorter() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
    moved = with_sections(vectors, ["long", "long", "short"])
    assert moved.tolist() == [[0.75, 0.25], [0.25, 0.75], [1, 0]]
