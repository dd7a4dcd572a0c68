"""What was said before, where a question leans on it: it is searched along, since no rule completes every question.

Of 192 last messages of conversations with eight help centres (docs/evaluation/kinds) the search found the passage at an
nDCG@10 of .62 for what rules made of the message, and of .84 with what was said before.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.conversations.types import Utterance
from app.knowledge.types import Found, Hit

LOOKED_BACK = 6  # utterances
OF_AN_ANSWER = 15
"""Words of what we said: an answer that quotes a passage whole would only bring that passage again."""
NOT_ANSWERED = frozenset({"offer", "escalate"})
SHARE = 0.5
"""Of a score, how much is that of the whole talk: flat from .4 to .6. Questions on another subject lose by it, .02 of
nDCG@10 where what was said before has nothing to do with them, so only those get it that lean."""


def talk(question: str, history: Sequence[Utterance]) -> str:
    """The question and what was said before it, the newest first: an embedder cuts off the end.

    That we found nothing, or fetch a person, says nothing of what was spoken of.
    """
    before = [one for one in history if one.decision not in NOT_ANSWERED][-LOOKED_BACK:]
    said = (one.text if one.author == "customer" else _opening(one.text) for one in reversed(before))
    return "\n".join([question, *said])


def blended(alone: Found, along: Found, most: int) -> Found:
    """The passages that both searches together put first, by the mean of their scores.

    Cosine and lexical score are the better of both, for by them the decision judges what was found. Means made it too
    doubtful: for 207 such questions it expected .33 of the first passages to be right, with the better ones .52, and
    .61 were.
    """
    one, other = ({hit.passage.id: hit for hit in found.hits} for found in (alone, along))
    hits = [_mean(one.get(id_) or _unfound(hit), other.get(id_) or _unfound(hit)) for id_, hit in (other | one).items()]
    best = sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))
    return replace(alone, hits=tuple(best[:most]), vector=None)


def _unfound(hit: Hit) -> Hit:
    return replace(hit, score=0.0, cosine=0.0, lexical=0.0)


def _mean(alone: Hit, along: Hit) -> Hit:
    score = (1 - SHARE) * alone.score + SHARE * along.score
    best = {name: max(getattr(alone, name), getattr(along, name)) for name in ("cosine", "lexical")}
    return replace(alone, score=score, **best)


def _opening(text: str) -> str:
    return " ".join(text.split()[:OF_AN_ANSWER])
