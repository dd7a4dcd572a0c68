"""Measures the checks on labelled rows: JSON lines in, JSON lines out, one row for each.

`evaluate` is what `answerdesk eval grounding|redaction|rendering|screening` runs. Each check is a function of a row.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from app.answering.evidence import Evidence
from app.answering.groundedness import as_passages, overall, sentence_scores
from app.errors import Invalid
from app.knowledge.reranking import ClaimReader
from app.knowledge.types import Passage
from app.safety.links import Hosts
from app.safety.personal import find
from app.safety.rendering import render
from app.safety.screening import screen

Row = Mapping[str, Any]
Check = Callable[[Row], dict[str, Any]]
CHECKS = ("grounding", "redaction", "rendering", "screening")


def evaluate(
    name: str, source: Path, target: Path, allowed: tuple[str, ...] = (), reader: ClaimReader | None = None
) -> int:
    """Check every row of a file and write the results; returns how many. Raises `Invalid` naming the line at fault."""
    check = _check(name, allowed, reader)
    count = 0
    with target.open("w", encoding="utf-8") as out:
        for number, row in _rows(source):
            result = {"id": row.get("id"), **_checked(check, row, f"{source}, line {number}")}
            out.write(json.dumps(result, ensure_ascii=False) + "\n")
            count += 1
    return count


def _checked(check: Check, row: Row, place: str) -> dict[str, Any]:
    try:
        return check(row)
    except (KeyError, TypeError, AttributeError) as error:
        message = f"{place}: a field that this check needs is missing or has another form ({error})."
        raise Invalid(message) from error


def grounding(row: Row, reader: ClaimReader | None = None) -> dict[str, Any]:
    """{context or passages[], claim or answer} → {score, sentences[{text, score, supported}]}."""
    given = row["passages"] if row.get("passages") else as_passages(row["context"])
    texts = [one["text"] if isinstance(one, Mapping) else one for one in given]
    evidence = Evidence.of([_passage(number, text) for number, text in enumerate(texts)], reader=reader)
    scores = sentence_scores(row["claim"] if row.get("claim") is not None else row["answer"], evidence)
    said = [{"text": one.text, "score": one.score, "supported": one.supported} for one in scores]
    return {"score": round(overall([one.score for one in scores]), 4), "sentences": said}


def redaction(row: Row) -> dict[str, Any]:
    """{text} → {spans[{start, end, type}]}, in code points."""
    return {"spans": [{"start": span.start, "end": span.end, "type": span.type} for span in find(row["text"])]}


def rendering(row: Row, hosts: Hosts) -> dict[str, Any]:
    """{text} → {html}: exactly what a page would insert for this answer."""
    return {"html": render(row["text"], hosts)}


def screening(row: Row) -> dict[str, Any]:
    """{text, kind: question or passage} → {score, flagged}."""
    seen = screen(row["text"], "passage" if row.get("kind") == "passage" else "question")
    return {"score": seen.score, "flagged": seen.flagged}


def _check(name: str, allowed: tuple[str, ...], reader: ClaimReader | None) -> Check:
    hosts = Hosts.of(allowed)
    checks: dict[str, Check] = {
        "grounding": lambda row: grounding(row, reader),
        "redaction": redaction,
        "rendering": lambda row: rendering(row, hosts),
        "screening": screening,
    }
    if name not in checks:
        raise Invalid(f"There is no check called {name}. Choose one of {', '.join(CHECKS)}.")
    return checks[name]


def _rows(source: Path) -> Iterator[tuple[int, Row]]:
    if not source.is_file():
        raise Invalid(f"{source} does not exist. Give a file with one JSON object a line.")
    with source.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, _object(line, source, number)


def _object(line: str, source: Path, number: int) -> Row:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise Invalid(f"{source}, line {number}: this is not JSON ({error.msg}).") from error
    if not isinstance(row, dict):
        raise Invalid(f"{source}, line {number}: expected a JSON object.")
    return row


def _passage(number: int, text: str) -> Passage:
    return Passage(str(number), str(number), 1, "", "", "", text, 0, len(text))
