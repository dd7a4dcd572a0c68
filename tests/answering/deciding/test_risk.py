"""At most so many wrong: the threshold keeps what it promises."""
# ruff: noqa: S311  # simulated sites, no secrets

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.deciding.calibrating import beta, calibrated, isotonic
from app.answering.deciding.curve import IDENTITY, Curve
from app.answering.deciding.prior import MIX, assumed, mixed
from app.answering.deciding.risk import NEVER, promise, upper_bound
from app.answering.deciding.shipped import shipped, shipped_sets
from app.insight.calibration import calibration_error, crossed_error, held

SLACK = 0.02
Scored = list[tuple[float, bool]]


def site(chance: Random, turns: int, *, optimism: float = 1.0, difficulty: float = 0.6) -> Scored:
    """Scores of a site where a score says more, or less, than it seems."""
    scored = []
    for _ in range(turns):
        score = chance.betavariate(2 * difficulty, 2 * (1 - difficulty))
        scored.append((score, chance.random() < score**optimism))
    return scored


def wrong_share(scored: Scored, curve: Curve, threshold: float) -> tuple[int, int]:
    shown = [right for score, right in scored if curve.at(score).probability >= threshold]
    return shown.count(False), len(shown)


@pytest.mark.parametrize("target", [0.02, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("optimism", [0.7, 1.0, 1.6])
def test_over_ten_thousand_turns_no_more_are_wrong_than_was_promised(target: float, optimism: float) -> None:
    """Four sites: 300 verdicts, then 10,000 turns, one in ten with a verdict; the calibration follows every 500."""
    wrong = answers = 0
    for chance in map(Random, range(4)):
        verdicts = site(chance, 300, optimism=optimism)
        for _ in range(20):
            curve = calibrated(verdicts)
            promised = promise(held(curve, verdicts), target)
            turns = site(chance, 500, optimism=optimism)
            more = wrong_share(turns, curve, promised.threshold)
            wrong, answers = wrong + more[0], answers + more[1]
            verdicts += turns[::10]
    assert wrong <= (target + SLACK) * max(1, answers)


def test_the_share_holds_on_average_over_many_sites() -> None:
    """The guarantee is one of the mean: over 300 sites with 300 verdicts each."""
    chance, wrong, answers = Random(5), 0, 0
    for _ in range(300):
        verdicts, turns = site(chance, 300), site(chance, 200)
        more = wrong_share(turns, IDENTITY, promise(verdicts, 0.1).threshold)
        wrong, answers = wrong + more[0], answers + more[1]
    assert answers > 1000
    assert wrong <= 0.11 * answers


def test_without_enough_right_answers_nothing_is_promised() -> None:
    assert promise([(0.9, True)] * 35, 0.05).threshold == NEVER
    assert promise([(0.9, True)] * 36, 0.05).threshold == 0.9
    assert not promise([], 0.5).reachable
    assert upper_bound(0, 0) == 1
    assert upper_bound(0, 19) == pytest.approx(0.125, abs=0.01)


def test_before_a_site_has_verdicts_a_share_is_an_estimate_and_every_step_means_something() -> None:
    found = {share: shipped().promise(share) for share in (0.005, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3)}
    assert not any(one.kept for one in found.values())
    thresholds = [one.threshold for one in found.values()]
    assert thresholds == sorted(thresholds, reverse=True)
    assert len(set(thresholds)) == len(thresholds)
    assert all(one.wrong <= (share + 0.005) * one.answers for share, one in found.items())


def test_questions_are_mixed_as_a_site_is_taken_to_have_them() -> None:
    held, near, strange = [(0.5, True)] * 75, [(number / 100, False) for number in range(100)], [(0.1, False)] * 3
    made = mixed({"held": held, "near": near, "strange": strange})
    assert made.count((0.5, True)) == 75
    assert made.count((0.1, False)) == 3
    spread = [score for score, right in made if not right][:20]
    assert spread == pytest.approx([0.02 + 0.05 * step for step in range(20)], abs=0.011)
    assert sum(MIX.values()) == pytest.approx(1)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60), st.floats(0.01, 0.25))
def test_an_estimate_of_a_stricter_share_never_answers_more(scored: Scored, target: float) -> None:
    assert assumed(scored, target / 2).threshold >= assumed(scored, target).threshold - 1e-9


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60), st.floats(0.01, 0.5))
def test_a_stricter_target_never_answers_more(scored: Scored, target: float) -> None:
    assert promise(scored, target / 2).threshold >= promise(scored, target).threshold


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=80))
def test_a_curve_never_falls_and_stays_inside_its_interval(scored: Scored) -> None:
    for curve in (beta(scored), isotonic(scored)):
        seen = [curve.at(step / 50) for step in range(51)]
        assert all(one.probability <= other.probability for one, other in pairwise(seen))
        assert all(0 <= one.low <= one.probability <= one.high <= 1 for one in seen)
        assert Curve.of(curve.json()) == curve


@pytest.mark.parametrize("optimism", [0.4, 1.0, 2.5])
def test_after_300_verdicts_the_probabilities_are_those_of_the_site(optimism: float) -> None:
    chance = Random(optimism)
    errors = []
    for _ in range(10):
        curve = calibrated(site(chance, 300, optimism=optimism))
        errors.append(calibration_error(held(curve, site(chance, 3000, optimism=optimism))))
    assert sum(errors) / len(errors) <= 0.05
    assert crossed_error(site(chance, 1200, optimism=optimism)) <= 0.06


@pytest.mark.parametrize("left_out", list(shipped_sets()))
def test_300_verdicts_of_a_set_make_what_the_others_taught_fit_it(left_out: str) -> None:
    """Leave one set out: the others give the curve that stands at first, 300 verdicts of the one left out bend it.

    All answers that thirty such draws leave over are counted together: of a single draw's few hundred, .04 and more of
    the error is chance.
    """
    others = isotonic([pair for name, pairs in shipped_sets().items() if name != left_out for pair in pairs])
    own, points = shipped_sets()[left_out][:], list[tuple[float, bool]]()
    for chance in map(Random, range(30)):
        chance.shuffle(own)
        points += held(calibrated(own[:300], others), own[300:])
    assert calibration_error(points) <= 0.05
    assert calibration_error(points) < calibration_error(held(others, own)) + 0.01


def test_with_many_verdicts_any_shape_is_followed() -> None:
    chance = Random(1)
    scored = [
        (score, chance.random() < (0.1 if score < 0.7 else 0.95)) for score in (chance.random() for _ in range(3000))
    ]
    curve = calibrated(scored)
    assert curve.at(0.5).probability == pytest.approx(0.1, abs=0.05)
    assert curve.at(0.9).probability == pytest.approx(0.95, abs=0.03)


def test_the_shipped_calibration_was_made_for_the_weights_in_use() -> None:
    assert shipped().fits, "the weights changed: run scripts.asking_sets and scripts.fit_calibration"
    assert len(shipped().scored) > 1000
    assert calibration_error(shipped().points) <= 0.05
