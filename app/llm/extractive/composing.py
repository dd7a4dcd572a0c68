"""Puts an answer together from scored units: one procedure, or a few sentences that belong together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.language import words
from app.llm.extractive.scoring import Asked, Scored, terms
from app.llm.extractive.units import Unit, rows

MOST_WORDS = 120
MOST_SENTENCES = 6
MOST_ITEMS = 8
MOST_ROWS = 8
NEAR = 0.82  # of the best score: what else of the same article belongs into the answer
NEAR_ELSEWHERE = 0.92  # the same for another article, in score and in meaning, and for what stands before the best
NEAR_STEPS = 0.85
SPOKEN_OF = 0.85  # of the best coverage
SAME = 0.7  # of the words shared: said before
_LEANS = re.compile(
    r"(?:it|its|this|that|these|those|they|their|them|he|she|such|then|there|here|however|but|and|or|so|also|otherwise"
    r"|instead|therefore|thus|moreover|in addition|for example|for instance|both|neither"
    r"|in (?:this|that|these|those|such|both|either) (?:case|way|situation)s?"
    r"|after (?:that|this|doing)|once (?:done|this|that)|the (?:same|latter|former|other|second|third))\b",
    re.IGNORECASE,
)


def compose(asked: Asked, found: Sequence[Unit], ranked: Sequence[Scored]) -> list[Unit]:
    """The units of the answer in the order in which they are read; none when there is nothing to quote.

    Whether they answer is not judged here: the decision does, by all that is known of the search. A least meaning that
    stood here kept back what three of four questions in customers' own words had found (docs/evaluation.md).
    """
    if not ranked:
        return []
    steps = _procedure(asked, found, ranked) if asked.wants_instruction else []
    return steps or _selection(asked, found, ranked)


def _procedure(asked: Asked, found: Sequence[Unit], ranked: Sequence[Scored]) -> list[Unit]:
    """The steps of the section that answers best, with the sentence before them, whole and in order."""
    near = [one for one in ranked if one.score >= NEAR_STEPS * ranked[0].score]
    for one in near:
        section = [unit for unit in found if unit.section == one.unit.section]
        steps = next((unit for unit in section if unit.kind == "steps"), None)
        if steps and _leads_there(steps, asked, ranked[0]):
            opening = [one.unit] if one.unit.kind == "sentence" and one.unit.place < steps.place else []
            return [*_leaned_on(opening, section), *_continued(steps, found)]
    return []


def _leads_there(steps: Unit, asked: Asked, best: Scored) -> bool:
    """Whether these are steps towards what is asked: steps towards the contrary look much the same."""
    return asked.coverage(steps) >= SPOKEN_OF * best.coverage


def _continued(steps: Unit, found: Sequence[Unit]) -> list[Unit]:
    """The steps, and those that another excerpt of the same article goes on with."""
    place = (steps.title, steps.heading)
    others = [unit for unit in found if unit.kind == "steps" and (unit.title, unit.heading) == place]
    following = next((unit for unit in others if unit.first == steps.last + 1), None)
    return [steps, *_continued(following, found)] if following else [steps]


def _selection(asked: Asked, found: Sequence[Unit], ranked: Sequence[Scored]) -> list[Unit]:
    """The best unit, what comes near it, what they lean on, and what goes on from the best."""
    best = ranked[0].unit
    chosen = [best]
    for one in ranked[1:]:
        astray = one.unit.kind == "steps" and not _leads_there(one.unit, asked, ranked[0])
        astray = astray or not _speaks_of_it(one.unit, best, asked)
        if _near(one, ranked[0]) and not astray and _fits(one.unit, chosen) and not _said(one.unit, chosen):
            chosen.append(one.unit)
    for unit in _following(best, found, how=asked.wants_instruction):
        if _fits(unit, chosen) and not _said(unit, chosen):
            chosen.append(unit)
    sections = list(dict.fromkeys(unit.section for unit in chosen))
    whole = sorted(_leaned_on(chosen, found), key=lambda unit: (sections.index(unit.section), unit.place))
    return [_shortened(unit, asked) for unit in _opened(whole)]


def _near(one: Scored, best: Scored) -> bool:
    earlier = one.unit.section == best.unit.section and one.unit.place < best.unit.place
    if earlier:  # it would be read first
        return one.score >= NEAR_ELSEWHERE * best.score
    if one.unit.title == best.unit.title:
        return one.score >= NEAR * best.score
    return one.score >= NEAR_ELSEWHERE * best.score and one.meaning >= NEAR_ELSEWHERE * best.meaning


def _speaks_of_it(unit: Unit, best: Unit, asked: Asked) -> bool:
    """Whether what stands in another article holds words of the question itself, and not only under such a heading."""
    return unit.title == best.title or bool(asked.weights.keys() & terms(unit.text))


def _opened(whole: Sequence[Unit]) -> list[Unit]:
    """An answer begins with a sentence: a table or code that nothing announces comes after the first that stands alone.

    What belongs to one paragraph stays together, because only what stands before is moved.
    """
    bare = whole[0].kind in ("code", "table") and not whole[0].lead
    opening = next((unit for unit in whole if unit.kind == "sentence"), None) if bare else None
    if opening is None or _LEANS.match(opening.pieces[0].lstrip("*_")):
        return list(whole)
    together = [unit for unit in whole if (unit.section, unit.paragraph) == (opening.section, opening.paragraph)]
    return [*together, *(unit for unit in whole if unit not in together)]


def _following(best: Unit, found: Sequence[Unit], *, how: bool) -> Iterator[Unit]:
    """What the best sentence goes on with in its paragraph, and the code that it announces."""
    for unit in found:
        after = unit.place - best.place if unit.section == best.section and best.kind == "sentence" else 0
        goes_on = unit.kind == "sentence" and unit.paragraph == best.paragraph and after in (1, 2)
        if goes_on or (how and unit.kind == "code" and after == 1):
            yield unit


def _leaned_on(chosen: Sequence[Unit], found: Sequence[Unit]) -> list[Unit]:
    """With each sentence that begins with "It", "This" or "However", the one before it that says what is meant."""
    whole = dict.fromkeys(chosen)
    for unit in chosen:
        leaning = unit
        while leaning.kind == "sentence" and _LEANS.match(leaning.pieces[0].lstrip("*_")):
            before = [one for one in found if one.section == leaning.section and one.place == leaning.place - 1]
            if not before or before[0].kind != "sentence":
                break
            leaning = before[0]
            whole[leaning] = None
    return list(whole)


def _fits(unit: Unit, chosen: Sequence[Unit]) -> bool:
    said = sum(len(words(one.text)) for one in chosen)
    return len(chosen) < MOST_SENTENCES and said + len(words(unit.text)) <= MOST_WORDS


def _said(unit: Unit, chosen: Sequence[Unit]) -> bool:
    """Whether one of the chosen says nearly the same."""
    mine = terms(unit.text)
    return unit in chosen or any(
        len(mine & theirs) >= SAME * min(len(mine), len(theirs)) for theirs in (terms(one.text) for one in chosen)
    )


def _shortened(unit: Unit, asked: Asked) -> Unit:
    """Of a long table or bulleted list, the rows or items that share words with the question, if any do."""
    head, body = rows(unit) if unit.kind == "table" else ((), unit.pieces)
    if unit.kind not in ("table", "list") or len(body) <= (MOST_ROWS if unit.kind == "table" else MOST_ITEMS):
        return unit
    wanted = asked.weights.keys() - terms(f"{unit.title} {unit.heading} {unit.lead}")
    hits = tuple(piece for piece in body if wanted & terms(piece))
    return replace(unit, pieces=(*head, *hits)) if hits else unit
