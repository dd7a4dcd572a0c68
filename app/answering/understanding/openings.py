"""How questions open, in English and in German: what tells a second question from more words of the first."""

import re
from dataclasses import dataclass
from functools import cached_property

from app.answering.tongues import is_foreign, tongue_of


@dataclass(frozen=True)
class Opening:
    """The words that open a question in one language.

    `sure` opens a question wherever it stands. `likely` does, unless the clause before it holds such words of its own,
    which may govern it ("see what it said and how sure it was"). `governed` needs an asking phrase before it.
    """

    wh: str
    sure: str
    likely: str
    governed: str
    asking: str
    without_verb: str
    within: str
    """What inside a clause may govern another clause."""

    @cached_property
    def is_sure(self) -> re.Pattern[str]:
        """Opens a question wherever it stands."""
        return _compiled(self.sure)

    @cached_property
    def is_likely(self) -> re.Pattern[str]:
        """Opens a question where nothing before it governs it."""
        return _compiled(f"{self.sure}|{self.likely}")

    @cached_property
    def is_governed(self) -> re.Pattern[str]:
        """Opens a clause that is a question behind an asking phrase."""
        return _compiled(f"{self.sure}|{self.likely}|{self.governed}|{self.without_verb}")

    @cached_property
    def asks(self) -> re.Pattern[str]:
        """Opens a sentence that asks, with or without its mark."""
        return _compiled(f"{self.sure}|{self.likely}|{self.without_verb}|{self.asking}")

    @cached_property
    def asks_for(self) -> re.Pattern[str]:
        """An asking phrase: "can you tell me"."""
        return _compiled(self.asking)

    @cached_property
    def begins_without_verb(self) -> re.Pattern[str]:
        """Opens a question in the infinitive: "how to"."""
        return _compiled(self.without_verb)

    @cached_property
    def governs(self) -> re.Pattern[str]:
        """A word inside a clause behind which another clause may belong to it."""
        return re.compile(self.within, re.IGNORECASE)


def opening_of(text: str) -> Opening:
    """That of the language of a text: German, or English for all others."""
    return GERMAN if is_foreign(text) and tongue_of(text) == "de" else ENGLISH


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})\b", re.IGNORECASE)


_WH = r"(?:how|what|where|when|why|who|whom|whose|which)"
_BE = (
    r"(?:does|did|can|could|will|would|shall|should|is|are|was|were|may|might|must|has|am"
    r"|(?:is|are|does|did|ca|could|wo|would|should|was|were|has)n['’]?t)"
)
_DO = r"(?:do|have|had|don['’]?t|haven['’]?t)"
_WE = r"(?:i|we|you|they|customers|agents|admins|visitors|users|people|these|those)"
_IT = (
    rf"(?:{_WE}|it|he|she|there|one|this|that|someone|somebody|anyone|anybody|everyone|everybody|nobody|the|my|our|your"
    r"|their|its|an?|any|answerdesk)"
)
_NO_SUBJECT = r"(?!(?:i|we|you|they|it|he|she|there|one|this|that|the|my|our|your|their|its|an?|to)\b)"
ENGLISH = Opening(
    wh=_WH,
    sure=(
        rf"{_WH}(?:\s+{_NO_SUBJECT}[\w-]+){{0,3}}?\s+(?:{_BE}|{_DO})\s+{_IT}"
        rf"|(?:what|where|who|when|how)['’]s\s+{_IT}|{_BE}\s+{_IT}|{_DO}\s+{_WE}|(?:what|how) about"
    ),
    likely=rf"(?:what|who|which|whose|why|how\s+(?:much|many|long|often|far|big|large|fast|old))\s+{_NO_SUBJECT}[\w-]+|"
    rf"{_WH}\s+(?:{_BE}|{_DO})",
    governed=rf"{_WH}\s+(?!to\b)\w+",
    asking=(
        r"(?:(?:can|could|would|will) (?:you|someone|anyone|anybody) (?:please |kindly |also )*)?"
        r"(?:please )?(?:tell|show|explain|let|help|remind)(?: to)? (?:me|us|how|what|where|when|why|which|who)"
        r"|i(?:['’]d| would)? (?:also )?(?:like|want|need|love) to (?:know|ask|understand|learn|find out)"
        r"|i(?:['’]m| am| was)(?: also)? (?:wondering|curious|interested)|do you know|any idea|you know"
    ),
    without_verb=r"(?:how|where|what|when) to",
    within=(
        r"\b(?:how|what|where|when|why|which|whose|whether)\b"
        r"|\b(?:see|know|show|find out|tell|check|control|decide|set|change|define|choose)\s+(?:\w+\s+)?who\b"
    ),
)
_WIE = (
    r"(?:wie|was|wo|wann|warum|wieso|weshalb|wer|wem|wen|wessen|welche[rsnm]?|wohin|woher|womit|wofür|wozu|worin|wieviele?"
    r"|inwiefern)"
)
_ER = (
    r"(?:ich|wir|man|sie|er|es|ihr|du|das|dies(?:e[rsnm]?)?|der|die|den|dem|eine?[nmrs]?|mein\w*|unser\w*|euer|eure\w*|ihre?\w*"
    r"|jemand|kunden|agenten|admins|mir|mich|uns)"
)
_KANN = (
    r"(?:kann|kannst|können|könnte[nt]?|muss|müssen|darf|dürfen|soll|sollte|sollten|ist|sind|war|wird|werden|würde|hat|haben"
    r"|habe|gibt|geht|gehen|funktioniert|kostet|brauche[nt]?|bekomme|sehe|sieht|braucht|lässt|lassen|macht|mache)"
)
GERMAN = Opening(
    wh=_WIE,
    sure=(
        rf"{_WIE}(?:\s+(?!{_ER}\b)\w+){{0,2}}?\s+(?:{_KANN}|(?!{_ER}\b|oft\b|weit\b)\w+(?:e|t|en|st))\s+{_ER}|{_KANN}\s+{_ER}"
        rf"|was ist mit|wie (?:sieht|steht) es mit"
    ),
    likely=rf"{_WIE}\s+(?!{_ER}\b)\w+",
    governed=rf"(?:{_WIE}|ob)\s+\w+",
    asking=(
        r"(?:können|könnten|kannst|könntest|könnt) (?:sie|du|ihr|mir|uns) (?:mir |uns |bitte |auch |mal )*"
        r"(?:sagen|erklären|zeigen|helfen|verraten)"
        r"|(?:bitte )?(?:sagen|erklären|zeigen|sag|erklär|zeig) (?:sie )?(?:mir|uns)"
        r"|(?:ich|wir) (?:möchten?|will|wollen|würden? gerne?)(?: auch| gerne?)? wissen|wissen sie|weißt du"
        r"|mich interessiert|ich frage mich|ich wüsste gerne?"
    ),
    without_verb=r"(?:wie|wo) (?:zu|man)",
    within=rf"\b(?:{_WIE}|ob)\b",
)
