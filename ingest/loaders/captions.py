"""SRT and VTT: what was said, a section for each minute, so that an answer can name the moment."""

import re
from collections.abc import Iterator

from app.knowledge.readings import Reading
from ingest.loaders.encoding import normal
from ingest.loaders.plain import title_from
from ingest.loaders.refusal import Refused

_TIMES = re.compile(r"^\s*(?:(\d+):)?(\d{1,2}):\d{2}[.,]\d{1,3}\s+-->\s")
_SPEAKER = re.compile(r"<v(?:\.[^\s<>]{0,50})?\s+([^<>]{1,100})>")
_MARK = re.compile(r"</?[a-zA-Z0-9][^<>\n]{0,100}>|\{\\[^{}\n]{0,100}\}")


def load(name: str, text: str) -> Iterator[Reading | Refused]:
    """One document."""
    minutes: dict[int, list[str]] = {}
    for minute, said in _cues(text.replace("\r\n", "\n")):
        lines = minutes.setdefault(minute, [])
        if said not in lines[-1:]:  # captions that roll say each line twice
            lines.append(said)
    body = normal("\n\n".join(f"## {_clock(minute)}\n\n{' '.join(lines)}" for minute, lines in minutes.items()))
    if body:
        yield Reading(name, title_from(name), body)


def _cues(text: str) -> Iterator[tuple[int, str]]:
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.strip("\n").split("\n")
        place = next((place for place, line in enumerate(lines) if _TIMES.match(line)), None)
        times = _TIMES.match(lines[place]) if place is not None else None
        if place is None or times is None:
            continue
        said = _MARK.sub("", _SPEAKER.sub(r"\1: ", " ".join(lines[place + 1 :])))
        if said.strip():
            yield int(times[1] or 0) * 60 + int(times[2]), " ".join(said.split())


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}:00"
