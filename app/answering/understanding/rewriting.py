"""Makes a follow-up question stand alone, from what was said before. A question that stands alone stays as it is."""

import re
from collections.abc import Sequence
from typing import Protocol

from app.answering.understanding.bridging import names_a_part
from app.language import content_words, stem, words

LOOKED_BACK = 4  # questions of the customer
LONGEST_FRAGMENT = 3  # content words of a question without a verb
LONGEST_FOLLOW_UP = 14  # words; what is longer says what it is about

_OPENS = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|great|thanks?|thank you|cool|yes|no|hm+|alright|right|sure)[\s,.!]+)*"
    r"(?:and|or|but|also|then|plus|so)\b[\s,]*(?:then\b[\s,]*)?",
    re.IGNORECASE,
)
_WHAT_ABOUT = re.compile(
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
_DO_THAT = re.compile(r"\b(?:do|doing|done)\s+(?:that|this|it|so)\b", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|will|would|should|must|may|might|has|have|had|am|be|"
    r"get|make|use|work|find|want|need|add|set|see|go|cannot|help|change|know|happen)\w{0,4}\b|"
    r"\w+n['’]t\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^\W*(?:(?:hi|hello|hey|please|ok(?:ay)?|so|and)[\s,!.]+)*(?:(?:(?:can|could|would) you )?(?:please "
    r")?(?:tell me|explain|show me|help me(?: to| with)?)\s+)?"
    r"(?:how (?:do|can|could|would|should|to|does|did)(?:\s+(?:i|we|you|one|people|someone))?(?:\s+be "
    r"able to)?|can (?:i|we|you|one)|could (?:i|we)|may (?:i|we)|do (?:i|we) (?:need|have) to"
    r"|is it possible (?:for me )?to|is there (?:a|any) way to|where (?:do|can) (?:i|we)|i (?:want|"
    r"need|would like|['’]d like|am trying|['’]m trying)(?: to)?|what (?:is|are)|what['’]s|why (?:is|"
    r"are|does|do|can['’]?t i)|when (?:is|are|does|do))\s+",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[“\"„]([^”“\"„]{2,120})[”“\"]")
_ORDINAL = re.compile(
    r"^\W*(?:the\s+)?(?P<which>first|1st|former|second|2nd|latter|last|1|2)(?:\s+one)?\W*$", re.IGNORECASE
)

_PREPOSITIONS = frozenset("on in for with without at from by since after before during".split())
_LIGHT = frozenset(
    map(stem, "go get come back take put give make do let see find show know look still often long much many".split())
)
"""Words that name nothing a later "it" could stand for."""
_ASKING = frozenset("why when where how who which".split())
LONGEST_ASKING = 2  # words: "why not", "how long"


class Said(Protocol):
    """An earlier utterance; the author is customer, bot or person."""

    @property
    def author(self) -> str:
        """Who said it."""
        ...

    @property
    def text(self) -> str:
        """What was said."""
        ...


def standalone(question: str, history: Sequence[Said]) -> str:
    """The question with what it leaves out, taken from the customer's earlier questions and from our question back."""
    chosen = _chosen(question, history)
    if chosen:
        return chosen
    earlier = _earlier(history)
    if earlier and is_follow_up(question):
        return _joined(question.strip(), earlier)
    return _bridged(question.strip(), earlier) if earlier and names_a_part(question) else question


def is_unsure(question: str, history: Sequence[Said]) -> bool:
    """Whether the question points back at what was said and is no choice between two that we asked about."""
    return is_follow_up(question) and bool(_earlier(history)) and not _chosen(question, history)


def leans(question: str, history: Sequence[Said]) -> bool:
    """Whether any word of the question, however long it is, points at what was said; a choice between two does not."""
    pointing = _EMPTY_IT.sub(" ", question)
    marked = any(one.search(pointing) for one in (_OPENS, _POINTS, _LEANS)) or is_follow_up(question)
    return marked and bool(_earlier(history)) and not _chosen(question, history)


def is_follow_up(question: str) -> bool:
    """Whether the question points back: it opens like a continuation, points at something unnamed, or is a fragment."""
    if len(words(question)) > LONGEST_FOLLOW_UP or len(re.findall(r"[.!?](?=\s+\S)", question)) > 1:
        return False
    if _OPENS.match(question) or _WHAT_ABOUT.match(question):
        return True
    if _POINTS.search(_EMPTY_IT.sub(" ", question)):
        return not _names_first(question)
    meaning = content_words(question)
    return len(meaning) <= LONGEST_FRAGMENT and not _VERB.search(question) and _is_fragment(question)


def _is_fragment(question: str) -> bool:
    """Whether nothing is asked about in it, as in "on mobile?", "for teams?", "why?"."""
    spoken = words(question)
    return bool(spoken) and (
        spoken[0] in _PREPOSITIONS or (spoken[0] in _ASKING and len(spoken) <= LONGEST_ASKING and "to" not in spoken)
    )


def _names_first(question: str) -> bool:
    """Whether what is pointed at stands earlier in the same question ("If I delete an article, can I restore it?")."""
    match = _POINTS.search(_EMPTY_IT.sub(" ", question))
    before = question[: match.start()] if match else ""
    return len(set(content_words(before)) - _LIGHT) >= 2  # noqa: PLR2004  # an act and its object


def _earlier(history: Sequence[Said]) -> str:
    """The customer's latest question that stands alone, completed by those after it."""
    asked = [said.text.strip() for said in history if said.author == "customer" and said.text.strip()][-LOOKED_BACK:]
    for at in range(len(asked) - 1, -1, -1):
        if not (is_follow_up(asked[at]) or names_a_part(asked[at])) and content_words(asked[at]):
            return asked[at]
    return asked[0] if asked else ""


def _joined(question: str, earlier: str) -> str:
    base = _last_question(earlier).rstrip("?!. ")
    about = _WHAT_ABOUT.match(question)
    if about:
        return _exchanged(base, (about["topic"] or about["same"] or "").rstrip("?!. "))
    topic = _LEAD.sub("", base)
    if _DO_THAT.search(question) and topic != base:
        return _DO_THAT.sub(lambda _: topic, question, count=1)
    rest = _OPENS.sub("", question).strip()
    if not _VERB.search(rest) and words(rest)[:1] and words(rest)[0] not in _ASKING:
        return f"{base} {rest[:1].lower() + rest[1:]}".rstrip("?!. ") + "?"
    return f"{rest[:1].upper()}{rest[1:].rstrip('?!. ')} ({topic})?"


def _bridged(question: str, earlier: str) -> str:
    """For "Can I hide the button?" after words about the widget: whose part it is."""
    whole = _LEAD.sub("", _last_question(earlier).rstrip("?!. "))
    return f"{question[:1].upper()}{question[1:].rstrip('?!. ')} ({whole})?"


def _exchanged(base: str, topic: str) -> str:
    """For "What about the Free plan?" after "What does the Pro plan cost?": the thing of the same kind is exchanged."""
    bare = re.sub(r"^(?:the|a|an|my|our|your)\s+", "", topic, flags=re.IGNORECASE)
    kind = bare.split()[-1] if bare.split() else ""
    same = (
        re.search(rf"\b[\w-]+\s+{re.escape(kind)}\b", base, re.IGNORECASE) if kind and len(bare.split()) > 1 else None
    )
    if same:
        return f"{base[: same.start()]}{bare}{base[same.end() :]}?"
    if re.match(r"(?:on|in|for|with|without|from|at|by|when|if)\b", topic, re.IGNORECASE):
        return f"{base} {topic}?"
    return f"{base}? What about {topic}?"


def _last_question(text: str) -> str:
    asked = re.findall(r"[^.!?\n]*\?", text)
    return asked[-1].strip() if asked else text.strip()


def _chosen(question: str, history: Sequence[Said]) -> str:
    """The question, completed by the choice between the two that we asked back about."""
    bot = next((said.text for said in reversed(history) if said.author == "bot"), "")
    last = bot.rstrip().splitlines()[-1] if bot.strip() else ""
    choices = _QUOTED.findall(last) if last.endswith("?") else []
    if len(choices) != 2:  # noqa: PLR2004  # a choice between two is all that we ask
        return ""
    ordinal = _ORDINAL.match(question)
    said = set(content_words(question))
    if ordinal:
        pick = choices[0] if ordinal["which"].lower() in {"first", "1st", "former", "1"} else choices[1]
    else:
        shared = [len(said & set(content_words(choice))) for choice in choices]
        if len(said) > len(words(" ".join(choices))) or shared[0] == shared[1]:
            return ""
        pick = choices[0] if shared[0] > shared[1] else choices[1]
    earlier = _earlier(history)
    return f"{earlier.rstrip('?!. ')} ({pick})?" if earlier else pick
