"""Follow-ups that name a part of what was spoken of, and not the whole: "can I hide the button?" after the widget.

Nothing in such a question points back, but "the button", "the limit" or "the address" alone is that of anything.
"""

import re
from collections.abc import Sequence

from app.language import stem, words

LONGEST = 10  # words
_PARTS = frozenset(
    map(
        stem,
        (
            "button icon link image picture logo colour color text title name label font size position place "
            "width height language limit maximum minimum number amount price cost fee rate date day time hour "
            "deadline duration order format file page line code script tag attribute option setting field form "
            "box menu list table row column message notice error reason result status state owner role scope "
            "permission key password address url domain path folder header footer window preview editor "
            "version proxy step rule condition requirement default value example content length quality speed "
            "log history details first last schedule interval server"
        ).split(),
    )
)
_NAMED = re.compile(r"(?=\b(?:the|which|what)\s+(?P<name>[\w-]+(?:\s+[\w-]+){0,2}))", re.IGNORECASE)
_OWN = re.compile(r"\b(?:my|our|your)\s", re.IGNORECASE)
_ENDS_NAME = frozenset(
    (
        "happens happen is are was were do does a an the i we you did can could will would should must may "
        "might has have be for of on in to at by with when if that from or and not there allowed later "
        "possible myself"
    ).split()
)
_TELLS = re.compile(r"\b(?:of|for|in|on|from|with)\s+(?:(?:the|my|our|your|an?|this|that)\s+)?[\w-]+", re.IGNORECASE)


def names_a_part(question: str) -> bool:
    """Whether all that the question names are parts that anything may have."""
    if len(words(question)) > LONGEST or _TELLS.search(question) or _OWN.search(question):
        return False
    named = [_until(match["name"].split(), _ENDS_NAME) for match in _NAMED.finditer(question)]
    names = [[stem(word.lower()) for word in name] for name in named if name]
    return any(_PARTS.issuperset(name) for name in names) and all(_PARTS.intersection(name) for name in names)


def _until(said: Sequence[str], ends: frozenset[str]) -> list[str]:
    found: list[str] = []
    for word in said:
        if word.lower() in ends:
            break
        found.append(word)
    return found
