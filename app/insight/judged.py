"""Judges past answers with a model: whether an answer follows from its citations, and whether it answers the question.

What a judge says is untrusted: it must be the agreed JSON object, is asked for once more when it is not, and is no
verdict otherwise.
"""

import json
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from app.answering.prompt import harmless, template
from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.money.payer import Payer
from app.llm.outcome import Outcome
from app.llm.types import Model, Options, Prompt, Turn
from app.safety.redaction import redact, scrubbed

JUDGE = "judge-1"
MOST_TOKENS = 200
LONGEST_REASON = 300  # characters
LONGEST_PASSAGE = 2_000
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"follows": {"type": "boolean"}, "answers": {"type": "boolean"}, "reason": {"type": "string"}},
    "required": ["follows", "answers", "reason"],
    "additionalProperties": False,
}
REPAIR = "That was not the JSON object that was asked for. Reply with it alone, and with nothing around it."
_OBJECT = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Case:
    """An answer to be judged, with what it cites."""

    id: str
    question: str
    answer: str
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge says."""

    follows: bool
    answers: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks the models of the route in order."""

    models: Collection[Model]
    payer: Payer

    async def __call__(self, case: Case) -> tuple[Opinion | None, str]:
        """A verdict and whose it is; none when no model gives one that can be read."""
        prompt = judge_prompt(case)
        for model in self.models:
            said = await self._said(model, prompt)
            opinion = opinion_in(said)
            if said and opinion is None:
                again = Prompt(prompt.system, (*prompt.turns, Turn("assistant", said), Turn("user", REPAIR)), REPAIR)
                opinion = opinion_in(await self._said(model, again))
            if opinion:
                return opinion, model.name
        return None, ""

    async def _said(self, model: Model, prompt: Prompt) -> str:
        outcome = Outcome(model.name)
        try:
            async with asked(model, prompt, judge_options(self.payer)) as parts:
                async for part in parts:
                    outcome.add(part)
        except ModelError:
            return ""
        return outcome.text


def judge_options(payer: Payer | None = None) -> Options:
    """How a judge is asked."""
    return Options(max_output_tokens=MOST_TOKENS, temperature=0.0, json_schema=SCHEMA, payer=payer)


def judge_prompt(case: Case) -> Prompt:
    """Ask for a verdict. Personal data is replaced by the same mark in all three parts."""
    marker, redaction = secrets.token_hex(6), redact(case.question)
    question = harmless(redaction.text, marker)
    redaction = redaction.also(case.answer)
    answer = harmless(redaction.text, marker)
    passages = []
    for number, text in enumerate(case.passages, 1):
        redaction = redaction.also(text[:LONGEST_PASSAGE])
        passages.append(f"--- {marker} passage {number}\n{harmless(redaction.text, marker)}")
    parts = (f"--- {marker} question\n{question}", f"--- {marker} answer\n{answer}", *passages, f"--- {marker} end")
    text = "\n\n".join((f"The marker is {marker}.", *parts))
    return Prompt(template(JUDGE).template, (Turn("user", text),), text)


def opinion_in(said: str) -> Opinion | None:
    """The verdict in what a judge said: exactly the agreed fields of the agreed kinds, or none."""
    found = _OBJECT.findall(said)
    if len(found) != 1:
        return None
    try:
        told = json.loads(found[0])
    except ValueError:
        return None
    if set(told) != set(SCHEMA["required"]) or not isinstance(told["reason"], str):
        return None
    if not isinstance(told["follows"], bool) or not isinstance(told["answers"], bool):
        return None
    return Opinion(told["follows"], told["answers"], scrubbed(" ".join(told["reason"].split()))[:LONGEST_REASON])


def figures(opinions: Sequence[Opinion | None]) -> dict[str, Any]:
    """How many were judged, and which shares follow and answer."""
    given = [one for one in opinions if one]
    share = {name: sum(getattr(one, name) for one in given) / len(given) if given else None for name in _SHARES}
    rounded = {name: None if value is None else round(value, 4) for name, value in share.items()}
    return {"rows": len(opinions), "judged": len(given), **rounded}


_SHARES = ("follows", "answers")
