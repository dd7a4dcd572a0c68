"""Whether an answer to a question of the sets is right: by reading it, where it was read, else by the set's judgement.

docs/evaluation/judged/answers.jsonl holds for each question and the documents that its answer cited a grade: it gives
the "whole" of what was asked, a "part" of it, something "near" it on the same subject, or "none". The first two count
as right. The sets mark one document for most questions, and more than half of the answers of feedbackqa that cite
another one are right all the same.
"""

import json
from functools import cache
from pathlib import Path

from scripts.asking_sets import Asked

PLACE = Path(__file__).resolve().parents[1] / "docs" / "evaluation" / "judged" / "answers.jsonl"
RIGHT = ("whole", "part")
Key = tuple[str, str, tuple[str, ...]]


def right(row: Asked) -> bool:
    """The grade of whoever read it; an answer that nobody read counts as right when it cites the judged document."""
    grade = grades().get((row.set, row.id, row.cited))
    return row.right if grade is None else grade in RIGHT


@cache
def grades() -> dict[Key, str]:
    """All that were read."""
    rows = [json.loads(line) for line in PLACE.read_text(encoding="utf-8").splitlines()] if PLACE.exists() else []
    return {(row["set"], row["id"], tuple(row["cited"])): row["grade"] for row in rows}
