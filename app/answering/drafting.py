"""A reply for an agent to look at: at once from the passages, then better from a model when there is one."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.answering.deciding.outcomes import Decision
from app.answering.evidence import Evidence
from app.answering.prompt import DRAFT, Voice, draft_prompt
from app.answering.wording import Wording
from app.answering.writing import Answer, write
from app.conversations.turns import Draft
from app.knowledge.types import Found, Passage
from app.llm.errors import ModelError
from app.llm.money.payer import Payer
from app.llm.types import Model, Options, Prompt, Turn
from app.safety.links import Hosts
from app.safety.redaction import redact

READ = 5


@dataclass(frozen=True, slots=True)
class Drafter:
    """Writes drafts. Every sentence of a draft is checked as an answer's would be."""

    quick_model: Model
    models: Collection[Model]
    hosts: Hosts
    workspace: str

    async def quick(
        self, question: str, found: Found, decision: Decision, words: Wording, payer: Payer | None = None
    ) -> Draft:
        """A draft without a provider: the nearest sentences, or an honest holding reply."""
        answer = self._blank(question, found)
        await self._write((self.quick_model,), self._prompt(answer, (), "", "en"), answer, payer)
        return Draft(
            question=question,
            text=answer.text or words.holding,
            citations=answer.cited(),
            probability=decision.probability,
            reason=decision.reason,
            model=self.quick_model.name,
            prompt_version=DRAFT,
        )

    async def better(  # what a draft is made from
        self, question: str, found: Found, history: Sequence[Turn], locale: str, payer: Payer, wish: str = ""
    ) -> tuple[str, Answer]:
        """A draft by the models of the draft route; the quick one when none of them answers."""
        answer = self._blank(question, found)
        prompt = self._prompt(answer, history, wish, locale)
        await self._write((*self.models, self.quick_model), prompt, answer, payer)
        return answer.text, answer

    def _blank(self, question: str, found: Found) -> Answer:
        evidence = Evidence.of(_passages(found), known=(self.workspace,))
        return Answer("draft", evidence, self.hosts, redact(question))

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


def _passages(found: Found) -> list[Passage]:
    return [hit.passage for hit in found.hits[:READ]]
