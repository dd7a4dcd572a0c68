import json
import math
from pathlib import Path

import pytest

from app.errors import Invalid
from app.insight.datasets import check_corpus, check_judged, read_judgements, read_labels, read_queries
from app.insight.retrieval import metrics, ndcg, recall, reciprocal_rank
from app.settings import EmbedSettings, ModelSettings, Settings
from ingest.measuring import measure, measure_answers
from ingest.watch import unseen
from tests.shelving import write

CORPUS = [
    {"id": "r", "title": "Refunds", "text": "Money back within 30 days. " * 60},
    {"id": "p", "title": "", "text": "Reset your password in Settings."},
    {"id": "t", "title": "Teams", "text": "Invite people to your team."},
]
QUERIES = [{"id": "q1", "text": "money back?"}, {"id": "q2", "text": "How do I reset a password"}]


def test_the_metrics_are_those_of_the_textbook() -> None:
    grades = {"a": 1, "b": 1}
    assert ndcg(grades, ["x", "a", "b"], 10) == pytest.approx((1 / math.log2(3) + 0.5) / (1 + 1 / math.log2(3)))
    assert recall(grades, ["x", "a", "y", "z", "w", "b"], 5) == 0.5
    assert reciprocal_rank(grades, ["x", "a"], 10) == 0.5
    assert reciprocal_rank(grades, [], 10) == 0
    assert metrics({"q": grades, "unjudged": {}}, {"q": ["a", "b"]}) == {"ndcg@10": 1, "recall@5": 1, "mrr@10": 1}
    assert metrics({"q": grades}, {})["ndcg@10"] == 0


async def test_a_set_is_measured_aside_and_its_run_has_one_line_for_each_document(tmp_path: Path) -> None:
    _write_set(tmp_path / "set")
    settings = Settings(data_dir=tmp_path / "real", embed=EmbedSettings(backend="hash"), _env_file=None)
    measured = await measure(settings, tmp_path / "set", tmp_path / "out" / "run.txt", unseen)
    assert (measured["documents"], measured["queries"], measured["recall@5"]) == (3, 2, 1.0)
    assert measured["intervals"]["recall@5"] == [1.0, 1.0]
    assert measured["passages"] > 3
    lines = [line.split() for line in (tmp_path / "out" / "run.txt").read_text().splitlines()]
    first = [line for line in lines if line[0] == "q1"]
    assert [line[1:4:2] for line in first] == [["Q0", str(rank)] for rank in range(1, len(first) + 1)]
    assert first[0][2] == "r"
    assert len({line[2] for line in first}) == len(first)
    assert not (tmp_path / "real").exists()


async def test_whole_answers_are_measured_aside_with_the_documents_that_they_cite(tmp_path: Path) -> None:
    _write_set(tmp_path / "set")
    plain = ModelSettings(name="plain", dialect="extractive")
    settings = Settings(data_dir=tmp_path / "real", embed=EmbedSettings(backend="hash"), model=(plain,), _env_file=None)
    measured = await measure_answers(settings, tmp_path / "set", tmp_path / "out" / "answers.jsonl", unseen)
    rows = [json.loads(line) for line in (tmp_path / "out" / "answers.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["q1", "q2"]
    assert all(row.keys() == {"id", "decision", "probability", "documents"} for row in rows)
    assert [row["documents"][0] for row in rows] == ["r", "p"]
    assert all(0 <= row["probability"] <= 1 for row in rows)
    assert (measured["queries"], measured["first_document_right"]) == (2, 1.0)
    assert measured["figures"]["citation_recall"]["value"] >= 0
    assert measured["claims"]["written"] >= measured["claims"]["kept_back"]
    assert measured["latency_ms"]["p50"] <= measured["latency_ms"]["p95"]
    assert not (tmp_path / "real").exists()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{broken", "corpus.jsonl, line 2: this is not valid JSON."),
        ("[]", "corpus.jsonl, line 2: “id” must be a text"),
        ('{"id": "a"}', "corpus.jsonl, line 2: “text” must be a text"),
        ('{"id": 7, "text": "x"}', "corpus.jsonl, line 2: “id” must be a text"),
        ('{"id": "r", "text": "x"}', "corpus.jsonl, line 2: the id r was there before."),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    (tmp_path / "corpus.jsonl").write_text(f'{{"id": "r", "text": "x"}}\n{line}\n')
    with pytest.raises(Invalid, match=sentence):
        check_corpus(tmp_path / "corpus.jsonl")


def test_bad_judgements_are_named_and_missing_ones_are_none(tmp_path: Path) -> None:
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tr\tmany\n")
    with pytest.raises(Invalid, match=r"qrels.tsv, line 2"):
        read_judgements(tmp_path / "qrels.tsv")
    assert read_judgements(tmp_path / "none.tsv") == {}
    with pytest.raises(Invalid, match="There is no file"):
        read_queries(tmp_path / "queries.jsonl")


def test_judgements_of_what_is_not_there_are_named(tmp_path: Path) -> None:
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tr\t1\nq1\tgone\t1\nq9\tr\t1\n")
    with pytest.raises(Invalid, match=r"qrels.tsv, line 3: there is no document gone in corpus.jsonl"):
        check_judged(tmp_path, {"r"}, {"q1", "q9"})
    (tmp_path / "removed_docs.txt").write_text("gone\n")
    check_judged(tmp_path, {"r"}, {"q1", "q9"})
    with pytest.raises(Invalid, match=r"qrels.tsv, line 4: there is no question q9 in queries.jsonl"):
        check_judged(tmp_path, {"r"}, {"q1"})


def test_labels_are_read_where_there_are_some(tmp_path: Path) -> None:
    rows = [{"id": "a", "text": "x", "answerable": True}, {"id": "b", "text": "y"}]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert read_labels(tmp_path / "queries.jsonl") == {"a": True}


def _write_set(folder: Path) -> None:
    rows = {"corpus.jsonl": CORPUS, "queries.jsonl": QUERIES}
    write(folder, {name: "\n".join(map(json.dumps, lines)) for name, lines in rows.items()})
    write(folder, {"qrels.tsv": "query-id\tcorpus-id\tscore\nq1\tr\t1\nq2\tp\t1\n"})
