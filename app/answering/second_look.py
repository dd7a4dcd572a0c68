"""A second look at what was written: whether it answers what was asked shows best in the answer itself.

The search says what was found, the sentence check that what is said stands there; neither says that it is to the point.
Our reader reads each question beside what was said to it. docs/reader.md has what that is worth.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from app.answering.deciding.basis import Checked
from app.answering.markers import unmarked
from app.answering.tongues import is_foreign
from app.answering.understanding.finding import Understood
from app.answering.writing import Answer
from app.errors import Unavailable
from app.knowledge.reranking import Reader
from app.knowledge.types import Passage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Looks with our own reader, which reads English; without one nothing more is known."""

    reader: Reader | None = None

    async def at(self, understood: Understood, answer: Answer, sentences: Sequence[Checked]) -> tuple[float, ...]:
        """For each question of the message, how probably what was said to it answers it; none where nobody looked."""
        if self.reader is None or not answer.supported or is_foreign(understood.whole):
            return ()
        parts = [(one.question, _said(answer, sentences, place)) for place, one in enumerate(understood.parts)]
        if not understood.several:
            parts = [(understood.parts[0].question, _said(answer, sentences, None))]
        try:
            return tuple(await asyncio.to_thread(_looked, self.reader, parts))
        except Unavailable as error:
            log.warning("no second look at this answer: %s", error.detail)
            return ()


def _looked(reader: Reader, parts: Sequence[tuple[str, str]]) -> list[float]:
    readings = [reader.read(question, [_as_passage(said)])[0] for question, said in parts]
    return [round(one.answers, 4) for one in readings]


def _said(answer: Answer, sentences: Sequence[Checked], place: int | None) -> str:
    rows = zip(answer.standing, sentences, strict=True)
    return " ".join(unmarked(one.text)[0] for one, of in rows if one.kept and (place is None or place in of.parts))


def _as_passage(said: str) -> Passage:
    return Passage("answer", "answer", 1, "", "", "", said, 0, len(said))
