"""Measures whole answers: every question through a whole turn, and what came of it against what is known."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import AppError
from app.knowledge.types import Found

SHOWN = frozenset({"answer", "caveat"})
DEEP = 20  # hits that are looked at for the best documents of a question that nothing was cited for
Ask = Callable[[str], Awaitable[Mapping[str, Any]]]
Search = Callable[[str, int], Awaitable[Found]]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """Asks, and names documents as the test set does."""

    ask: Ask
    search: Search
    names: Mapping[str, str]

    async def rows(self, questions: Mapping[str, str]) -> AsyncIterator[Row]:
        """{id, decision, probability, documents[]} for each question: those cited or, if none, best first."""
        for name, text in questions.items():
            yield {"id": name, **await self._row(text)}

    async def _row(self, text: str) -> Row:
        try:
            said = await self.ask(text)
        except AppError as error:
            # Whoever gets no answer is one for a person.
            return {"decision": "escalate", "probability": 0.0, "documents": [], "error": error.detail}
        cited = [citation["document_id"] for citation in said["citations"]]
        documents = cited or [hit.passage.document_id for hit in (await self.search(text, DEEP)).hits]
        named = dict.fromkeys(self.names[document] for document in documents)
        return {"decision": said["decision"], "probability": said["probability"] or 0.0, "documents": list(named)}


def summary(
    rows: Sequence[Row], judgements: Mapping[str, Mapping[str, int]], answerable: Mapping[str, bool]
) -> dict[str, Any]:
    """How often each decision was made; with labels also how right the first document and the probability are."""
    names = [row["decision"] for row in rows]
    counted: dict[str, Any] = {name: names.count(name) for name in sorted(set(names))}
    judged = [row for row in rows if any(judgements.get(row["id"], {}).values())]
    if judged:
        right = sum(judgements[row["id"]].get((row["documents"] or [""])[0], 0) > 0 for row in judged)
        counted["first_document_right"] = round(right / len(judged), 4)
    labelled = [(row["probability"], answerable[row["id"]]) for row in rows if row["id"] in answerable]
    if {label for _, label in labelled} == {True, False}:
        shown = [answerable[row["id"]] for row in rows if row["id"] in answerable and row["decision"] in SHOWN]
        counted["auroc"] = round(auroc(labelled), 4)
        counted["answered_share"] = round(len(shown) / len(labelled), 4)
        counted["answered_rightly"] = round(sum(shown) / len(shown), 4) if shown else None
    return counted


def auroc(scored: Sequence[tuple[float, bool]]) -> float:
    """The chance that an answerable question has a higher probability than another; equal ones count half."""
    ordered = sorted(scored)
    ranks: dict[float, list[int]] = {}
    for rank, (score, _) in enumerate(ordered, start=1):
        ranks.setdefault(score, []).append(rank)
    positives = sum(label for _, label in scored)
    total = sum(sum(ranks[score]) / len(ranks[score]) for score, label in scored if label)
    return (total - positives * (positives + 1) / 2) / (positives * (len(scored) - positives))
