"""Figures about answers with known outcomes."""
# ruff: noqa: S311  # simulated answers, no secrets

from random import Random
from xml.etree import ElementTree as ET

import pytest

from app.insight.calibration import calibration_error
from app.insight.drawing import reliability_diagram, risk_coverage_curve
from app.insight.figures import brier, compared, coverage_at, decision_figures, middle, reliability, risk_coverage

POINTS = [(0.9, True), (0.8, True), (0.7, False), (0.6, True), (0.2, False)]


def test_the_figures_are_those_of_the_textbook() -> None:
    assert brier([(0.9, True), (0.2, False)]) == pytest.approx((0.01 + 0.04) / 2)
    assert calibration_error([(0.95, True), (0.95, False), (0.15, False)]) == pytest.approx((0.9 + 0.15) / 3)
    assert risk_coverage(POINTS) == [(0.2, 0), (0.4, 0), (0.6, pytest.approx(1 / 3)), (0.8, 0.25), (1.0, 0.4)]
    assert (coverage_at(POINTS, 0.95), coverage_at(POINTS, 0.75), coverage_at(POINTS, 0.1)) == (0.4, 0.8, 1.0)
    assert coverage_at([(0.9, False)], 0.5) == 0
    assert reliability([(0.95, True), (0.96, False), (0.1, False)])[0] == (0.1, 0, 1)


def test_an_interval_holds_the_truth_and_narrows_with_more_answers() -> None:
    chance = Random(2)
    many = [(score, chance.random() < score) for score in (chance.random() for _ in range(800))]
    few, figures = decision_figures(many[:80]), decision_figures(many)
    assert set(figures) == {"auroc", "calibration_error", "brier", *(f"coverage_at_{one}" for one in (80, 90, 95))}
    assert figures["brier"].low < 1 / 6 < figures["brier"].high
    assert figures["brier"].high - figures["brier"].low < few["brier"].high - few["brier"].low
    assert decision_figures([]) == {}
    assert decision_figures([(0.5, True)] * 30)["auroc"].value == 0.5


def test_two_runs_are_compared_question_by_question() -> None:
    chance = Random(3)
    first = [chance.random() for _ in range(200)]
    better = compared(first, [value + 0.05 + chance.gauss(0, 0.05) for value in first])
    assert better.difference.low > 0
    assert better.chance < 0.01
    same = compared(first, [value + chance.gauss(0, 0.05) for value in first])
    assert same.difference.low < 0 < same.difference.high
    assert same.chance > 0.05
    assert compared(first, first).chance == 1


def test_the_drawings_are_svg() -> None:
    for drawing in (reliability_diagram(reliability(POINTS), "A & B"), risk_coverage_curve(risk_coverage(POINTS), "C")):
        assert ET.fromstring(drawing).tag.endswith("svg")  # noqa: S314  # our own drawing


def test_the_middle_and_the_end_of_few_and_many() -> None:
    assert middle([]) is None
    assert middle([7, 3]) == {"p50": 3, "p95": 7}
    assert middle(list(range(1, 101))) == {"p50": 50, "p95": 95}
