"""What a message is, before anything is searched: a request for a person, small talk, anger, a topic to leave alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.language import content_words, words

SmallTalk = Literal["", "greeting", "thanks", "goodbye", "identity"]

_PERSON = (
    r"(?:(?:a|an|the|your|some|any|one of your|somebody|real|live|actual|another)\s+)*"
    r"(?:human|person|people|agent|representative|rep|operator|advisor|adviser|someone|somebody|staff|"
    r"employee|support team"
    r"|support agent|customer service|customer support|support person|team member|colleague|manager|"
    r"supervisor|human being)"
)
_WANTS_PERSON = re.compile(
    rf"\b(?:talk|speak|chat|connect|transfer|put|pass|hand|forward|escalate|switch|get|reach|contact|"
    rf"need|want|prefer)\b"
    rf"(?:\s+(?:me|us|this|it|over|through|directly|now|please|with|to|in touch with|on to|rather|"
    rf"instead|a call with|help|assistance|from)\b)*\s+(?:with\s+|to\s+)?{_PERSON}\b"
    rf"|\b(?:real|live|actual)\s+(?:human|person|agent|people|operator)\b|^\W*(?:human|agent|person|"
    rf"operator|representative)(?:\s*,?\s*please)?\W*$"
    rf"|\b(?:is|are)\s+there\s+(?:a|any|some)?\s*(?:human|person|people|real person|agent|someone|"
    rf"somebody|anybody|anyone)\b[^.?!]{{0,30}}\b(?:talk|speak|chat|there|help|available|contact)\b"
    rf"|\b(?:not|don['’]?t want|stop|no more|hate|sick of|without)\b[^.?!]{{0,25}}\b(?:bot|chatbot|robot|machine|ai)\b"
    rf"|\bescalate\s+(?:this|my|the|it)\b|\bcall me(?:\s+back)?\b",
    re.IGNORECASE,
)
_ABOUT_THE_PRODUCT = re.compile(
    r"^\W*(?:(?:how|when|where|why|what|which|who)\b(?!\s+(?:do|can|could|may|might|should)\s+(?:i|"
    r"we)\s+(?:talk|speak|chat|get|reach|contact|connect)))"
    r"|\b(?:my|our|their|your|the)\s+(?:customers?|visitors?|users?|agents?|team)\s+(?:can|could|may|to|want|ask)\b"
    r"|\b(?:can|could|may|do)\s+(?:my|our|the|a|an|customers?|visitors?|users?|agents?|they|he|she)\b",
    re.IGNORECASE,
)
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
    r"answering)|wrong answer|that['’]?s (?:wrong|not it|not true))\b",
    re.IGNORECASE,
)
_SMALL_TALK: tuple[tuple[SmallTalk, re.Pattern[str]], ...] = (
    (
        "greeting",
        re.compile(
            r"\W*(?:hi|hello|hey|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|greetings|hallo|"
            r"hola|bonjour|moin|ciao)(?:\s+(?:there|again|all|everyone|team|bot|you|folks))*(?:\W+how "
            r"are you(?: doing)?(?: today)?)?\W*",
            re.IGNORECASE,
        ),
    ),
    ("greeting", re.compile(r"\W*how are you(?: doing)?(?: today)?\W*", re.IGNORECASE)),
    (
        "thanks",
        re.compile(
            r"\W*(?:(?:ok(?:ay)?|great|perfect|super|cool|nice|awesome|excellent|got it|alright|"
            r"good)\W+)*(?:thanks?(?: you)?|thx|ty|cheers|much appreciated|merci|danke|"
            r"gracias)(?:\s+(?:a lot|so much|very much|again|you|for (?:your|the) (?:help|answer)|for "
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
            r"\W*(?:(?:good)?bye(?: bye)?|see (?:you|ya)(?: later)?|have a (?:nice|good|great) (?:day|"
            r"evening|weekend)|that['’]?s all|no,? (?:that['’]?s all|thanks|thank you|nothing "
            r"else))(?:\W+(?:thanks?(?: you)?|bye))*\W*",
            re.IGNORECASE,
        ),
    ),
    (
        "identity",
        re.compile(
            r"\W*(?:who|what) are you\W*|\W*are you (?:a |an )?(?:real |actual )?(?:bot|robot|human|"
            r"person|ai|machine|chatbot|real)(?: or (?:a |an )?\w+)?\W*",
            re.IGNORECASE,
        ),
    ),
)
_ACCEPTS = re.compile(
    r"\W*(?:yes|yeah|yep|yup|sure|ok(?:ay)?|of course|absolutely|definitely|alright|please(?: do)?|"
    r"that would be (?:great|nice|good)|i would|i['’]d like that|go ahead|ja|oui|si)"
    r"(?:\W+(?:please|thanks?|thank you|i would|do|a person|sure|yes|bitte))*\W*",
    re.IGNORECASE,
)
_TOPICS = {
    "legal threat": r"\b(?:lawyer|attorney|solicitor|lawsuit|legal action|sue|suing|sued|take you to court|small "
        r"claims|ombudsman|report you to|press charges|legal proceedings|cease and desist)\b",
    "self-harm": r"\b(?:suicid\w*|kill(?:ing)? myself|end(?:ing)? my (?:own )?life|harm(?:ing)? myself|"
        r"hurt(?:ing)? myself|self[- ]harm\w*|want to die|don['’]?t want to live|cut(?:ting)? myself|take "
        r"my (?:own )?life)\b",
    "chargeback": r"\b(?:charge ?back|dispute (?:the|this|my|a) (?:charge|payment|transaction)|reverse the "
        r"(?:charge|payment)|(?:ask|tell|contact|call)(?:ing)? my (?:bank|card company|credit card))\b",
}  # fmt: skip
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
        wants_person=accepts or wants_person(message),
        small_talk="" if accepts else small_talk(message),
        angry=bool(_ANGRY.search(message)) or _shouts(message),
        failed=bool(_FAILED.search(message)),
        topic=next((topic for topic in never_auto if _touches(message, topic)), ""),
    )


def wants_person(message: str) -> bool:
    """Whether a person is asked for, now and for oneself; a question about handing over is an ordinary question."""
    return bool(_WANTS_PERSON.search(message)) and not _ABOUT_THE_PRODUCT.search(message)


def small_talk(message: str) -> SmallTalk:
    """Which kind of small talk the whole message is, if it is nothing else."""
    if len(words(message)) > LONGEST_SMALL_TALK:
        return ""
    return next((kind for kind, pattern in _SMALL_TALK if pattern.fullmatch(message)), "")


def _touches(message: str, topic: str) -> bool:
    """A topic we know by its phrases; any other when all its content words occur."""
    phrases = _TOPICS.get(topic.lower())
    if phrases:
        return bool(re.search(phrases, message, re.IGNORECASE))
    named = set(content_words(topic))
    return bool(named) and named <= set(content_words(message))


def _shouts(message: str) -> bool:
    letters = [letter for letter in message if letter.isalpha()]
    loud = sum(letter.isupper() for letter in letters)
    return len(letters) >= LOUD_LETTERS and loud > LOUD_SHARE * len(letters) and "!" in message
