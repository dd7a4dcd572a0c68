"""Turns the windows that carry a sentence into citations of the exact spans of their passages."""

from collections.abc import Sequence

from app.answering.events import Citation
from app.answering.evidence import Evidence, Window


def citations_of(windows: Sequence[Window], evidence: Evidence) -> tuple[Citation, ...]:
    """One citation for each stretch of a passage; stretches that touch become one."""
    stretches: list[tuple[int, int, int]] = []
    for number, start, end in sorted({(window.number, window.start, window.end) for window in windows}):
        text = evidence.passages[number - 1].text
        last = stretches[-1] if stretches else None
        if last and last[0] == number and (start <= last[2] or not text[last[2] : start].strip("\n \t-*0123456789.")):
            stretches[-1] = (number, last[1], max(last[2], end))
        else:
            stretches.append((number, start, end))
    return tuple(_citation(number, start, end, evidence) for number, start, end in stretches)


def _citation(number: int, start: int, end: int, evidence: Evidence) -> Citation:
    passage = evidence.passages[number - 1]
    return Citation(
        number=number,
        document_id=passage.document_id,
        version=passage.version,
        title=passage.title,
        url=passage.url,
        heading=passage.heading,
        start=passage.start + start,
        end=passage.start + end,
        quote=passage.text[start:end],
    )
