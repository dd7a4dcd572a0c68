"""What a reader is taught of claims, and that one can be taught on from what serves."""

from random import Random

import numpy as np
import pytest

from app.knowledge.reading.artefact import SHIPPED, newest
from app.knowledge.reading.onnx import open_trained


@pytest.mark.slow
def test_a_reader_that_serves_is_taken_up_again_in_full_precision() -> None:
    pytest.importorskip("torch")
    from scripts.train_reader.claiming import said_before  # noqa: PLC0415  # needs torch
    from scripts.train_reader.thawing import thawed  # noqa: PLC0415

    found = newest(SHIPPED)
    assert found is not None
    reader, serving = thawed(found[0]), open_trained(*found)
    pairs = [
        *serving.cutter.pairs("How long do refunds take?", [("Refunds", "Refunds reach your card within 14 days.")]),
        *serving.cutter.pairs("Can I pay by bank transfer?", [("Refunds", "Coffee is free in the lobby on weekdays.")]),
    ]
    quantised = np.array([serving.outputs(pair) for pair in pairs])
    full = 1 / (1 + np.exp(-said_before(reader, pairs).numpy()))
    assert np.abs(full - quantised).max() < 0.15


def test_twins_differ_and_their_passages_are_known() -> None:
    pytest.importorskip("torch")
    from scripts.train_reader.twins import KEPT_OUT, all_twins  # noqa: PLC0415  # its room needs torch

    twins = list(all_twins(Random(1)))  # noqa: S311  # an order, not a secret
    assert len(twins) > 10_000
    assert all(one.true != one.false and one.true.shown for one in twins)
    assert {one.of for one in twins if one.kept_out} >= KEPT_OUT
    assert 0.05 < sum(one.kept_out for one in twins) / len(twins) < 0.15
