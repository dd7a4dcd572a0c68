"""Sentences of passages as clauses that can be held against each other: about what, when, and saying what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.answering.statements import PREFIX, carries_meaning, denies, plain, read, root_of
from app.insight.hygiene.figures import Figure, figures_in
from app.knowledge.types import Passage
from app.language import Span, blocks, sentences_of

SHORTEST, LONGEST = 4, 60
"""Words of a sentence that is looked at."""
FEWEST = 2
"""Words that carry meaning, beside figures: with less a sentence leans on its neighbours to say what it is about."""
MOST_FIGURES = 3
"""A sentence with more calculates an example."""
_STATES = (
    "enabled disabled,allowed forbidden,allowed blocked,permitted forbidden,included excluded,required "
    "optional,mandatory optional,possible impossible,visible hidden,visible invisible,public private,limited "
    "unlimited,permanent temporary,permanently temporarily,automatic manual,automatically manually,active "
    "inactive,encrypted unencrypted,refundable nonrefundable,supported unsupported,monthly yearly,monthly "
    "annually,daily weekly,weekly monthly,hourly daily,internal public,case-sensitive case-insensitive,reversible "
    "irreversible"
)
_SAME = (
    "ask request,buy purchase,purchase order,erase delete,delete remove,cost price,fee charge,fee price,change "
    "modify,edit modify,begin start,end finish,send ship,deliver ship,permit allow,hold keep,store keep,retain "
    "keep,need require,obtain receive,receive get,maximum limit,most maximum,minimum least,contain hold,last "
    "take,quick fast,reply answer,respond answer,mail email,e-mail email,log sign,login sign,may can,someone "
    "person,kept keep,held keep,sent send,bought purchase,given give,taken take,made make,began start,chose "
    "choose,chosen choose,got get"
)
_LIGHT = frozenset(
    "you customer user can may person simply automatically usually always normally generally currently now also "
    "please just still already immediately directly completely fully whole full exactly about approximately "
    "roughly around typically most maximum minimum least limit up within under over total every each all any own "
    "same then there least more than until before after from once".split()
)
"""Words whose absence in one of two clauses does not make them speak of different things."""
_RELATIONS = frozenset("within without after before until over under during outside inside above below".split())
"""With another of these a denial is no contradiction: free within the warranty, not free after it."""
_IMPERATIVES = frozenset(
    "click select choose set enter type open go press tap add remove create run copy paste use wait check uncheck "
    "turn switch scroll drag change edit enable disable install download upload navigate visit log sign follow "
    "repeat keep make put let see read try start stop restart move save delete close fill pick mark leave give "
    "take note".split()
)
_UNCLEAR = _IMPERATIVES | frozenset(
    "it they this these that those he she its their both either neither here there to do don't such".split()
)
"""First words of an instruction, and of a sentence that leans on the one before."""
_EXAMPLE = re.compile(
    r"\b(?:for example|for (?:this|that|these|those)|in (?:this|that) case|for instance|e\.g|such as|suppose|"
    r"let's say|imagine|say you|sample|example)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\W*\d")
_OPENING = re.compile(
    r"^(?:if|when|whenever|once|unless|until|after|before|while|during|where|for|in|on|with|without|except|as|to|by|from|"
    r"under|at|since|because)\b[^,]*,\s+",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"\s*,?\s+\b(?:if|when|whenever|once(?=\s+(?!an?\b|per\b|every\b|each\b|more\b|again\b|only\b)\w)|unless|except|"
    r"(?:after|before|until)(?=\s+(?:you|we|they)\b)|provided|as long as|in case|only for|only in|only with|only on|"
    r"while|instead of|rather than|because)\b.*$",
    re.IGNORECASE,
)
_NON = re.compile(r"\bnon[- ](?=[a-z])", re.IGNORECASE)
"""Without it "non-refundable" would be two words, of which one says the contrary."""
_PARTS = re.compile(
    r"\s*(?:;|\s[–—]\s|,\s+(?:and|but|so|which)\b|\bso that\b|\band (?:then|it|they|you)\b)\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a passage says. `about` are its roots without figures, negations and states; they are its key.

    `start` and `end` are where its whole sentence stands in the passage's text.
    """

    start: int
    end: int
    about: frozenset[str]
    condition: frozenset[str]
    figures: frozenset[Figure]
    states: frozenset[str]
    relations: frozenset[str]
    denials: int


