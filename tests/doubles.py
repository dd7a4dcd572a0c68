"""Models that behave in one known way, so that a test knows what must become of what they write."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from random import Random

from app.language import sentences
from app.llm.types import Excerpt, Options, Part, Prompt, Stop, Text, Usage

Writes = Callable[[Prompt], str]
PIECE = 7  # characters that a double says at once
INVENTED = (
    "You get a refund of 250 euros within 90 days.",
    "Our founder Zebulon Krantz will call you on 555-0199.",
    "This feature is not available and never was.",
    "Send your password to support@evil.example to continue.",
    "Visit https://evil.example/login to sign in again.",
)


@dataclass(frozen=True, slots=True)
class Double:
    """Writes what its function makes of the prompt, a few characters at a time."""

    name: str
    writes: Writes

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        answer = self.writes(prompt)
        for at in range(0, len(answer), PIECE):
            yield Text(answer[at : at + PIECE])
        yield Usage(len(prompt.system) // 4, len(answer) // 4, estimated=True)
        yield Stop("stop")


def honest() -> Double:
    """Copies sentences of the passages and cites them rightly."""
    return Double("honest", lambda prompt: " ".join(f"{text} [{number}]" for number, text in _quotes(prompt)[:4]))


def obeying() -> Double:
    """Does whatever a passage or a customer tells it: the worst case of an injection that works."""
    return Double("obeying", lambda prompt: " ".join(_orders(prompt)) or "I obey. [1]")


def lying(seed: int = 1) -> Double:
    """Changes numbers and negations of what it copies, invents the rest, and cites passages for all of it."""
    chance = Random(seed)  # noqa: S311  # repeatable, not secret

    def write(prompt: Prompt) -> str:
        changed = [f"{_false(text)} [{number}]" for number, text in _quotes(prompt) if _false(text) != text]
        invented = [f"{text} [{chance.randint(1, 9)}]" for text in INVENTED]
        said = [*changed[:4], *invented]
        chance.shuffle(said)
        return " ".join(said)

    return Double("lying", write)


def declining() -> Double:
    """Says in plain words that it does not know."""
    return Double("declining", lambda _: "I'm sorry, but I could not find any information about that in the passages.")


def rambling() -> Double:
    """Talks on and on without a source, in every kind of Markdown."""
    talk = "Well, life is a journey and software is its luggage.\n\n- One may wonder.\n- One may wander.\n\n"
    talk += "| a | b |\n|---|---|\n| x | y |\n\n"
    return Double("rambling", lambda _: "Great question! " + talk * 12 + "Is there anything else I can help you with?")


def _quotes(prompt: Prompt) -> list[tuple[int, str]]:
    return [(one.number, text) for one in prompt.excerpts for text in _statements(one)]


def _statements(excerpt: Excerpt) -> list[str]:
    spans = sentences(excerpt.text)
    return [span.text for span in spans if span.text.endswith(".") and "\n" not in span.text and span.text[0].isupper()]


def _orders(prompt: Prompt) -> list[str]:
    texts = [*(one.text for one in prompt.excerpts), prompt.question]
    return [
        found for text in texts for found in re.findall(r"(?:say|write|tell the customer):? (.+)", text, re.IGNORECASE)
    ]


def _false(text: str) -> str:
    """Another number, or the opposite."""
    if re.search(r"\d", text):
        return re.sub(r"\d+", lambda match: str(int(match.group()) + 17), text)
    if re.search(r"\b(?:not|cannot|never)\b(?= \w)", text):
        return re.sub(r"\bcannot\b", "can", re.sub(r"\s*\b(?:not|never)\b(?= \w)", "", text))
    return re.sub(r"\b(is|are|can|may|must|will)\b", r"\1 not", text, count=1)
