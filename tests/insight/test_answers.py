"""What is told about a run of whole answers."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Unavailable
from app.insight.answers import Trial, auroc, summary
from app.knowledge.types import Found, Hit, Passage

HIT = Hit(Passage("p", "d2", 1, "", "", "", "Text.", 0, 5), 0.5, 0.5, 0.5)
SAID = {"decision": "answer", "probability": 0.9, "citations": [{"document_id": "d1"}, {"document_id": "d1"}]}


async def _ask(text: str) -> Mapping[str, Any]:
    if text == "broken":
        raise Unavailable
    return SAID if text == "cited" else {"decision": "offer", "probability": None, "citations": []}


async def _search(text: str, depth: int) -> Found:
    return Found("s", (HIT,), 1.0)


async def test_the_cited_documents_come_first_and_else_those_that_were_found() -> None:
    trial = Trial(_ask, _search, {"d1": "one", "d2": "two"})
    rows = [row async for row in trial.rows({"a": "cited", "b": "unknown", "c": "broken"})]
    assert rows[0] == {"id": "a", "decision": "answer", "probability": 0.9, "documents": ["one"]}
    assert rows[1] == {"id": "b", "decision": "offer", "probability": 0.0, "documents": ["two"]}
    assert (rows[2]["decision"], rows[2]["documents"], bool(rows[2]["error"])) == ("escalate", [], True)


def test_the_summary_counts_and_compares() -> None:
    rows = [
        {"id": "a", "decision": "answer", "probability": 0.9, "documents": ["x"]},
        {"id": "b", "decision": "answer", "probability": 0.6, "documents": ["x"]},
        {"id": "c", "decision": "offer", "probability": 0.1, "documents": []},
    ]
    assert summary(rows, {}, {}) == {"answer": 2, "offer": 1}
    told = summary(rows, {"a": {"x": 1}, "b": {"y": 1}, "c": {}}, {"a": True, "b": False, "c": False})
    assert told == {
        "answer": 2,
        "offer": 1,
        "first_document_right": 0.5,
        "auroc": 1.0,
        "answered_share": 0.6667,
        "answered_rightly": 0.5,
    }


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.4, 0.9]), st.booleans()), min_size=2, max_size=12))
def test_the_auroc_is_the_share_of_pairs_in_the_right_order(scored: list[tuple[float, bool]]) -> None:
    good, bad = [s for s, label in scored if label], [s for s, label in scored if not label]
    if good and bad:
        pairs = [(g > b) + (g == b) / 2 for g in good for b in bad]
        assert auroc(scored) == pytest.approx(sum(pairs) / len(pairs))
