"""The cache on questions that ask the same and on others that only look so."""

import json
from pathlib import Path

import pytest

from app.errors import Invalid
from app.insight.cached_questions import evaluate_cache
from app.knowledge.embedding import open_embedder
from app.settings import Settings
from tests.answering.paraphrases import questions

FALSE_HITS_AT_MOST = 0.001


@pytest.mark.slow
def test_no_question_is_taken_for_another_and_none_leaves_its_scope(tmp_path: Path) -> None:
    settings = Settings(_env_file=None)
    embedder = open_embedder(settings.embed, settings.model_dir)
    source, out = tmp_path / "questions.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(map(json.dumps, questions())))
    figures = evaluate_cache(source, out, embedder.embed_questions, settings.cache.similarity)
    assert figures["cross_scope_hits"] == 0
    assert figures["false_hit_rate"] <= FALSE_HITS_AT_MOST
    assert figures["pairs"] > 300_000
    assert figures["hit_rate"]["template"] > 0.95
    assert figures["hit_rate"]["written"] > 0.5
    assert len(out.read_text().splitlines()) == figures["questions"]


@pytest.mark.parametrize(
    ("line", "what"), [("{", "not JSON"), ('{"id": "a", "text": "How?"}', "id, text and asks"), ("3", "object")]
)
def test_a_bad_row_is_named(tmp_path: Path, line: str, what: str) -> None:
    source = tmp_path / "questions.jsonl"
    source.write_text(f'{{"id": "a", "text": "How?", "asks": "a"}}\n{line}\n')
    with pytest.raises(Invalid, match=f"line 2.*{what}"):
        evaluate_cache(source, tmp_path / "out.jsonl", lambda texts: [], 0.8)  # type: ignore[arg-type, return-value]  # never asked
