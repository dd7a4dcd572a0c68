"""A reply for an agent to look at: at once from the passages, then better from a model when there is one."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from app.answering.decision import Decision
from app.answering.evidence import Evidence
from app.answering.prompt import DRAFT, Voice, draft_prompt
from app.answering.wording import Wording
from app.answering.writing import Answer, write
from app.conversations.turns import Draft
from app.knowledge.types import Found, Passage
from app.llm.errors import ModelError
from app.llm.types import Model, Options, Turn
from app.safety.links import Hosts
from app.safety.redaction import redact

READ = 5


@dataclass(frozen=True, slots=True)
class Drafter:
    """Writes drafts. Every sentence of a draft is checked as an answer's would be."""

    quick_model: Model
    models: tuple[Model, ...]
    hosts: Hosts
    workspace: str

    async def quick(self, question: str, found: Found, decision: Decision, words: Wording) -> Draft:
        """A draft without a provider: the nearest sentences, or an honest holding reply."""
        text, answer = await self._write((self.quick_model,), question, _passages(found), (), "", "en")
        return Draft(
            question=question,
            text=text or words.holding,
            citations=answer.cited(),
            probability=decision.probability,
            reason=decision.reason,
            model=self.quick_model.name,
            prompt_version=DRAFT,
        )

    async def better(
        self, question: str, found: Found, history: Sequence[Turn], locale: str, wish: str = ""
    ) -> tuple[str, Answer]:
        """A draft by the models of the draft route; the quick one when none of them answers."""
        return await self._write((*self.models, self.quick_model), question, _passages(found), history, wish, locale)

    async def _write(  # what a draft is made from
        self,
        models: Sequence[Model],
        question: str,
        passages: Sequence[Passage],
        history: Sequence[Turn],
        wish: str,
        locale: str,
    ) -> tuple[str, Answer]:
        redaction = redact(question)
        answer = Answer("draft", Evidence.of(passages, known=(self.workspace,)), self.hosts, redaction)
        voice = Voice(self.workspace, locale)
        prompt = draft_prompt(redaction.text, passages, history, secrets.token_hex(6), voice, wish=wish)
        for model in models:
            try:
                async for _ in write(model, prompt, Options(), answer):
                    pass
            except ModelError as error:
                answer.errors.append(f"{model.name}: {error.kind}")
            if answer.supported:
                break
        return answer.text, answer


def _passages(found: Found) -> list[Passage]:
    return [hit.passage for hit in found.hits[:READ]]
