"""How a question is put: its politeness taken off, its kind told by how it opens, phrases that mean one thing."""

import re

HOW, WHETHER = "how to", "yes or no"
_PHRASES = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), said)
    for pattern, said in (
        (r"(?:sign|log)(?:ging|ing|ged|ed|s)?[ -]?(?:in|on)(?:to)?", "login"),
        (r"(?:sign|log)(?:ging|ing|ged|ed|s)?[ -]?(?:out|off)", "logout"),
        (r"sign(?:ing|ed|s)?[ -]?up", "signup"),
        (r"(?:turn|switch)(?:ing|ed|s)?(?: (?:it|them|this|that))? on", "enable"),
        (r"(?:turn|switch)(?:ing|ed|s)?(?: (?:it|them|this|that))? off", "disable"),
        (r"set(?:ting|s)?[ -]up", "setup"),
        (r"e-?mails?(?: address(?:es)?)?", "email"),
        (r"(?:mobile|cell|tele) ?phones?", "phone"),
        (r"photograph(?:s|ed)?", "photo"),
        (r"how much (?:does|do|is|are|will|would)", "what cost"),
        (r"get(?:ting)? rid of", "delete"),
        (r"where (?:do|can|could|would) (?:i|we|one) (?:find|see|view|locate)", "where is"),
        (r"(?:at )?what times?(?= (?:is|are|do|does|can|will))", "when"),
    )
)
_POLITE = re.compile(
    r"^\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening)|please|kindly|ok(?:ay)?|so|well|quick question"
    r"|excuse me|thanks?(?: you)?)(?: (?:there|all|team|everyone))?\b\W*"
    r"|(?:can|could|would|will) you (?:please |kindly )?(?:tell|show|help|explain(?: to)?|let)"
    r"(?: (?:me|us))?(?: know)?\b\W*"
    r"|(?:please )?(?:tell|show|explain to|help) (?:me|us)\b\W*|do you know\b\W*|i (?:was|am|'m) wondering(?: if)?\b\W*"
    r"|i(?: would|'d)? (?:want|need|like|love|wish) to (?:know|ask|find out|understand|learn)\b\W*"
    r"|(?:and|about)\b\W*)+"
)
_TAIL = re.compile(
    r"\W*(?:\b(?:please|thanks?(?: you)?(?: (?:a lot|so much|very much|in advance))?|cheers|kindly)\W*)+$"
)
_ADDED = re.compile(
    r"\W+(?:but |and |so )?(?:how (?:do|can|could|would|should) (?:i|we) (?:do|achieve|accomplish|get) "
    r"(?:that|this|it|so)|(?:is|would) (?:this|that|it) (?:be )?(?:possible|doable)|can (?:this|that|it) be done"
    r"|can (?:i|we) do (?:that|this|it)"
    r"|is there (?:a|an|any|some) (?:\w+ )?(?:way|option|solution)(?: (?:for|to do) (?:this|that|it|so))?"
    r"|what is the (?:\w+ )?way to do (?:this|that|it|so))\W*$"
)
_KINDS: tuple[tuple[str, str], ...] = (
    (HOW, r"how (?:do|can|could|would|should|might|shall|may) (?:i|we|one|(?P<you>you))\b(?: be able to| go about)?"),
    (HOW, r"how to\b|how does one\b|how (?:is|are) (?:i|we|(?P<you>you)) (?:supposed )?to\b"),
    (HOW, r"i(?: would|'d| am|'m)? (?:want|need|like|wish|trying|try|have) to\b"),
    (HOW, r"(?:is|are) there (?:a|an|any)? ?(?:\w+ )?ways? (?:for me )?(?:to|of)\b"),
    (HOW, r"(?:what|which)(?:'s| is| are)? (?:the |a )?(?:\w+ )?(?:ways?|steps?|procedure|method) (?:to|for|of)\b"),
    ("must", r"(?:must|should|shall) (?:i|we|one|(?P<you>you))\b"),
    ("must", r"(?:do|does) (?:i|we|one|(?P<you>you)) (?:need|have|got) to\b"),
    ("must", r"(?:am|are) (?:i|we|(?P<you>you)) (?:required|obliged|supposed) to\b"),
    ("must", r"is it (?:necessary|required|mandatory) (?:for me )?to\b"),
    ("can", r"(?:can|could|may|might|would) (?:i|we|one|(?P<you>you))\b(?: be able to)?"),
    ("can", r"(?:am|are) (?:i|we|(?P<you>you)) (?:able|allowed|permitted) to\b"),
    ("can", r"(?:is|would) it (?:be )?(?:possible|ok|okay|allowed) (?:for me )?to\b"),
    ("", r"how (?:long|many|much|often|far|old|big|large|soon|fast)\b"),
    ("", r"(?:what|which|who|whom|whose|when|where|why|how)\b"),
    (WHETHER, r"(?:is|are|was|were|does|do|did|will|would|has|have|had|can|could|may|should|must)\b"),
)  # fmt: skip
_OPENINGS = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)


def normal(question: str) -> str:
    """The spelling under which a question is known: case, spaces and the mark at the end do not count."""
    return " ".join(question.lower().replace("’", "'").split()).rstrip(" ?!.")


_SHORT = re.compile(r"\b(what|where|who|when|how|it|that|there)'s\b")


def opened(text: str) -> tuple[str, str]:
    """What kind of question it is, and the rest without politeness and opening."""
    text = _TAIL.sub("", _POLITE.sub("", _SHORT.sub(r"\1 is", text)))
    for pattern, said in _PHRASES:
        text = pattern.sub(said, text)
    for kind, pattern in _OPENINGS:
        match = pattern.match(text)
        if match:
            return _kind(kind, match), _rest(kind, text, match.end())
    return HOW, text  # "reset my password" asks how


def _kind(kind: str, match: re.Match[str]) -> str:
    """What you do is not what I do."""
    return f"{kind or match.group()}{', you' if match.groupdict().get('you') else ''}"


def _rest(kind: str, text: str, end: int) -> str:
    rest = text if kind == WHETHER else text[end:]
    return _ADDED.sub("", rest) if kind == HOW else rest
