"""Counts, rates and bars of a run: nothing ever goes backwards."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.watch import Timeline

STEPS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 50), st.integers(0, 50), st.floats(0, 5)), max_size=40)


@given(STEPS)
def test_no_number_of_a_stage_ever_falls(steps: list[tuple[str, int, int, float]]) -> None:
    timeline, moment, before = Timeline(), 0.0, dict[str, tuple[int, int, float]]()
    for name, done, left, seconds in steps:
        moment += seconds
        timeline.reach(name, done, done + left, moment)
        after = {stage.name: (stage.done, stage.total, stage.seconds) for stage in timeline.stages.values()}
        assert all(new >= old for key, numbers in before.items() for old, new in zip(numbers, after[key], strict=True))
        assert all(done <= total for done, total, _ in after.values())
        before = after


def test_time_counts_for_the_stage_that_was_named_last() -> None:
    timeline = Timeline()
    for moment, (name, done) in enumerate([("fetch", 0), ("parse", 0), ("fetch", 1), ("parse", 1), ("split", 0)]):
        timeline.reach(name, done, 2, float(moment))
    assert [(stage["name"], stage["done"], stage["seconds"]) for stage in timeline.json] == [
        ("fetch", 1, 2.0),
        ("parse", 1, 2.0),
        ("split", 0, 0.0),
    ]


def test_a_second_round_goes_on_where_the_first_ended() -> None:
    timeline = Timeline()
    for done, total in [(0, 4), (4, 4), (0, 2), (1, 2), (2, 2)]:
        timeline.reach("embed", done, total, 0.0)
    assert (timeline.stages["embed"].done, timeline.stages["embed"].total) == (6, 6)
