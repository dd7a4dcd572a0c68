"""Makes a follow-up question stand alone, from what was said before. A question that stands alone stays as it is."""

import re
from collections.abc import Sequence
from typing import Protocol

from app.answering.understanding.bridging import names_a_part
from app.answering.understanding.leaning import ASKING, OPENS, VERB, WHAT_ABOUT, is_follow_up, points_back
from app.language import content_words, words

LOOKED_BACK = 4  # questions of the customer
_DO_THAT = re.compile(r"\b(?:do|doing|done)\s+(?:that|this|it|so)\b", re.IGNORECASE)
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
    """Whether any word of the question points at what was said; a choice between two that we asked about does not."""
    return points_back(question) and bool(_earlier(history)) and not _chosen(question, history)


def _earlier(history: Sequence[Said]) -> str:
    """The customer's latest question that stands alone, completed by those after it."""
    asked = [said.text.strip() for said in history if said.author == "customer" and said.text.strip()][-LOOKED_BACK:]
    for at in range(len(asked) - 1, -1, -1):
        if not (is_follow_up(asked[at]) or names_a_part(asked[at])) and content_words(asked[at]):
            return asked[at]
    return asked[0] if asked else ""


def _joined(question: str, earlier: str) -> str:
    base = _last_question(earlier).rstrip("?!. ")
    about = WHAT_ABOUT.match(question)
    if about:
        return _exchanged(base, (about["topic"] or about["same"] or "").rstrip("?!. "))
    topic = _LEAD.sub("", base)
    if _DO_THAT.search(question) and topic != base:
        return _DO_THAT.sub(lambda _: topic, question, count=1)
    rest = OPENS.sub("", question).strip()
    if not VERB.search(rest) and words(rest)[:1] and words(rest)[0] not in ASKING:
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
