"""Which of a message's questions each sentence answers: those that found what it cites and whose words it says."""

from collections.abc import Mapping
from dataclasses import replace

from app.answering.deciding.basis import Checked, checked
from app.answering.evidence import Evidence
from app.answering.grounding import Verdict
from app.answering.statements import read
from app.answering.understanding.finding import Understood
from app.answering.writing import Answer


def apportioned(answer: Answer, understood: Understood) -> tuple[Checked, ...]:
    """The verdicts as they are stored, each with the places of its questions where the message asks several."""
    found = checked(answer.standing)
    if not understood.several:
        return found
    silent = {understood.tried[place] for place in answer.unanswered or ()}
    parts = [_parts_of(one, understood, answer.evidence, silent) for one in answer.standing]
    if answer.unanswered is not None:
        # Its writer says that this question is answered: then by what stands there for another one.
        for place in set(understood.tried) - silent - {place for places in parts for place in places}:
            parts = [(*places, place) for places in parts]
    return tuple(replace(one, parts=places) for one, places in zip(found, parts, strict=True))


def _parts_of(verdict: Verdict, understood: Understood, evidence: Evidence, silent: set[int]) -> tuple[int, ...]:
    """A dropped sentence lowers every question that was tried, but what declines one says nothing of the others."""
    speaking = tuple(place for place in understood.tried if place not in silent)
    if verdict.reason == "refusal":
        return ()
    if not verdict.kept or len(speaking) == 1:
        return speaking
    cited = {citation.number for citation in verdict.citations}
    numbers = dict(zip(understood.tried, understood.numbers, strict=True))
    holding = [place for place in speaking if cited & set(numbers[place])]
    said = read(verdict.text).stems.union(*(evidence.contexts[number - 1].stems for number in cited))
    spoken = [place for place in holding if len(holding) == 1 or _own_words(place, understood) & said]
    return tuple(spoken or _nearest(cited, {place: numbers[place] for place in holding}) or speaking)


def _own_words(place: int, understood: Understood) -> frozenset[str]:
    """The words of one question that no other question of the message says."""
    others = (read(one.said).stems for at, one in enumerate(understood.parts) if at != place)
    return read(understood.parts[place].said).stems.difference(*others)


def _nearest(cited: set[int], holding: Mapping[int, tuple[int, ...]]) -> list[int]:
    """The questions in whose own order what is cited stands first."""
    ranks = {place: min(own.index(number) for number in cited & set(own)) for place, own in holding.items()}
    return [place for place, rank in ranks.items() if rank == min(ranks.values())]
