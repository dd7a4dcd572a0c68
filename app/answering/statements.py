"""What a sentence says, in parts that can be compared: its words, numbers, names, addresses and what it denies."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from app.answering.amounts import Amount, amounts_in, number, unit_of
from app.language import STOPWORDS, stem

TELLING = frozenset(
    "only all every each before after above below under over off on against without more most same own once".split()
)
FRAMING = frozenset(
    (
        "according documentation docs article articles guide please note simply just easily also "
        "however want like able follow"
        " following step steps example e.g i.e etc via per yes case"
    ).split()
)
NEGATORS = frozenset("not no never cannot without neither nor none nobody nothing unable cant wont dont".split())
_CONTRARY_PAIRS = (
    "on off,before after,above below,over under,enable disable,enabled disabled,enables "
    "disables,allow deny,allows blocks,"
    "allowed blocked,allowed forbidden,include exclude,included excluded,includes excludes,increase "
    "decrease,increases decreases,"
    "more less,more fewer,minimum maximum,min max,least most,always never,required optional,first "
    "last,open close,opens closes,"
    "opened closed,start stop,starts stops,starts ends,add remove,adds removes,added removed,public "
    "private,up down,all none,"
    "accept reject,accepted rejected,accepts rejects,accept decline,show hide,shows hides,shown "
    "hidden,lock unlock,locked unlocked,"
    "subscribe unsubscribe,install uninstall,possible impossible,able unable,with without,online "
    "offline,internal external,"
    "free paid,monthly yearly,monthly annual,monthly annually,daily weekly,weekly monthly,left "
    "right,earlier later,higher lower,"
    "larger smaller,longer shorter,true false,valid invalid,upgrade downgrade,incoming "
    "outgoing,publish unpublish,connect disconnect,"
    "connected disconnected,encrypted unencrypted,limited unlimited,same different,same another,only "
    "also,sender recipient,"
    "upload download,uploaded downloaded,import export,imports exports,imported exported,manual "
    "automatic,manually automatically,"
    "read write,read unread,primary secondary,top bottom,success failure,approve reject,approved "
    "rejected,assign unassign,"
    "asc desc,ascending descending,local remote,visible hidden,visible invisible,active "
    "inactive,archive restore,temporary permanent,"
    "temporarily permanently,old new,oldest newest,older newer,fast slow,faster slower,cheap expensive,cheap strong"
)


def _contraries() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pair in _CONTRARY_PAIRS.split(","):
        one, other = pair.split()
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}


CONTRARIES = _contraries()
"""Words, and those that say the opposite."""
REACH = 3  # content words after a negation that it denies

_TOKEN = re.compile(
    r"https?://[^\s<>)\]\"']*[^\s<>)\]\"'.,;:!?]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|"
    r"\d+(?:[.,:]\d+)*(?![^\W\d_])|[^\W_]+(?:['’][^\W\d_]+)?"
    r"|[$€£¥%<>≤≥±]|[.,;:!?()|]|\n"
)
_EMPHASIS = re.compile(r"[*`~]{1,3}")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
PREFIX = re.compile(r"\s*(?:>\s*|[-*+•]\s+(?:\[[ xX]\]\s+)?|\d{1,3}[.)]\s+|#{1,6}\s+)+")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s$")
_BREAKS = frozenset(".,;:!?()|\n")
_OPENERS = frozenset(".:!?|\n")


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence, read. All words are in lower case; `stems` leaves out what carries no meaning."""

    stems: frozenset[str]
    words: frozenset[str]
    sequence: tuple[str, ...]
    amounts: frozenset[Amount]
    units: frozenset[str]
    names: frozenset[str]
    addresses: frozenset[str]
    heads: frozenset[str]
    denied: frozenset[str]
    affirmed: frozenset[str]


def plain(markdown: str) -> str:
    """The text without list marker, emphasis and link targets."""
    prefix = PREFIX.match(markdown)
    return _EMPHASIS.sub("", _LINK.sub(r"\1", markdown[prefix.end() :] if prefix else markdown))


@lru_cache(maxsize=4096)
def read(markdown: str) -> Statement:
    """Read one sentence; the same sentence is read once, for passages come again in other turns."""
    text = plain(markdown)
    tokens = _TOKEN.findall(text)
    lowered = [_POSSESSIVE.sub("", token.lower()) for token in tokens]
    words = [token for token in lowered if token not in _BREAKS]
    heads, denied, affirmed = _polarity(lowered)
    addresses = frozenset(word for word in words if "://" in word or "@" in word)
    return Statement(
        stems=frozenset(root_of(word) for word in words if carries_meaning(word)),
        words=frozenset(words),
        sequence=tuple(_comparable(word) for word in words),
        amounts=amounts_in(words),
        units=frozenset(unit for unit in map(unit_of, words) if unit),
        names=_names(tokens),
        addresses=addresses,
        heads=heads,
        denied=denied,
        affirmed=affirmed,
    )


def carries_meaning(word: str) -> bool:
    """Whether the word can be wrong: not a filler, not a negation (judged apart), not punctuation."""
    if word in FRAMING or denies(word) or not word[0].isalnum():
        return False
    return word not in STOPWORDS or word in TELLING


def root_of(word: str) -> str:
    """What two spellings of a word or a number share."""
    return number(word) or stem(word)


def _comparable(word: str) -> str:
    return number(word) if word[0].isdigit() else word.replace("’", "'")


def denies(word: str) -> bool:
    """Whether the word turns a statement round."""
    return word in NEGATORS or word.endswith(("n't", "n’t"))


def _names(tokens: list[str]) -> frozenset[str]:
    """Words written large inside a sentence, words with digits or inner capitals anywhere."""
    found, opens = set(), True
    for token in tokens:
        if token in _BREAKS:
            opens = opens or token in _OPENERS
            continue
        if token[0].isalnum() and not token.isdigit() and "://" not in token and "@" not in token:
            inner = any(letter.isupper() for letter in token[1:]) or (
                token[0].isalpha() and any(c.isdigit() for c in token)
            )
            if inner or (token[0].isupper() and not opens and token.lower() not in STOPWORDS):
                found.add(_POSSESSIVE.sub("", token.lower()))
        opens = False
    return frozenset(found)


def _polarity(tokens: list[str]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Heads (the first content word after each negation), all denied stems, and those that also stand undenied."""
    heads, denied, total, negated = set(), set(), Counter[str](), Counter[str]()
    left, fresh = 0, False
    for at, token in enumerate(tokens):
        if token in _BREAKS or token == "but":  # noqa: S105  # a word, not a password
            left = 0
        elif denies(token) and tokens[at + 1 : at + 2] != ["only"]:
            left, fresh = REACH, True
        elif carries_meaning(token):
            root = root_of(token)
            total[root] += 1
            if left:
                negated[root] += 1
                denied.add(root)
                heads.update([root] if fresh else [])
                left, fresh = left - 1, False
    return frozenset(heads), frozenset(denied), frozenset(root for root in total if total[root] > negated[root])
