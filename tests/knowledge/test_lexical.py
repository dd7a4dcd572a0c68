from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Unavailable
from app.knowledge.lexical import TantivyIndex, build_lexical, packed, unpack

TEXTS = {
    "reset": "Resetting passwords\nOpen the settings and reset your password.",
    "refund": "Refunds\nA refund takes five days. Café credit counts too.",
    "plan": "Plans\nThe free plan has one seat.",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> TantivyIndex:
    folder = tmp_path_factory.mktemp("lexical") / "index"
    build_lexical(folder, TEXTS.items())
    return TantivyIndex(folder)


def test_word_forms_and_accents_do_not_matter(index: TantivyIndex) -> None:
    assert index.search("How do I RESET passwords?", 3)[0][0] == "reset"
    assert index.search("refunding", 3)[0][0] == "refund"
    assert index.search("cafe", 3)[0][0] == "refund"


def test_a_score_is_a_share_of_the_greatest_possible(index: TantivyIndex) -> None:
    for _, score in index.search("reset your password in the settings of the free plan", 3):
        assert 0 < score < 1


def test_unknown_words_do_not_lower_a_score(index: TantivyIndex) -> None:
    assert index.search("refund zzzqqq", 1) == index.search("refund", 1)


def test_scores_of_named_passages_equal_those_of_a_search(index: TantivyIndex) -> None:
    searched = dict(index.search("the refund plan", 3))
    assert index.scores("the refund plan", ["plan", "refund", "unknown"]) == pytest.approx(
        {id_: searched[id_] for id_ in ("plan", "refund")}
    )
    assert index.scores("refund", ["reset"]) == {}


def test_nothing_is_found_for_nothing(index: TantivyIndex) -> None:
    assert index.search("", 3) == []
    assert index.search("?!", 3) == []
    assert index.search("zzzqqq", 3) == []


def test_coverage_weighs_what_is_rare_and_most_what_nobody_knows(index: TantivyIndex) -> None:
    assert index.coverage("How do I reset my password?", TEXTS["reset"]) == pytest.approx(1)
    assert 0 < index.coverage("reset the quantum password", TEXTS["reset"]) < 0.7
    assert index.coverage("how do I", TEXTS["reset"]) == 0


@given(st.text(max_size=200))
def test_a_question_is_never_taken_for_query_syntax(index: TantivyIndex, question: str) -> None:
    for _, score in index.search(question, 3):
        assert 0 < score < 1


@pytest.mark.parametrize("question", ['body:"refund" AND *', "refund^1000", "[a TO z]", "-refund", "/re.*/"])
def test_operators_are_words_like_others(index: TantivyIndex, question: str) -> None:
    assert all(score < 1 for _, score in index.search(question, 3))


def test_a_packed_index_is_the_same_elsewhere(index: TantivyIndex, tmp_path: Path) -> None:
    build_lexical(tmp_path / "here", TEXTS.items())
    unpack(packed(tmp_path / "here"), tmp_path / "there")
    assert TantivyIndex(tmp_path / "there").search("refund", 3) == index.search("refund", 3)


def test_a_missing_or_broken_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        TantivyIndex(tmp_path / "missing")
    build_lexical(tmp_path / "broken", TEXTS.items())
    (tmp_path / "broken" / "meta.json").write_text("{")
    with pytest.raises(Unavailable):
        TantivyIndex(tmp_path / "broken")


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    build_lexical(tmp_path / "empty", [])
    assert TantivyIndex(tmp_path / "empty").search("refund", 3) == []
