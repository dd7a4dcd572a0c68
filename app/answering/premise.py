"""What a reader is shown beside a claim: the sentences of the passages that have most to do with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from app.answering.evidence import Evidence, Line
from app.answering.statements import Statement

ROOM = 95
"""Words; with the longest claim about as many tokens as the reader was taught with."""
HEADING = 8
"""Words of a title that stand before what was taken from under it, counted from its end."""
AGAIN = 0.3
"""What a word counts that an earlier sentence holds already, beside one that none holds."""


@dataclass(slots=True)
class _Chosen:
    """Places of lines, as they are taken, within the room that is left."""

    lengths: Sequence[int]
    left: int = ROOM
    places: list[int] = field(default_factory=list)

    def take(self, place: int) -> bool:
        """Take this line if there is room for it; the first one is taken however long it is."""
        if place in self.places or (self.places and self.lengths[place] > self.left):
            return False
        self.places.append(place)
        self.left -= self.lengths[place]
        return True


def premise(claim: Statement, evidence: Evidence, number: int | None = None) -> str:
    """The sentences that hold most of the claim's weight, then their neighbours, then others while there is room.

    They stand in reading order, each passage's behind the end of its title. With a number, those of one passage.
    """
    places = range(len(evidence.passages)) if number is None else (number - 1,)
    lines = [(passage, line) for passage in places for line in evidence.lines[passage]]
    chosen = _Chosen([len(line.statement.sequence) for _, line in lines])
    _take_best(claim, evidence, [line for _, line in lines], chosen)
    for place in list(chosen.places):
        for beside in (place - 1, place + 1):
            if 0 <= beside < len(lines) and lines[beside][0] == lines[place][0]:
                chosen.take(beside)
    for place in range(len(lines)):
        chosen.take(place)
    taken = [lines[place] for place in sorted(chosen.places)]
    return " ".join(
        _under(evidence, passage, [line for _, line in group]) for passage, group in groupby(taken, lambda one: one[0])
    )


def _take_best(claim: Statement, evidence: Evidence, lines: Sequence[Line], chosen: _Chosen) -> None:
    held = [line.statement.stems & claim.stems for line in lines]
    rest, covered = [place for place, shared in enumerate(held) if shared], set[str]()
    while rest and chosen.left > 0:
        best = max(
            rest,
            key=lambda place: (evidence.weigh(held[place] - covered) + AGAIN * evidence.weigh(held[place]), -place),
        )
        rest.remove(best)
        if chosen.take(best):
            covered |= held[best]


def _under(evidence: Evidence, passage: int, lines: Sequence[Line]) -> str:
    source = evidence.passages[passage]
    above = " ".join(" ".join(part for part in (source.title, source.heading) if part).split()[-HEADING:])
    said = " ".join(source.text[line.start : line.end].strip() for line in lines)
    return f"{above}: {said}" if above else said
