"""What a correction says to the customer: drafted for an agent, who sends, edits or discards it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.answering.wording import Wording

LONGEST_QUOTE = 400


@dataclass(frozen=True, slots=True)
class Span:
    """What was cited, and what stands there now; `now_version` is none where nothing does."""

    message_id: str
    document_id: str
    version: int
    start: int
    end: int
    title: str
    url: str
    quote: str
    now_version: int | None = None
    now_start: int = 0
    now_end: int = 0
    now_quote: str = ""

    @property
    def alone(self) -> "Span":
        """Without what stands there now."""
        return replace(self, now_version=None, now_start=0, now_end=0, now_quote="")


def correction_of(spans: Sequence[Span], words: Wording) -> tuple[str, list[dict[str, Any]]]:
    """The text of one message about all of these, each said once, and the citations of what holds now."""
    said: list[str] = []
    citations: list[dict[str, Any]] = []
    for span in {(one.quote, one.now_quote): one for one in spans}.values():
        if span.now_version is None:
            said.append(words.withdrawn.format(old=_plain(span.quote)))
            continue
        citations.append(_citation(len(citations) + 1, span))
        now = f"{_plain(span.now_quote)} [{len(citations)}]"
        said.append(words.corrected.format(old=_plain(span.quote), new=now))
    return "\n\n".join([words.correcting, *said]), citations


def _citation(number: int, span: Span) -> dict[str, Any]:
    place = {"document_id": span.document_id, "version": span.now_version, "title": span.title, "url": span.url}
    where = {"heading": "", "start": span.now_start, "end": span.now_end, "quote": span.now_quote}
    return {"number": number, **place, **where}


def _plain(quote: str) -> str:
    """A quote within a sentence: in one line, without marks of lists and headings, and not too long."""
    words = " ".join(word for word in quote.split() if word.strip("#>*-|"))
    return words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1] + "…"
