"""Topics that the bot leaves alone: whether a message is about one, or only asks how the bot treats it."""

import re

from app.language import content_words

_PHRASES = {
    "legal threat": r"\b(?:lawyers?|attorneys?|solicitors?|lawsuits?|legal action|sue|suing|sued|take you to court|"
        r"small claims|ombudsman|report you to|press charges|legal proceedings|cease and desist|"
        r"(?:rechts)?anw[aä]lt(?:in|e|s)?|verklag\w*|rechtliche schritte|vor gericht|abmahn\w*|strafanzeige)\b",
    "self-harm": r"\b(?:suicid\w*|kill(?:ing)? myself|end(?:ing)? my (?:own )?life|harm(?:ing)? myself|"
        r"hurt(?:ing)? myself|self[- ]harm\w*|want to die|don['’]?t want to live|cut(?:ting)? myself|take "
        r"my (?:own )?life|suizid\w*|selbstmord\w*|mich umbringen|(?:mir|mein) (?:das )?leben (?:nehmen|beenden)|"
        r"nicht mehr leben|mich (?:selbst )?verletzen|ritze mich)\b",
    "chargeback": r"\b(?:charge ?backs?|dispute (?:the|this|my|a) (?:charge|payment|transaction)|reverse the "
        r"(?:charge|payment)|(?:ask|tell|contact|call)(?:ing)? my (?:bank|card company|credit card)|rückbuch\w*|"
        r"zurückbuch\w*|rücklastschrift\w*)\b",
}  # fmt: skip
_ALWAYS = "self-harm"
_OF_THE_BOT = re.compile(
    r"\b(?:the|your|our|this|a|der|den|dem|ihr|euer|unser)\s+(?:chat ?)?(?:bots?|assistant|chatbot|ai)\b|\banswerdesk\b"
    r"|\b(?:customers?|visitors?|users?|someone|somebody|kunden?|jemand)\s+(?:\w+\s+)?"
    r"(?:mentions?|threatens?|says?|asks?|writes?|talks?|raises?|droht|drohen|erwähnt|erwähnen|schreibt|schreiben|fragt|fragen)\b|\bnever_auto\b",
    re.IGNORECASE,
)
_OF_ONESELF = re.compile(
    r"\b(?:i|we)(?:['’]ll|['’]m|['’]ve|['’]re|\s+(?:will|am|are|have|shall|want|plan|intend|consider\w*|demand|must|need))\b"
    r"|\b(?:my|our)\s+(?:\w+\s+)?(?:lawyers?|attorney|solicitor|lawsuit|bank|card|claim)\b|\b(?:sue|suing)\s+(?:you|your)\b"
    r"|\b(?:ich|wir)\s+(?:werden?|will|wollen|habe|möchten?|lasse)\b|\bmein\w*\s+(?:rechts)?anwalt"
    r"|\bverklage\s+(?:sie|euch|dich)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?<=[.?!…])\s+|\n+")


def touches(message: str, topic: str) -> bool:
    """Whether a message is about the topic: one that we know by its phrases, any other when all its words occur."""
    about = any(_names(sentence, topic) and not _asks_about_us(sentence, topic) for sentence in _BREAK.split(message))
    # The words of an admin's own topic may be spread over sentences.
    return about or (topic.lower() not in _PHRASES and not _asks_about_us(message, topic) and _names(message, topic))


def _names(text: str, topic: str) -> bool:
    phrases = _PHRASES.get(topic.lower())
    if phrases:
        return bool(re.search(phrases, text, re.IGNORECASE))
    named = set(content_words(topic))
    return bool(named) and named <= set(content_words(text))


def _asks_about_us(text: str, topic: str) -> bool:
    """A question about what the bot does with a topic is no matter of the topic. Danger to life is never only that."""
    if topic.lower() == _ALWAYS or _OF_ONESELF.search(text):
        return False
    return bool(_OF_THE_BOT.search(text)) and text.rstrip().endswith("?")
