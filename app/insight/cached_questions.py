"""Measures the cache on questions of which it is known which ask the same.

Each question is looked up among all others, in its own scope and from every neighbouring one. What counts are hits on
questions that ask something else, and hits from another scope.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.answering.caching.memory import Shelf
from app.answering.caching.phrasing import normal
from app.answering.caching.sameness import difference
from app.answering.caching.store import CachedAnswer, Scope
from app.errors import Invalid
from app.knowledge.types import Vectors

Embed = Callable[[list[str]], Vectors]
HERE = Scope("workspace", "public", "en", "prompt", "policy", "snapshot")
NEIGHBOURS = tuple(
    replace(HERE, **{name: "another"})
    for name in ("workspace_id", "audience", "locale", "prompt_version", "policy", "snapshot_id")
)
FIELDS = ("id", "text", "asks")


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What became of one question: which other one it was taken for, and whether that was right."""

    id: str
    taken_for: str | None
    kind: str | None
    similarity: float | None
    right: bool | None
    has_paraphrase: bool
    made: str


def evaluate_cache(source: Path, target: Path, embed: Embed, least: float) -> dict[str, Any]:
    """Look up every question of a file, write what became of each, and count. Raises `Invalid` naming a wrong line."""
    rows = list(_rows(source))
    looked_up = _look_up(rows, embed([row["text"] for row in rows]), least)
    with target.open("w", encoding="utf-8") as out:
        for one in looked_up:
            told = {name: getattr(one, name) for name in ("id", "taken_for", "kind", "similarity", "right")}
            out.write(json.dumps(told) + "\n")
    return _figures(looked_up) | {
        "cross_scope_lookups": len(rows) * len(NEIGHBOURS),
        "cross_scope_hits": _crossed(rows),
    }


def _look_up(rows: Sequence[Mapping[str, str]], vectors: Vectors, least: float) -> list[LookedUp]:
    answers = [
        CachedAnswer(normal(row["text"]), row["text"], "", {}, vectors[at], row["id"]) for at, row in enumerate(rows)
    ]
    paraphrases = Counter(row["asks"] for row in rows)
    asks = {row["id"]: row["asks"] for row in rows}
    full = Shelf()
    full.put(answers, frozenset(asks))
    return [_one(full, row, answers[at], asks, least, paraphrases) for at, row in enumerate(rows)]


def _one(  # a question among all others
    full: Shelf,
    row: Mapping[str, str],
    own: CachedAnswer,
    asks: Mapping[str, str],
    least: float,
    paraphrases: Counter[str],
) -> LookedUp:
    found = next(_hits(full, own, least), None)
    has, made = paraphrases[row["asks"]] > 1, row.get("made", "")
    if found is None:
        return LookedUp(row["id"], None, None, None, None, has, made)
    kind, cosine, answer = found
    return LookedUp(row["id"], answer.id, kind, round(cosine, 4), asks[answer.id] == row["asks"], has, made)


def _hits(full: Shelf, own: CachedAnswer, least: float) -> Iterator[tuple[str, float, CachedAnswer]]:
    """What the cache would give, were this question itself not in it."""
    if own.vector is None:
        return
    for cosine, answer in full.nearest(own.vector, least):
        if answer.id != own.id and answer.question == own.question:
            yield "exact", 1.0, answer
        elif answer.id != own.id and not difference(own.asked, answer.asked):
            yield "semantic", cosine, answer


def _crossed(rows: Sequence[Mapping[str, str]]) -> int:
    """Hits of the very same questions from another workspace, audience, locale, prompt, policy or snapshot."""
    kept = {(HERE.key, normal(row["text"])) for row in rows}
    return sum((scope.key, normal(row["text"])) in kept for row in rows for scope in NEIGHBOURS)


def _figures(looked_up: Sequence[LookedUp]) -> dict[str, Any]:
    false = [one for one in looked_up if one.right is False]
    return {
        "questions": len(looked_up),
        "pairs": len(looked_up) * (len(looked_up) - 1) // 2,
        "false_hits": len(false),
        "false_hit_rate": round(len(false) / max(1, len(looked_up)), 5),
        "hit_rate": {made or "all": _rate(looked_up, made) for made in sorted({one.made for one in looked_up})},
    }


def _rate(looked_up: Sequence[LookedUp], made: str) -> float:
    """The share of questions with a paraphrase in the cache that were answered from it rightly."""
    could = [one for one in looked_up if one.has_paraphrase and one.made == made]
    return round(sum(bool(one.right) for one in could) / max(1, len(could)), 4)


def _rows(source: Path) -> Iterator[Mapping[str, str]]:
    if not source.is_file():
        raise Invalid(f"{source} does not exist. Give a file with one question a line: id, text, asks.")
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            yield _row(line, f"{source}, line {number}")


def _row(line: str, place: str) -> Mapping[str, str]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise Invalid(f"{place}: this is not JSON ({error.msg}).") from error
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in FIELDS):
        raise Invalid(f"{place}: expected an object with the texts id, text and asks.")
    return row
