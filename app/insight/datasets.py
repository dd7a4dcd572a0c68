"""Question sets with known answers, read strictly: what is wrong with one is refused, naming the line."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from app.errors import Invalid


def read_queries(path: Path) -> dict[str, str]:
    """The questions by their ids."""
    return {row["id"]: row["text"] for row in _rows(path, ("id", "text"))}


def read_labels(path: Path) -> dict[str, bool]:
    """Whether the knowledge base can answer each question, where that is said."""
    labels = {row["id"]: row.get("answerable") for row in _rows(path, ("id", "text"))}
    return {name: label for name, label in labels.items() if isinstance(label, bool)}


def check_corpus(path: Path) -> list[str]:
    """The ids of the documents; names the line of the first that is not right."""
    return [row["id"] for row in _rows(path, ("id", "text"))]


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """Grades of documents by question; none when there is no such file."""
    judgements: dict[str, dict[str, int]] = {}
    for number, line in _judged(path):
        cells = line.split("\t")
        if len(cells) != 3 or not cells[2].strip().lstrip("-").isdigit():  # noqa: PLR2004  # question, document, grade
            raise Invalid(
                f"{path.name}, line {number}: there must be a question, a document and a whole number, by tabs."
            )
        judgements.setdefault(cells[0], {})[cells[1]] = int(cells[2])
    return judgements


def check_judged(folder: Path, documents: Collection[str], queries: Collection[str]) -> None:
    """Raise `Invalid` naming the line that judges a document or a question that is not there.

    Documents of `removed_docs.txt` were taken out on purpose.
    """
    removed, path = read_removed(folder), folder / "qrels.tsv"
    for number, line in _judged(path):
        question, document = line.split("\t")[:2]
        if question not in queries:
            raise Invalid(f"{path.name}, line {number}: there is no question {question} in queries.jsonl.")
        if document not in documents and document not in removed:
            raise Invalid(f"{path.name}, line {number}: there is no document {document} in corpus.jsonl.")


def read_removed(folder: Path) -> frozenset[str]:
    """The documents that were taken out, so that some questions have no answer."""
    path = folder / "removed_docs.txt"
    return frozenset(path.read_text(encoding="utf-8").split()) if path.exists() else frozenset()


def _judged(path: Path) -> Iterator[tuple[int, str]]:
    """The numbered lines of judgements, the heading left out."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return ((number, line) for number, line in enumerate(lines[1:], start=2) if line.strip())


def _rows(path: Path, wanted: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file, each with these texts and an id of its own."""
    if not path.is_file():
        raise Invalid(f"There is no file {path}.")
    seen: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if line.strip():
            row = _row(path, number, line, wanted)
            if row["id"] in seen:
                raise Invalid(f"{path.name}, line {number}: the id {row['id']} was there before.")
            seen.add(row["id"])
            yield row


def _row(path: Path, number: int, line: str, wanted: tuple[str, ...]) -> dict[str, Any]:
    try:
        row: Any = json.loads(line)
    except ValueError as error:
        raise Invalid(f"{path.name}, line {number}: this is not valid JSON.") from error
    for name in wanted:
        if not isinstance(row, dict) or not isinstance(row.get(name), str) or not row[name].strip():
            raise Invalid(f"{path.name}, line {number}: “{name}” must be a text that is not empty.")
    return dict(row)
