"""A reply for an agent to look at: at once from the passages, then better from a model when there is one."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.answering.deciding.outcomes import Decision
from app.answering.evidence import Evidence
from app.answering.hearing import asks_of
from app.answering.prompt import DRAFT, Voice, asking, draft_prompt
from app.answering.understanding.finding import Understood
from app.answering.wording import Wording, wording
from app.answering.writing import Answer, write
from app.conversations.turns import Draft
from app.knowledge.reranking import ClaimReader
from app.llm.errors import ModelError
from app.llm.money.payer import Payer
from app.llm.types import Model, Options, Prompt, Turn
from app.safety.links import Hosts
from app.safety.redaction import redact

READ = 5
"""Passages for a draft that answers one question."""


@dataclass(frozen=True, slots=True)
class Drafter:
    """Writes drafts. Every sentence of a draft is checked as an answer's would be."""

    quick_model: Model
    models: Collection[Model]
    hosts: Hosts
    workspace: str
    claims: ClaimReader | None = None

    async def quick(
        self, understood: Understood, decision: Decision, words: Wording, payer: Payer | None = None
    ) -> Draft:
        """A draft without a provider: the nearest sentences, or an honest holding reply."""
        answer = self._blank(understood)
        prompt = asking(self._prompt(answer, (), "", "en"), asks_of(understood, words))
        await self._write((self.quick_model,), prompt, answer, payer)
        return Draft(
            question=understood.whole,
            text=answer.text or words.holding,
            citations=answer.cited(),
            probability=decision.probability,
            reason=decision.reason,
            model=self.quick_model.name,
            prompt_version=DRAFT,
        )

    async def better(
        self, understood: Understood, history: Sequence[Turn], locale: str, payer: Payer, wish: str = ""
    ) -> tuple[str, Answer]:
        """A draft by the models of the draft route; the quick one when none of them answers."""
        answer = self._blank(understood)
        prompt = asking(self._prompt(answer, history, wish, locale), asks_of(understood, wording(locale)))
        await self._write((*self.models, self.quick_model), prompt, answer, payer)
        return answer.text, answer

    def _blank(self, understood: Understood) -> Answer:
        read = understood.read if understood.several else understood.read[:READ]
        evidence = Evidence.of([hit.passage for hit in read], (self.workspace,), self.claims)
        return Answer("draft", evidence, self.hosts, redact(understood.question))

    def _prompt(self, answer: Answer, history: Sequence[Turn], wish: str, locale: str) -> Prompt:
        voice, passages = Voice(self.workspace, locale), answer.evidence.passages
        return draft_prompt(answer.redaction.text, passages, history, secrets.token_hex(6), voice, wish=wish)

    async def _write(self, models: Sequence[Model], prompt: Prompt, answer: Answer, payer: Payer | None) -> None:
        for model in models:
            try:
                async for _ in write(model, prompt, Options(payer=payer), answer):
                    pass
            except ModelError as error:
                answer.errors.append(f"{model.name}: {error.kind}")
            if answer.supported:
                break
