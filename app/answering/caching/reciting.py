"""An answer that was given before, tried on the passages of this turn and said again."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from app.answering.caching.store import CachedAnswer
from app.answering.evidence import Evidence
from app.answering.sentencing import Cutter
from app.answering.writing import Answer
from app.llm.types import Model, Options, Part, Prompt, Stop, Text, Usage

MARKERS = re.compile(r"\[(\d{1,3})\](?!\()")
Kind = Literal["exact", "semantic"]


@dataclass(frozen=True, slots=True)
class Recited:
    """Says again what was said."""

    text: str
    name: str = "cache"

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:  # noqa: ARG002  # as every model
        """The answer in one piece; it takes no tokens."""
        yield Text(self.text)
        yield Usage(0, 0)
        yield Stop("stop")


@dataclass(frozen=True, slots=True)
class Recalled:
    """An answer that fits, as somebody who can write it."""

    answer_id: str
    kind: Kind
    similarity: float
    writer: Model

    def record(self) -> dict[str, object]:
        """What the turn's record says about it."""
        return {"kind": self.kind, "similarity": round(self.similarity, 4), "answer_id": self.answer_id}


def whole(answer: Answer) -> bool:
    """Whether all that the last writer said held, and nobody else had a hand in it."""
    last = [verdict for verdict in answer.last_hand if verdict.is_claim]
    held = bool(last) and all(verdict.kept for verdict in last) and len(answer.supported) == len(last)
    return held and not (answer.abstained or answer.refused or answer.redaction.hidden)


def agree(given: CachedAnswer, fresh: Answer) -> bool:
    """Whether an answer written anew rests on at least one passage that the cached one rests on."""
    rests_on = {fresh.evidence.passages[citation.number - 1].id for citation in fresh.citations}
    return bool(fresh.supported) and not rests_on.isdisjoint(given.passages.values())


def fitting(answer: CachedAnswer, kind: Kind, similarity: float, blank: Answer) -> Recalled | None:
    """The answer in this turn's numbers, when the passages it cites were found again and carry every sentence."""
    text = _renumbered(answer, blank.evidence)
    return Recalled(answer.id, kind, similarity, Recited(text)) if text and _holds(text, blank) else None


def _renumbered(answer: CachedAnswer, evidence: Evidence) -> str:
    places = {passage.id: number for number, passage in enumerate(evidence.passages, start=1)}
    if not set(answer.passages.values()) <= places.keys():
        return ""
    return MARKERS.sub(lambda match: f"[{places[answer.passages[int(match[1])]]}]", answer.text)


def _holds(text: str, blank: Answer) -> bool:
    tried = Answer("", blank.evidence, blank.hosts, blank.redaction)
    cutter = Cutter()
    for sentence in (*cutter.feed(text), *cutter.flush()):
        tried.take(sentence)
    return whole(tried)
