"""Two runs over one set: TREC runs and rows of answers."""

import json
from pathlib import Path

import pytest

from app.errors import Invalid
from app.insight.comparing import compare
from app.insight.figures import Figure
from app.insight.page import BY_HAND, DECISIONS, write_page

COUNT = 40


def a_set(folder: Path) -> Path:
    queries = [{"id": f"q{at}", "text": "x", "answerable": at % 2 == 0} for at in range(COUNT)]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels.tsv").write_text("q\td\ts\n" + "".join(f"q{at}\td{at}\t1\n" for at in range(0, COUNT, 2)))
    return folder


def trec(path: Path, rank: int) -> Path:
    """The right document stands at this rank."""
    lines = [
        f"q{at} Q0 {f'd{at}' if place == rank else f'x{place}'} {place} 1.0 t"
        for at in range(0, COUNT, 2)
        for place in range(1, 11)
    ]
    path.write_text("\n".join(lines))
    return path


def answers(path: Path, *, right: bool) -> Path:
    rows = [
        {
            "id": f"q{at}",
            "decision": "answer" if (at % 2 == 0) == right else "offer",
            "probability": 0.9 if (at % 2 == 0) == right else 0.1,
            "documents": [f"d{at}" if right else "x"],
        }
        for at in range(COUNT)
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_a_better_ranking_is_found_better(tmp_path: Path) -> None:
    found = compare(a_set(tmp_path), trec(tmp_path / "a.trec", 6), trec(tmp_path / "b.trec", 1))
    assert (found["recall@5"].first, found["recall@5"].second) == (0, 1)
    assert found["mrr@10"].difference.low > 0.8
    assert found["ndcg@10"].chance < 0.01


def test_better_answers_are_found_better(tmp_path: Path) -> None:
    folder = a_set(tmp_path)
    found = compare(folder, answers(tmp_path / "a.jsonl", right=False), answers(tmp_path / "b.jsonl", right=True))
    assert (found["rightly_decided"].first, found["rightly_decided"].second) == (0, 1)
    assert found["brier"].difference.value == pytest.approx(-0.8)
    assert found["citation_recall"].second == 1


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.trec", "q0 Q0 d0 1\n", "a.trec, line 1: this is no line of a TREC run"),
        ("a.jsonl", '{"id": "q0"}\n', "a.jsonl, line 1: this is no row of"),
        ("a.jsonl", "{broken\n", "a.jsonl, line 1: this is no row of"),
        ("a.jsonl", "", "no questions in common"),
    ],
)
def test_what_cannot_be_compared_is_refused_naming_the_line(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    folder, run = a_set(tmp_path), tmp_path / name
    run.write_text(text)
    with pytest.raises(Invalid, match=sentence):
        compare(folder, run, run)
    with pytest.raises(Invalid, match="There is no file"):
        compare(folder, tmp_path / "nothing.trec", run)


def test_the_page_has_tables_and_drawings(tmp_path: Path) -> None:
    figures = {"shop": {"ndcg@10": Figure(0.8, 0.7, 0.9), "auroc": Figure(0.9, 0.8, 1.0)}}
    ends = {"shop": dict.fromkeys(DECISIONS, (0, 1)) | {"answer": (3, 0), "offer": (1, 0)}}
    write_page(tmp_path / "page.md", figures, ends, {"shop": [(0.9, True), (0.2, False)]}, {"shop": "Two questions."})
    page = (tmp_path / "page.md").read_text()
    assert "| shop | 0.800 (0.700 to 0.900) | – | – |" in page
    assert "| shop, with an answer | 75% | 0% | 0% | 25% | 0% |" in page
    (tmp_path / "page.md").write_text(f"{page}\n{BY_HAND}\n\nA figure.\n")
    write_page(tmp_path / "page.md", figures, ends, {}, {})
    assert (tmp_path / "page.md").read_text().endswith(f"\n{BY_HAND}\n\nA figure.\n")
    assert {one.name for one in (tmp_path / "page").iterdir()} == {"shop-reliability.svg", "shop-risk.svg"}
