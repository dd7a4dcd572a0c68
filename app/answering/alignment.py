"""Lays a claim beside the sentence it was taken from and finds what was exchanged: a number, a name, a negation."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from app.answering.amounts import number
from app.answering.statements import CONTRARIES, Statement, carries_meaning, denies

Slip = Literal["", "number", "name", "negation", "contrary"]

Words = tuple[str, ...]
Step = tuple[str, int, int, int, int]

NEAR_COPY = 0.55  # of the claim's words found in the source in order; below, the order of words says nothing
COPY = 0.75  # from here on, whatever stands in the place of a name is meant as a name
LONGEST_EXCHANGE = 4  # words; a longer one is another clause, not a slip


def slip(claim: Statement, said: Sequence[Statement], subject: frozenset[str] = frozenset()) -> Slip:
    """The first exchange that changes the meaning, if the claim is nearly a copy of what was said.

    `subject` are the words of the title and headings: at its beginning a claim may name what the page is about.
    """
    source, steps = _laid_beside(claim, said)
    same = _kept(steps)
    if not claim.sequence or same < NEAR_COPY * len(claim.sequence):
        return ""
    names = frozenset[str]().union(*(one.names for one in said))
    strict = same >= COPY * len(claim.sequence)
    for at, (was, became) in _exchanges(source, claim.sequence, steps):
        claimed = claim.names if at else claim.names - subject
        found = _judged(was, became, claimed, names, claim.sequence if not strict else ())
        if found:
            return found
    return ""


def copied(claim: Statement, said: Sequence[Statement]) -> float:
    """The share of the claim that is what was said, word for word and in its order."""
    return _kept(_laid_beside(claim, said)[1]) / max(1, len(claim.sequence))


def _laid_beside(claim: Statement, said: Sequence[Statement]) -> tuple[Words, Sequence[Step]]:
    source = tuple(word for one in said for word in one.sequence)
    return source, SequenceMatcher(None, source, claim.sequence, autojunk=False).get_opcodes()


def _kept(steps: Sequence[Step]) -> int:
    return sum(end - start for step, _, _, start, end in steps if step == "equal")


def _exchanges(source: Words, claimed: Words, steps: Sequence[Step]) -> Iterator[tuple[int, tuple[Words, Words]]]:
    """Short stretches of the source, and what stands in their place. What the source has around them is left out."""
    for at, (step, start, end, claim_start, claim_end) in enumerate(steps):
        was, became = source[start:end], claimed[claim_start:claim_end]
        if at == 0:
            was = was[len(was) - len(became) :] if len(was) > len(became) else was
        elif at + 1 == len(steps):
            was = was[: len(became)]
        if step != "equal" and max(len(was), len(became)) <= LONGEST_EXCHANGE:
            yield at, (was, became)


def _judged(was: Words, became: Words, claimed: frozenset[str], names: frozenset[str], elsewhere: Words) -> Slip:
    """What is wrong with an exchange. `claimed` are the claim's own names; what is `elsewhere` in it is not gone."""
    if sum(map(denies, was)) % 2 != sum(map(denies, became)) % 2:
        return "negation"
    gone, new = set(was) - set(became) - set(elsewhere), set(became) - set(was)
    if any(map(number, gone)) and any(map(number, new)):
        return "number"
    if new & claimed and (gone & names or (not elsewhere and any(map(carries_meaning, gone)))):
        return "name"
    if any(CONTRARIES.get(word, frozenset()) & gone for word in new):
        return "contrary"
    return ""
