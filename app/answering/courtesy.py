"""Sentences that claim nothing: greetings, offers of help, closing questions, lead-ins to a list; and refusals."""

import re

from app.answering.evidence import Evidence
from app.answering.statements import Statement, read
from app.language import stem

LONGEST = 24  # words
KNOWN_SHARE = 0.6  # of the words of a question or lead-in that a passage must hold

_COURTESY = frozenset(
    map(
        stem,
        (
            "hi hello hey dear welcome good morning afternoon evening day thank thanks sorry glad "
            "happy pleased hope help helps helpful"
            " great sure course certainly absolutely understand hear inconvenience apologies "
            "apologise apologize trouble frustrating"
            " let know feel free hesitate reach contact ask question questions anything something "
            "else further need assist assistance"
            " support talk speak connect person human agent colleague team someone love worries "
            "problem patience asking reaching yes"
            " would wonderful excellent nice chat here clarify tell details detail information issue "
            "answer answers find found answered"
        ).split(),
    )
)
_LEADING = frozenset(
    map(
        stem,
        "here how follow following step steps below do these this way ways option options list "
        "summary short follows things first second third question zu ihrer zweiten dritten frage".split(),
    )
)
_DECLINES = re.compile(
    r"(?:\b(?:do|does|did|could|can|was|am|are|is|were)(?:\s+not|n[’']t)|\bcannot|\bunable to)\s+(?:\w+\s+){0,2}"
    r"(?:find|found|have|know|contain\w*|mention\w*|specif\w+|cover\w*|answer\w*|help|assist|comply|provide\w*|say|include\w*)\b"
    r"|\bno\s+(?:\w+\s+)?(?:information|mention|answer|details?|documentation)\b|^\W*no answer\W*$",
    re.IGNORECASE,
)


def is_courtesy(text: str, evidence: Evidence) -> bool:
    """Whether nothing in the sentence can be true or false: all its words are words of politeness, or it asks back."""
    said = read(text)
    if len(said.words) > LONGEST or said.amounts or said.addresses or declines(text):
        return False
    if said.stems <= _COURTESY | evidence.known:
        return said.names <= evidence.known | _large(said)
    return text.rstrip().endswith("?") and not said.heads and _mostly_known(said, evidence, _COURTESY)


def is_lead_in(text: str, evidence: Evidence) -> bool:
    """Whether the sentence only announces what follows ("To reset it, follow these steps:") or is a heading."""
    body = text.strip()
    if not body.endswith(":") and not body.startswith("#") and not (body.startswith("**") and body.endswith("**")):
        return False
    said = read(body)
    leads = said.stems <= _LEADING | _COURTESY
    return leads or (
        not said.heads and not said.addresses and not said.amounts and _mostly_known(said, evidence, _LEADING)
    )


def declines(text: str) -> bool:
    """Whether the sentence says that the answer is not known or will not be given."""
    return bool(_DECLINES.search(text))


def _large(said: Statement) -> frozenset[str]:
    return frozenset(name for name in said.names if stem(name) in _COURTESY)


def _mostly_known(said: Statement, evidence: Evidence, common: frozenset[str]) -> bool:
    """Whether the passages speak of nearly all that the sentence names."""
    spoken = frozenset(evidence.weights).union(*(context.stems for context in evidence.contexts))
    named = said.stems - common
    words = spoken | evidence.known | common
    return all(stem(name) in words for name in said.names) and len(named & spoken) >= KNOWN_SHARE * len(named)
