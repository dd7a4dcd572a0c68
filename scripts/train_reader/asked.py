"""Questions as customers ask them, made by rule from headings and from sentences that state a task."""

import re
from collections import Counter
from collections.abc import Iterable
from random import Random

from app.language import STOPWORDS, content_words, stem

HOW = (
    "how do I {}?",
    "how do I {}",
    "how can I {}?",
    "how to {}",
    "can I {}?",
    "is it possible to {}?",
    "I want to {}",
)
WHAT = ("what is {}?", "what is {}", "{}", "how does {} work?", "where do I find {}?", "what does {} do?")
BARE = 0.15
"""Share of tasks that are asked as people type into a search box, without a question's words."""
LONGEST = 120
VAGUE = {
    stem(word)
    for word in "options description example examples overview introduction notes tab dialog menu settings".split()
}
KNOWN = 20
"""So often a word must stand behind "to" in all texts, that it counts as a verb."""
_TO = re.compile(r"\b[Tt]o ([a-z]{2,})\b")
_ASKED = re.compile(r"(?i)^(how|what|why|where|when|who|which|can|could|do|does|is|are|should|will|may|must|i|my)\b")
_LEAD = re.compile(r"^To ([a-z]+ [^,:.;()]{8,80})[,:] ")
_CAN = re.compile(
    r"^(?:You|It) can(?: also| then)? ([a-z]+ [^.;:()]{10,90}?)(?= by | using | with |[.,]| in order| if | when )"
)
_LETS = re.compile(
    r"\b(?:allows?|lets?|enables?) (?:you|users?)(?: to)? ([a-z]+ [^.,;:()]{8,80}?)(?= by | using |[.,])"
)
_IF = re.compile(r"^If (you [^,.;()]{10,80}), ")
_IS = re.compile(
    r"^(?:The |An? )?((?!Here|There|This|That|It|These)[A-Z][\w-]*(?: [\w-]+){0,4}?) (?:is|are) (?:an?|the) "
)
_OURS = (
    (r"\byourself\b", "myself"), (r"\byour\b", "my"), (r"\byou are\b", "I am"), (r"\byou['’]re\b", "I am"),
    (r"\byou\b", "I"),
)  # fmt: skip


class Asking:
    """Knows the verbs of the texts it was made from."""

    def __init__(self, texts: Iterable[str], chance: Random) -> None:
        self._verbs = Counter(word for text in texts for word in _TO.findall(text) if word not in STOPWORDS)
        self._chance = chance

    def of_heading(self, heading: str) -> str | None:
        """The question that the section under this heading answers; None for headings that say nothing."""
        heading = re.sub(r"^[A-Z]?\d+\.\s+|^To (?=[A-Z])", "", heading)
        words = heading.split()
        if len(heading) > LONGEST or len(set(content_words(heading)) - VAGUE) < (1 if heading.endswith("?") else 2):
            return None
        if heading.endswith("?"):
            return heading
        if _ASKED.match(heading):
            return heading.lower() if self._chance.random() < 0.5 else f"{heading}?"  # noqa: PLR2004  # half
        infinitive = self._infinitive(words[0].lower())
        if infinitive and len(words) > 1:
            return self._task(" ".join([infinitive, *words[1:]]))
        if self._is_verb(words[0].lower()) and len(words) > 1 and words[1][:1].islower():
            return self._task(_lowered(heading))
        return self._chance.choice(WHAT).format(_lowered(heading))

    def of_sentence(self, sentence: str) -> str | None:
        """The question that what stands around this sentence answers, if it states a task or says what a thing is."""
        for pattern in (_LEAD, _CAN, _LETS):
            match = pattern.search(sentence)
            if match and " you " not in match.group(1) and self._is_verb(match.group(1).split()[0]):
                return self._task(match.group(1))
        if match := _IF.match(sentence):
            return _ours(
                self._chance.choice(("what if {}?", "{}", "{}, what should I do?", "what happens if {}?")).format(
                    match.group(1)
                )
            )
        if match := _IS.match(sentence):
            return f"what is {_lowered(match.group(1))}?" if self._chance.random() < 0.4 else None  # noqa: PLR2004  # they are many
        return None

    def _task(self, task: str) -> str:
        if self._chance.random() < BARE:
            return " ".join(word for word in task.split() if word.lower() not in STOPWORDS)
        return _ours(self._chance.choice(HOW).format(task))

    def _is_verb(self, word: str) -> bool:
        return self._verbs[word] >= KNOWN

    def _infinitive(self, word: str) -> str | None:
        """Of "changing" it is "change", of "setting" "set": whichever stands more often behind "to"."""
        if not word.endswith("ing") or len(word) < 6:  # noqa: PLR2004  # "king"
            return None
        stem = word[:-3]
        known = [stem, f"{stem}e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem]
        best = max(known, key=lambda one: self._verbs[one])
        return best if self._is_verb(best) else None


def _ours(text: str) -> str:
    """The customer speaks of themself."""
    for pattern, ours in _OURS:
        text = re.sub(pattern, ours, text, flags=re.IGNORECASE)
    return text


def _lowered(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
