"""Which kind of model a question needs. The rule is short on purpose: it is shown to the admin as it stands."""

from typing import Literal

from app.knowledge.types import Found
from app.language import words

Route = Literal["cheap", "strong"]

LONG_QUESTION = 45  # words
CLOSE = 0.9  # of the best score: a hit this near may be needed too
MANY_DOCUMENTS = 4
UNSURE = (0.2, 0.45)
_COMPARING = frozenset("difference differences compare comparison versus vs instead better rather between both".split())
RULE = (
    "A question goes to the strong models when it is longer than 45 words, holds two questions, compares things, finds"
    " four or more documents that fit nearly as well as the best, or has a probability of being answerable between 20"
    " and 45 %. All others go to the cheap models."
)


def route(question: str, found: Found, probability: float) -> tuple[Route, str]:
    """The route and why."""
    spoken = words(question)
    best = found.hits[0].score if found.hits else 0.0
    near = {hit.passage.document_id for hit in found.hits if hit.score >= CLOSE * best}
    reasons = (
        ("long question", len(spoken) > LONG_QUESTION),
        ("several questions", question.count("?") > 1),
        ("compares", not _COMPARING.isdisjoint(spoken)),
        ("spread over documents", len(near) >= MANY_DOCUMENTS),
        ("not sure", UNSURE[0] <= probability < UNSURE[1]),
    )
    reason = next((reason for reason, holds in reasons if holds), "")
    return ("strong", reason) if reason else ("cheap", "plain question")
