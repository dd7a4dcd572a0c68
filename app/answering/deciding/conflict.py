"""Where two documents say different things of the same: named to the customer, never averaged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.answering.amounts import number
from app.answering.citing import citations_of
from app.answering.events import Citation
from app.answering.evidence import Evidence, Line, Window
from app.answering.statements import Statement

Kind = Literal["number", "negation"]
SHARED = 2  # content words that both must have
HALF = 0.5  # the shorter statement says at least this share of what the longer one does


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two spans of different documents that cannot both be right."""

    kind: Kind
    first: Citation
    second: Citation


def conflict_in(cited: Sequence[Citation], evidence: Evidence, asked: frozenset[str]) -> Conflict | None:
    """The first conflict between what an answer cites and another passage. `asked`: the question's stems."""
    for number_cited, line in _cited(cited, evidence):
        for place, passage in enumerate(evidence.passages, 1):
            if passage.document_id == evidence.passages[number_cited - 1].document_id:
                continue
            for other in evidence.lines[place - 1]:
                kind = differs(line.statement, other.statement)
                open_words = asked - (line.statement.stems & other.statement.stems)
                if kind and _same_subject(evidence, number_cited, place, open_words):
                    return Conflict(kind, _citation(number_cited, line, evidence), _citation(place, other, evidence))
    return None


def differs(one: Statement, other: Statement) -> Kind | None:
    """Whether two statements about the same give another number, or one denies what the other says.

    They are about the same when all that one speaks of the other does too, and both name the same names.
    """
    mine, theirs = _topic(one), _topic(other)
    smaller, larger = sorted((mine, theirs), key=len)
    if not smaller <= larger or len(smaller) < max(SHARED, HALF * len(larger)) or one.names != other.names:
        return None
    if _amounts_differ(one, other):
        return "number"
    same_amounts = {amount.value for amount in one.amounts} == {amount.value for amount in other.amounts}
    return "negation" if same_amounts and _turned(one, other) else None


def _topic(said: Statement) -> frozenset[str]:
    values = {amount.value for amount in said.amounts}
    return frozenset(one for one in said.stems if one not in values and not number(one))


def _amounts_differ(one: Statement, other: Statement) -> bool:
    """One amount each, of the same unit, and another value."""
    if len(one.amounts) != 1 or len(other.amounts) != 1:
        return False
    (mine,), (theirs,) = one.amounts, other.amounts
    return mine.unit == theirs.unit and mine.value != theirs.value


def _turned(one: Statement, other: Statement) -> bool:
    """What one denies, the other affirms of just the same words."""
    mine = one.heads & other.affirmed
    theirs = other.heads & one.affirmed
    return bool(mine) != bool(theirs) and _topic(one) == _topic(other)


def _same_subject(evidence: Evidence, one: int, other: int, asked: frozenset[str]) -> bool:
    """Whether the titles and headings above both hold the same of what was asked and neither statement settles."""
    return evidence.contexts[one - 1].stems & asked == evidence.contexts[other - 1].stems & asked


def _cited(cited: Sequence[Citation], evidence: Evidence) -> Iterator[tuple[int, Line]]:
    for citation in cited:
        passage = evidence.passages[citation.number - 1]
        start, end = citation.start - passage.start, citation.end - passage.start
        for line in evidence.lines[citation.number - 1]:
            if start <= line.start and line.end <= end:
                yield citation.number, line


def _citation(place: int, line: Line, evidence: Evidence) -> Citation:
    return citations_of([Window(place, (line,), evidence.contexts[place - 1], 1.0)], evidence)[0]
