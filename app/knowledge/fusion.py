"""How two rankings become one: a convex sum of scores that mean the same for every question."""

from collections.abc import Mapping
from typing import NamedTuple

DENSE_SHARE = 0.6
"""The optimum is flat from .5 to .7 on feedbackqa, bitwarden_help, stackfaq, clapnq and cranfield; reciprocal rank
fusion was worse on each."""


class Blended(NamedTuple):
    """A passage's id, its blended score, and what that was blended from."""

    id: str
    score: float
    cosine: float
    lexical: float


def blend(cosines: Mapping[str, float], lexical: Mapping[str, float], share: float = DENSE_SHARE) -> list[Blended]:
    """Best first; a passage that one side does not know counts as 0 there.

    score = share · cosine + (1 - share) · lexical, after Bruch, Gai and Ingber, "An Analysis of Fusion Functions for
    Hybrid Retrieval" (2023), with each side divided by its theoretical greatest value instead of the question's own.
    """
    blended = [_blended(id_, cosines.get(id_, 0.0), lexical.get(id_, 0.0), share) for id_ in {**cosines, **lexical}]
    return sorted(blended, key=lambda one: (-one.score, one.id))


def _blended(id_: str, cosine: float, lexical: float, share: float) -> Blended:
    return Blended(id_, share * cosine + (1 - share) * lexical, cosine, lexical)
