"""Asks a reader about claims on which the words alone do not settle whether a passage carries them.

Words say enough of a copied sentence, and of numbers, names and negations. Of a sentence in a writer's own words they
say little: of 1,212 such sentences (docs/evaluation/kinds) the rules alone drop more than half of the true ones and
show a sixth of the false ones. docs/reader.md has what the reader adds.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

from app.answering.alignment import COPY, copied
from app.answering.evidence import Evidence
from app.answering.judging import Support
from app.answering.premise import premise
from app.answering.statements import Statement
from app.errors import Unavailable

CARRIED = 0.7
"""From here on a claim is shown although its words are not those of the passage: a fifth of the true ones of the twins
that were kept out of the training, and 7 % of the false ones, which are written to mislead (by code that is not
committed)."""
DOUBTED = 0.4
"""Below, a claim is not shown although its words are; chosen there, too."""
log = logging.getLogger(__name__)


def carries(text: str, claim: Statement, evidence: Evidence, number: int | None = None) -> float | None:
    """How probably the passages, or this one, carry the claim, as the reader sees it; nothing where nobody reads."""
    if evidence.reader is None or not claim.stems:
        return None
    try:
        return evidence.reader.supports(text, premise(claim, evidence, number))
    except Unavailable as error:
        log.warning("this sentence was checked by its words alone: %s", error.detail)
        return None


def reread(text: str, claim: Statement, grounds: Sequence[Support], evidence: Evidence) -> list[Support]:
    """The grounds, with the reader's verdict where that counts for more than the words."""
    first = grounds[0] if grounds else None
    if first is None or _settled(claim, first):
        return list(grounds)
    # What is shown on a reader's word is carried by the passage that it cites, not by all of them together.
    chance = carries(text, claim, evidence, None if first.holds else first.window.number)
    if chance is None:
        return list(grounds)
    if first.holds and chance < DOUBTED:
        return [replace(first, score=chance, reason="doubted")]
    if not first.holds and chance >= CARRIED:
        return [replace(first, score=chance, reason="reworded")]
    return list(grounds)


def _settled(claim: Statement, ground: Support) -> bool:
    """Whether the rules know best: what speaks against a claim has a name, or it is a copy, or a denial not found.

    "This is not available and never was" has few words, and the reader believes it easily.
    """
    if ground.reason not in ("supported", "unsupported") or (claim.heads and not ground.holds):
        return True
    return copied(claim, [line.statement for line in ground.window.lines]) >= COPY