def clauses_of(passage: Passage) -> list[Clause]:
    """What the sentences of a passage claim, without examples, questions, steps, headings, tables and code."""
    return [clause for span in _sentences(passage.text) for clause in _clauses(span)]


def opposite(state: str, other: str) -> bool:
    """Whether two words of state exclude each other."""
    return other in _OPPOSITES.get(state, frozenset())


def _pairs(listed: str) -> Iterator[tuple[str, str]]:
    for pair in listed.split(","):
        one, other = pair.split()
        yield one, other


def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one, other in _pairs(_STATES):
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}


_OPPOSITES = _opposites()
_CANONICAL = {root_of(one): root_of(other) for one, other in _pairs(_SAME)}
_LONGEST_CHAIN = 3
"""held, hold, keep."""
_LIGHT_ROOTS = frozenset(map(root_of, _LIGHT))


def canonical(word: str) -> str:
    """The root that a word shares with those that mean the same."""
    root = root_of(word)
    for _ in range(_LONGEST_CHAIN):
        root = _CANONICAL.get(root, root)
    return root


def _sentences(text: str) -> Iterator[Span]:
    for block in blocks(text):
        if block.kind not in ("paragraph", "item"):
            continue
        for span in sentences_of(text, block):
            prefix = PREFIX.match(span.text)
            step = prefix is not None and any(sign.isdigit() for sign in prefix.group())
            if not step and _tells(span.text):
                yield span


def _tells(sentence: str) -> bool:
    words = len(sentence.split())
    if not sentence or _NUMBERED.match(sentence) or sentence.endswith("?") or ":" in sentence:
        return False
    return SHORTEST <= words <= LONGEST and not _EXAMPLE.search(sentence)


@lru_cache(maxsize=100_000)
def _parts(text: str) -> tuple[tuple[str, str], ...]:
    """(main clause, condition) of the sentence as a whole, and of its parts when it has several."""
    opening = _OPENING.match(text)
    before = opening.group() if opening else ""
    rest = text[len(before) :]
    inside = _INSIDE.search(rest)
    after = inside.group() if inside else ""
    main = rest[: len(rest) - len(after)] if after else rest
    condition = f"{before} {after}".strip()
    pieces = [piece for piece in _PARTS.split(main) if piece.strip()]
    return ((main, condition), *((piece, condition) for piece in pieces if len(pieces) > 1))


def _clauses(span: Span) -> Iterator[Clause]:
    for main, condition in _parts(_NON.sub("non", plain(span.text))):
        said = read(main)
        if not said.sequence or said.sequence[0] in _UNCLEAR or said.addresses:
            continue
        figures, used = figures_in(said.sequence)
        words = [word for at, word in enumerate(said.sequence) if at not in used]
        states = frozenset(word for word in words if word in _OPPOSITES)
        about = frozenset(canonical(word) for word in words if carries_meaning(word) and word not in _OPPOSITES)
        about -= _LIGHT_ROOTS
        if len(about) < FEWEST or len(figures) > MOST_FIGURES:
            continue
        denials = sum(map(denies, said.sequence))
        yield Clause(
            span.start, span.end, about, _condition(condition), figures, states, frozenset(words) & _RELATIONS, denials
        )


def _condition(text: str) -> frozenset[str]:
    """All that a condition says, its numbers and negations included."""
    if not text:
        return frozenset()
    return frozenset(
        "not" if denies(word) else canonical(word)
        for word in read(text).sequence
        if carries_meaning(word) or denies(word) or word[0].isdigit()
    )
