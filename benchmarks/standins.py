"""A cheap and a strong model of known quality: what they write is fixed by the case and by how hard it is.

The assumption, stated once: a case is *easy* when the first passage read answers it, *middling* when the second or
third does, *hard* when a later one does, and *hopeless* when none does. `SKILL` says how often each model is right on
each kind; on a hopeless case, right means to say that there is no answer. The same draw decides for both models, so the
strong one is right wherever the cheap one is. In 35 % of its errors a model says that there is no answer, in 35 % it
invents what no passage says, and in 30 % it quotes a passage that does not answer, which no check can see.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.language import sentences
from app.llm.money.prices import Price, cost, estimated
from app.llm.types import Options, Part, Prompt, Stop, Text, Usage
from benchmarks.questions import Case

Level = Literal["easy", "middling", "hard", "hopeless"]
Name = Literal["cheap", "strong"]
Skill = Mapping[Name, Mapping[Level, float]]
SKILL: dict[Name, Mapping[Level, float]] = {
    "cheap": {"easy": 0.96, "middling": 0.85, "hard": 0.70, "hopeless": 0.70},
    "strong": {"easy": 0.98, "middling": 0.95, "hard": 0.92, "hopeless": 0.90},
}
BETTER: Skill = SKILL | {"cheap": {"easy": 0.97, "middling": 0.90, "hard": 0.80, "hopeless": 0.80}}
WORSE: Skill = SKILL | {"cheap": {"easy": 0.92, "middling": 0.75, "hard": 0.55, "hopeless": 0.60}}
"""How much the figures rest on the assumption."""
ABSTAINS, INVENTS = 0.35, 0.70
PRICES: Mapping[Name, Price] = {"cheap": Price(0.10, 0.50, 0.01), "strong": Price(2.0, 10.0, 0.2)}
"""Those of gpt-6-luna and gpt-6-sol in genai-prices 0.2.3; a token is four characters."""
INVENTION = "Our office in Reykjavik handles this within 97 minutes. [1]"
SENTENCES = 3


def level(case: Case) -> Level:
    """How hard a case is."""
    if not case.rank:
        return "hopeless"
    return "easy" if case.rank == 1 else "middling" if case.rank <= 3 else "hard"  # noqa: PLR2004  # as stated above


def price(name: str, usage: Usage) -> int:
    """What a call of a stand-in costs, in millionths of a US dollar."""
    known = PRICES["strong"] if name == "strong" else PRICES["cheap"] if name == "cheap" else Price(0, 0)
    found = cost(usage, "", None, known)
    return found.micro_usd if found else 0


@dataclass(frozen=True, slots=True)
class StandIn:
    """Writes what a model of this skill would."""

    name: Name
    cases: Mapping[str, Case]
    skill: Skill = field(default_factory=lambda: SKILL)

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:  # noqa: ARG002  # as every model
        """The answer, and what it took."""
        text = self._text(prompt)
        yield Text(text)
        yield estimated(prompt, text)
        yield Stop("stop")

    def _text(self, prompt: Prompt) -> str:
        case = self.cases[prompt.question]
        right = drawn(case.id, "right") < self.skill[self.name][level(case)]
        if right:
            return _quoted(prompt, case.rank) if case.rank else "NO ANSWER"
        slip = drawn(case.id, "slip")
        if slip < ABSTAINS and case.rank:
            return "NO ANSWER"
        return INVENTION if slip < INVENTS else _quoted(prompt, 2 if case.rank == 1 else 1)


def drawn(case: str, what: str) -> float:
    """A number in [0, 1) that is always the same for a case."""
    return int.from_bytes(hashlib.sha256(f"{what} {case}".encode()).digest()[:6]) / 2**48


def _quoted(prompt: Prompt, number: int) -> str:
    """The passage's first sentences, cited."""
    excerpt = prompt.excerpts[min(number, len(prompt.excerpts)) - 1]
    said = [span.text for span in sentences(excerpt.text) if "\n" not in span.text and len(span.text.split()) > 3]  # noqa: PLR2004
    return " ".join(f"{text.rstrip('.')}. [{excerpt.number}]" for text in said[:SENTENCES]) or "NO ANSWER"
