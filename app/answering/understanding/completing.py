"""Completes follow-up questions: by rules, or by a model where rules are unsure and a route for it is set.

A model's question is only taken when it keeps every number, name and negation, and says nothing that was not said.
"""

import asyncio
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog

from app.answering.asking import text_of
from app.answering.prompt import harmless, template
from app.answering.statements import CONTRARIES, TELLING, Statement, denies, read
from app.answering.understanding.rewriting import is_unsure, standalone
from app.answering.way import payer_of
from app.conversations.types import Begun
from app.llm.types import Excerpt, Model, Options, Prompt, Turn
from app.safety.redaction import Redaction

REWRITE = "rewrite-1"
PATIENCE_S = 1.0
MOST_TOKENS = 120
LONGEST = 400  # characters
LOOKED_BACK = 6  # utterances
_WHO = {"customer": "Customer", "bot": "Support", "person": "Support"}
_TURNING = TELLING | frozenset(CONTRARIES)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Completion:
    """Gives a question that stands alone. Without `models` the rules decide, as they do after a second."""

    models: Collection[Model] = ()
    workspace: str = "Answerdesk"
    patience_s: float = PATIENCE_S

    async def __call__(self, begun: Begun) -> str:
        """The question with what it leaves out."""
        by_rules = standalone(begun.question, begun.history)
        if not self.models or not is_unsure(begun.question, begun.history):
            return by_rules
        try:
            async with asyncio.timeout(self.patience_s):
                return await self._rewritten(begun) or by_rules
        except TimeoutError:
            log.info("rewrite.late", turn_id=begun.turn_id)
            return by_rules

    async def _rewritten(self, begun: Begun) -> str:
        prompt, redaction = _prompt(begun, self.workspace)
        payer = payer_of(begun, "rewrite")
        options = Options(max_output_tokens=MOST_TOKENS, temperature=0.0, timeout=self.patience_s, payer=payer)
        said = [one.text for one in begun.history[-LOOKED_BACK:]]
        for model in self.models:
            text = redaction.restore(await text_of(model, prompt, options, "rewrite.failed")).strip().strip('"“”')
            if text and faithful(text, begun.question, said):
                return text
        return ""


def faithful(rewritten: str, question: str, said: Sequence[str]) -> bool:
    """Whether a rewritten question keeps the question's facts and takes all others from what was said."""
    if len(rewritten) > LONGEST or "\n" in rewritten or "⟦" in rewritten:
        return False
    asked, made = read(question), read(rewritten)
    known = [asked, *(read(line) for text in said for line in text.splitlines() if line.strip())]
    return _kept(asked, made) and _said_before(made, known)


def _kept(asked: Statement, made: Statement) -> bool:
    negated = {word for word in asked.words if denies(word)}
    return (
        asked.amounts <= made.amounts
        and asked.names <= made.words
        and asked.addresses <= made.addresses
        and bool(negated) == any(denies(word) for word in made.words)
        and asked.denied <= made.denied
        and asked.words & _TURNING <= made.words
        and asked.stems <= made.stems
    )


def _said_before(made: Statement, known: Sequence[Statement]) -> bool:
    words = frozenset[str]().union(*(one.words for one in known))
    stems = frozenset[str]().union(*(one.stems for one in known))
    amounts = frozenset(amount for one in known for amount in one.amounts)
    return made.amounts <= amounts and made.names <= words and made.addresses <= words and made.stems <= stems


def _prompt(begun: Begun, workspace: str) -> tuple[Prompt, Redaction]:
    marker, redaction, lines = secrets.token_hex(6), Redaction(""), []
    for one in begun.history[-LOOKED_BACK:]:
        redaction = redaction.also(one.text)
        lines.append(f"{_WHO.get(one.author, 'Support')}: {harmless(redaction.text, marker).strip()}")
    redaction = redaction.also(begun.question)
    question, before = harmless(redaction.text, marker), "\n".join(lines)
    text = (
        f"The marker is {marker}.\n\n--- {marker} said before\n{before}\n--- {marker} end\n\nThe question:\n{question}"
    )
    said_before = Excerpt(0, "", "", before)  # so that the same question after other words is another prompt
    system = template(REWRITE).substitute(workspace=workspace)
    return Prompt(system, (Turn("user", text),), question, (said_before,)), redaction
