"""Whether a question points back at what was said before, and at what it does not."""

import re

from app.language import content_words, stem, words

LONGEST_FRAGMENT = 3  # content words of a question without a verb
LONGEST_FOLLOW_UP = 14  # words; what is longer says what it is about

OPENS = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|great|thanks?|thank you|cool|yes|no|hm+|alright|right|sure)[\s,.!]+)*"
    r"(?:and|or|but|also|then|plus|so)\b[\s,]*(?:then\b[\s,]*)?",
    re.IGNORECASE,
)
WHAT_ABOUT = re.compile(
    r"^\W*(?:and\s+|but\s+|or\s+|so\s+|ok(?:ay)?,?\s+)*(?:what|how) about\s+(?P<topic>.+?)\s*\??\s*$|"
    r"^\W*(?:and\s+)?(?:the )?same (?:question )?(?:for|with|on|in)\s+(?P<same>.+?)\s*\??\s*$",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\b(?:it|them|they|its|their|there|these ones?|those ones?|that one|this one|the (?:first|second|"
    r"other|former|latter|same)(?: one)?(?=\W*$)|the (?:old|new|previous|next|last|other|current) ones?)\b"
    r"|\b(?:that|this|those|these)\b(?=\s*(?:[?.,!]|$|(?:is|was|are|were|does|do|did|will|would|can|"
    r"could|has|have|mean|means|work|works|cost|costs|apply|happen|happens|take|takes"
    r"|too|also|instead|again|anyway|for|on|in|with|from|at|by|to|or|and|later|automatically|manually|"
    r"myself|first|without)\b))"
    r"|\b(?:do|does|did|doing|done) so\b",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"\b(?:the (?:\w+ )?ones?|which ones?|those|these|both|neither)\b|\bI meant?\b"
    r"|(?:^|[.!?,]\s+)(?:and|or|but|also|then)\b",
    re.IGNORECASE,
)
_JOINS = re.compile(
    r"\b(?:while|when|if|before|after|until|once|because|since|as|where|and|or|but|to)\b[^,]{0,24}$", re.IGNORECASE
)
_EMPTY_IT = re.compile(
    r"\b(?:is|was|will|would|does|did|can|could|may|isn['’]?t) it (?:be )?(?:possible|ok(?:ay)?|"
    r"allowed|safe|necessary|true|normal|free|legal|better|best|required|mandatory|recommended|worth|"
    r"matter|make sense|take|mean)\b"
    r"|\b(?:is|was|will|would) it \w+ (?:to|for|that|if|when)\b|\bwhat (?:is|was) it like\b|\bthere "
    r"be\b|\b(?:has|have|had) there\b"
    r"|\bit(?:['’]s| is| was) (?:possible|ok(?:ay)?|allowed|safe|necessary|true|normal|better|best|"
    r"required)\b|\b(?:is|are|was|were|will|would|if) there\b|\bthere (?:is|are|was|were|will)\b|\bit "
    r"takes?\b",
    re.IGNORECASE,
)
VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|will|would|should|must|may|might|has|have|had|am|be|"
    r"get|make|use|work|find|want|need|add|set|see|go|cannot|help|change|know|happen)\w{0,4}\b|"
    r"\w+n['’]t\b",
    re.IGNORECASE,
)
_PREPOSITIONS = frozenset("on in for with without at from by since after before during".split())
_LIGHT = frozenset(
    map(stem, "go get come back take put give make do let see find show know look still often long much many".split())
)
"""Words that name nothing a later "it" could stand for."""
ASKING = frozenset("why when where how who which".split())
LONGEST_ASKING = 2  # words: "why not", "how long"


def points_back(question: str) -> bool:
    """Whether any word of the question, however long it is, points at something that is not in it."""
    bare = _EMPTY_IT.sub(" ", question)
    marked = OPENS.match(bare) or _LEANS.search(bare) or _points_out(bare)
    return bool(marked) or is_follow_up(question)


def _points_out(question: str) -> bool:
    """Whether its own sentence does not name what it points at; "How do I stop an answer while it is written?" does."""
    match = _POINTS.search(question)
    before = re.split(r"[.!?]\s", question[: match.start()])[-1] if match else ""
    return bool(match) and not (_JOINS.search(before) and _names_both(before))


def is_follow_up(question: str) -> bool:
    """Whether the question points back: it opens like a continuation, points at something unnamed, or is a fragment."""
    if len(words(question)) > LONGEST_FOLLOW_UP or len(re.findall(r"[.!?](?=\s+\S)", question)) > 1:
        return False
    if OPENS.match(question) or WHAT_ABOUT.match(question):
        return True
    if _POINTS.search(_EMPTY_IT.sub(" ", question)):
        return not _names_first(question)
    meaning = content_words(question)
    return len(meaning) <= LONGEST_FRAGMENT and not VERB.search(question) and _is_fragment(question)


def _is_fragment(question: str) -> bool:
    """Whether nothing is asked about in it, as in "on mobile?", "for teams?", "why?"."""
    spoken = words(question)
    return bool(spoken) and (
        spoken[0] in _PREPOSITIONS or (spoken[0] in ASKING and len(spoken) <= LONGEST_ASKING and "to" not in spoken)
    )


def _names_first(question: str) -> bool:
    """Whether what is pointed at stands earlier in the same question ("If I delete an article, can I restore it?")."""
    match = _POINTS.search(_EMPTY_IT.sub(" ", question))
    return _names_both(question[: match.start()] if match else "")


def _names_both(before: str) -> bool:
    return len(set(content_words(before)) - _LIGHT) >= 2  # noqa: PLR2004  # an act and its object
