"""What a message is, before anything is searched: a request for a person, small talk, anger, a topic to leave alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.answering.topics import touches
from app.answering.wishes import asks_for_person
from app.language import words

SmallTalk = Literal["", "greeting", "thanks", "goodbye", "identity"]

_ANGRY = re.compile(
    r"\b(?:ridiculous|unacceptable|outrageous|pathetic|disgusting|furious|useless|worst|rubbish|"
    r"garbage|scam|rip[- ]?off|incompetent"
    r"|fed up|sick (?:and tired )?of|waste of (?:my )?time|stupid|idiots?|damn|hell|wtf|bullshit|crap|"
    r"shit|fuck\w*|terrible (?:service|support)|never again)\b",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"\b(?:(?:that|this|it)\s+(?:did|does|do|is|was)(?:\s*n[o'’]t|n['’]?t)\s+(?:help|work|answer|"
    r"right|correct|true|what i (?:asked|meant))\w*"
    r"|not (?:helpful|what i (?:asked|meant)|helping)|doesn['’]?t help|didn['’]?t help|still (?:not|"
    r"doesn['’]?t|does not|broken|the same)"
    r"|already (?:tried|did|done) (?:that|this|it)|you(?:['’]re| are) not (?:helping|listening|"
    r"answering|right)|you(?:['’]re| are) wrong|wrong answer|(?<!if )(?:your|the|that|this) (?:last )?(?:answer|reply)"
    r"(?: (?:that )?you (?:just )?gave(?: me)?)? (?:is|was) (?:\w+ )?(?:wrong|incorrect|false|useless|no help)|"
    r"(?:das|es) (?:hilft|half|hat) (?:mir )?(?:leider )?nicht(?: (?:weiter|geholfen))?|"
    r"(?:geht|funktioniert|klappt) (?:immer noch|noch immer) nicht|that['’]?s (?:wrong|not it|not true))\b",
    re.IGNORECASE,
)
_BEING = (
    r"(?:(?:an?|the|any|real|actual|live|just|only|ein(?:en?|e[mr])?|echte[rmn]?|richtige[rmn]?|nur|eigentlich|"
    r"wirklich|etwa)\s+)*"
    r"(?:chat ?bot|bot|robot|human(?: being)?|person|people|ai|machine|computer|program|language model|llm|chatgpt|"
    r"agent|assistant|real|automated|someone|somebody|mensch(?:en)?|roboter|maschine|ki|computer|programm|jemand(?:em)?)\b"
)
_EITHER = rf"{_BEING}(?:\W+(?:or|oder)\s+(?:(?:am i|are you|is (?:this|it)|bist du)\s+)?{_BEING})*"
_HERE = (
    r"(?:\s+(?:here|now|right now|hier|gerade|jetzt|then|denn|reading|answering|replying|typing|writing|this|that|me|"
    r"my|messages?))*"
)
_IDENTITY = (
    r"\W*(?:(?:hi|hello|hey|hallo|so|wait|sorry|but|and|aber)\W+)*(?:"
    r"(?:who|what) (?:are you|is this)|wer (?:bist du|sind sie|ist da)|mit wem (?:spreche|rede|schreibe|chatte) ich"
    r"|who(?:m)? am i (?:talking|speaking|chatting|writing) (?:to|with)"
    rf"|(?:am i|are we)(?: really| actually)? (?:talking|speaking|chatting|writing) (?:to|with) {_EITHER}"
    rf"|(?:are (?:you|u|ya)|r u|is (?:this|it|that)|bist du|sind sie|seid ihr|ist (?:das|hier))\s+{_EITHER}"
    rf"|(?:is|ist)(?: there| da| hier)? {_BEING} (?:behind|reading|answering|replying|typing|writing|there)"
    rf"|(?:spreche|rede|schreibe|chatte) ich(?: hier| gerade| jetzt)*(?: eigentlich| wirklich)? mit {_EITHER}"
    rf"){_HERE}\W*"
)
_SMALL_TALK: tuple[tuple[SmallTalk, re.Pattern[str]], ...] = (
    (
        "greeting",
        re.compile(
            r"\W*(?:hi|hello|hey|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|greetings|"
            r"hallo|hola|bonjour|moin|ciao|guten (?:morgen|tag|abend)|servus)"
            r"(?:\s+(?:there|again|all|everyone|team|bot|you|folks|zusammen))*"
            r"(?:\W+how are you(?: doing)?(?: today)?)?\W*",
            re.IGNORECASE,
        ),
    ),
    ("greeting", re.compile(r"\W*how are you(?: doing)?(?: today)?\W*", re.IGNORECASE)),
    (
        "thanks",
        re.compile(
            r"\W*(?:(?:ok(?:ay)?|great|perfect|super|cool|nice|awesome|excellent|got it|alright|"
            r"good)\W+)*(?:thanks?(?: you)?|thx|ty|cheers|much appreciated|merci|"
            r"(?:vielen |besten |herzlichen )?dank(?:e(?:schön)?)?|gracias)(?:\s+(?:a lot|so much|very much|sehr|schön|"
            r"für (?:die|deine|ihre) hilfe|again|you|for (?:your|the) (?:help|answer)|for "
            r"(?:helping|that)|that (?:helped|helps|worked|works)|a bunch|a million))*(?:\W+(?:that "
            r"(?:helped|helps|worked|works|was helpful)|bye|great|perfect))*\W*",
            re.IGNORECASE,
        ),
    ),
    (
        "thanks",
        re.compile(
            r"\W*(?:ok(?:ay)?|great|perfect|super|cool|awesome|excellent|got it|that (?:helped|worked|"
            r"works|solved it)|it works(?: now)?)\W*",
            re.IGNORECASE,
        ),
    ),
    (
        "goodbye",
        re.compile(
            r"\W*(?:(?:good)?bye(?: bye)?|tschüss?|(?:auf )?wiedersehen|schönen tag(?: noch)?|"
            r"see (?:you|ya)(?: later)?|have a (?:nice|good|great) (?:day|"
            r"evening|weekend)|that['’]?s all|no,? (?:that['’]?s all|thanks|thank you|nothing "
            r"else))(?:\W+(?:thanks?(?: you)?|bye))*\W*",
            re.IGNORECASE,
        ),
    ),
    ("identity", re.compile(_IDENTITY, re.IGNORECASE)),
)
_ACCEPTS = re.compile(
    r"\W*(?:yes|yeah|yep|yup|sure|ok(?:ay)?|of course|absolutely|definitely|alright|please(?: do)?|"
    r"that would be (?:great|nice|good)|i would|i['’]d like that|go ahead|ja|gerne?|klar|natürlich|unbedingt|oui|si)"
    r"(?:\W+(?:please|thanks?|thank you|i would|do|a person|sure|yes|bitte|gerne?))*\W*",
    re.IGNORECASE,
)
LONGEST_SMALL_TALK = 12  # words
LOUD_LETTERS, LOUD_SHARE = 20, 0.8  # a whole sentence in capitals


@dataclass(frozen=True, slots=True)
class Intent:
    """What a message is. `topic` names the rule of never-auto topics that it falls under."""

    wants_person: bool = False
    small_talk: SmallTalk = ""
    angry: bool = False
    failed: bool = False
    topic: str = ""


def read_intent(message: str, never_auto: Iterable[str] = (), *, offered: bool = False) -> Intent:
    """Read a customer's message by rule; no model is asked. `offered`: the last thing we said was to offer a person."""
    accepts = offered and bool(_ACCEPTS.fullmatch(message))
    return Intent(
        wants_person=accepts or asks_for_person(message),
        small_talk="" if accepts else small_talk(message),
        angry=bool(_ANGRY.search(message)) or _shouts(message),
        failed=bool(_FAILED.search(message)),
        topic=next((topic for topic in never_auto if touches(message, topic)), ""),
    )


def small_talk(message: str) -> SmallTalk:
    """Which kind of small talk the whole message is, if it is nothing else."""
    if len(words(message)) > LONGEST_SMALL_TALK:
        return ""
    return next((kind for kind, pattern in _SMALL_TALK if pattern.fullmatch(message)), "")


def _shouts(message: str) -> bool:
    letters = [letter for letter in message if letter.isalpha()]
    loud = sum(letter.isupper() for letter in letters)
    return len(letters) >= LOUD_LETTERS and loud > LOUD_SHARE * len(letters) and "!" in message
