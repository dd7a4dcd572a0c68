"""Tells the questions of one message apart. Careful on purpose: what is one question to somebody must stay one.

Half an answer to two questions is what a customer gets anyway; one question torn apart is answered worse than before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.answering.intent import small_talk
from app.answering.understanding.openings import Opening, opening_of
from app.language import content_words, sentences, stem, words

MOST = 3
"""Questions that one answer can hold. What asks more is searched as one, as it was written."""
LONGEST = 1200
"""Characters. What is longer is a story, and is searched as it was written."""
_LEAD_IN = re.compile(
    r"^(?:\W*(?:(?:hi|hello|hey|hallo|moin|servus|good (?:morning|afternoon|evening|day)|guten (?:morgen|tag|abend)"
    r"|dear|liebe[rs]?|sorry|please|thanks?(?: you)?|danke|ok(?:ay)?|great|super|first(?:ly)?|second(?:ly)?"
    r"|third(?:ly)?|next|finally|also|then|erstens|zweitens|drittens|außerdem|dann|and|und|plus|so|but|aber)\b"
    r"(?: (?:there|all|team|everyone|again|zusammen|of all|support))*)[\s,:!.;–-]*)*"
    r"(?:[^:?]{0,40}\b(?:questions?|fragen?)\b[^:?]{0,20}:\s*)?(?:\(?(?:\d|[a-c])[.)]\s+|[-*•]\s+)?",
    re.IGNORECASE,
)
_AND = re.compile(
    r"\s*[,;]?\s+(?:and|und|plus|sowie|&)\s+(?:(?:also|auch|then|dann|please|bitte|so|secondly),?\s+)*", re.IGNORECASE
)
_COMMA = re.compile(r"\s*[,;–]\s+|\s+[-–]\s+|\s+(?=\(?\d[.)]\s)")
_OR = re.compile(r"\W*(?:or|oder)\b", re.IGNORECASE)
_QUOTED = re.compile(r"[“\"„«][^”“\"„»\n]{1,200}[”“\"»]|`[^`\n]+`")
_SAYS_NOTHING = frozenset(
    map(
        stem,
        (
            "help helping ask question questions something anything someone tell know possible possibly way "
            "ways do done idea ideas wrong normal right correct true ok okay advice assist please thank thanks "
            "advance sense understand explain mean hi hello hey good morning afternoon evening day dear team "
            "support two three few quick couple more much appreciated work works hallo guten tag morgen abend "
            "frage fragen zwei drei kurze danke vielen dank voraus bitte ich habe das geht es möglich wie kann "
            "man machen was hilfe helfen mir können sie ist so und zu wird think thought thoughts try fix "
            "solve happen happens happening anyone achieve accomplish best easiest mich tun reason problem "
            "issue warum wieso anybody go maybe"
        ).split(),
    )
)


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a message, in the customer's words; `around` is what the message says that is no question."""

    said: str
    around: str = ""


def parted(message: str) -> tuple[Part, ...]:
    """The two or three questions of a message, in order; nothing when it is one question or none."""
    asked: list[str] = []
    around: list[str] = []
    for piece, own in _pieces(message) if len(message) <= LONGEST else ():
        if own:
            asked.append(piece)
        elif asked and piece.endswith("?"):
            asked[-1] = f"{asked[-1]} {piece}"
        elif not _is_empty(piece):
            around.append(piece)
    if not 2 <= len(asked) <= MOST:  # noqa: PLR2004  # a message of one question is that question
        return ()
    return tuple(Part(_said(one), " ".join(around)) for one in asked)


def _pieces(message: str) -> Iterator[tuple[str, bool]]:
    """Sentences, and the clauses of those that ask two things, without greetings and numbers; whether each asks."""
    for sentence in (span for line in message.splitlines() for span in sentences(line)):
        opening = opening_of(sentence.text)
        clauses = list(_clauses(sentence.text, opening))
        for clause in clauses:
            text = clause if _OR.match(clause) else _LEAD_IN.sub("", clause).strip()
            if text and not small_talk(text):
                yield text, len(clauses) > 1 or _is_own(text, opening)


def _clauses(sentence: str, opening: Opening) -> Iterator[str]:
    masked = _QUOTED.sub(lambda match: "_" * len(match[0]), sentence)
    start = 0
    joints = [*_AND.finditer(masked), *_COMMA.finditer(masked)]
    for joint in sorted(joints, key=lambda one: one.start()):
        if joint.start() < start:
            continue
        before, after = masked[start : joint.start()], masked[joint.end() :]
        if _apart(before, after, opening, coordinated=bool(_AND.fullmatch(joint[0]))):
            yield sentence[start : joint.start()]
            start = joint.end()
    yield sentence[start:]


def _apart(before: str, after: str, opening: Opening, *, coordinated: bool) -> bool:
    """Whether two clauses are two questions: the first is a whole one, and the second opens one of its own."""
    before, after = _LEAD_IN.sub("", before), _LEAD_IN.sub("", after)
    asking = _asking(before, opening)
    if asking is None:
        return False
    if coordinated:
        opens = bool(_joint_of(asking, opening).match(after))
    else:
        # "When are you there, can I set hours?" may explain itself; a new question word does not.
        again = opening.is_sure.match(after) and re.match(opening.wh, after, re.IGNORECASE)
        opens = bool(again) and not opening.asks_for.match(asking)
    return opens and not _is_empty(before) and not _is_empty(after)


def _joint_of(asking: str, opening: Opening) -> re.Pattern[str]:
    """How a second question must open, by how the first one does."""
    if opening.asks_for.match(asking) or opening.begins_without_verb.match(asking):
        return opening.is_governed
    inside = asking[len(words(asking)[0]) :] if words(asking) else ""
    return opening.is_sure if opening.governs.search(inside) else opening.is_likely


def _asking(clause: str, opening: Opening) -> str | None:
    """The clause from where it asks: at its beginning, or behind a comma."""
    for start in (0, *(match.end() for match in re.finditer(r"[,:–]\s+", clause))):
        if opening.asks.match(clause[start:]):
            return clause[start:]
    return None


def _is_own(piece: str, opening: Opening) -> bool:
    """Whether it asks something beside the question before it: no statement, no alternative, no "any ideas?"."""
    if _OR.match(piece) or _is_empty(piece):
        return False
    if piece.rstrip("*_ ").endswith("?"):
        return _asking(piece, opening) is not None
    ends = piece.rstrip().endswith((".", "!", ":"))
    begins = opening.is_sure.match(piece) or opening.asks_for.match(piece)
    return bool(begins) if ends else _asking(piece, opening) is not None


def _is_empty(piece: str) -> bool:
    return not set(content_words(piece)) - _SAYS_NOTHING


def _said(piece: str) -> str:
    """As it can be quoted and searched: a capital in front, a question mark behind."""
    text = piece.strip(" ,;")
    text = f"{text[:1].upper()}{text[1:]}"
    return text if text.endswith("?") else f"{text.rstrip('.!: ')}?"
