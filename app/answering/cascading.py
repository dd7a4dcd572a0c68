"""Who writes: a cheap or a strong model first, a strong one once after a cheap one that failed, else the last."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass

import structlog

from app.answering.difficulty import Route
from app.answering.events import AnswerSentence
from app.answering.writing import Answer, write
from app.llm.errors import ModelError
from app.llm.money.budget import BudgetSpent, WhenSpent
from app.llm.registry import STRONG_FROM
from app.llm.types import Model, Options, Prompt

log = structlog.get_logger()
BELIEVED = 0.5
"""The probability that the passages answer, below which a cheap model that finds no answer is believed."""


@dataclass(frozen=True, slots=True)
class Writers:
    """Who writes when the question is easy and who when it is hard, in the order in which they are tried."""

    cheap: Collection[Model]
    strong: Collection[Model]
    last: Model
    when_spent: Callable[[], WhenSpent] = lambda: "extractive"
    strong_from: Callable[[], float] = lambda: STRONG_FROM

    @property
    def names(self) -> tuple[str, ...]:
        """Whose answers these are."""
        return (*(model.name for model in self.cheap), "/", *(model.name for model in self.strong))

    def stages(self, first: Route) -> list[list[Model]]:
        """Whom to ask first, and whom when that came to nothing; nobody twice, and the last always answers."""
        lists = (self.strong,) if first == "strong" else (self.cheap, self.strong)
        seen = {self.last.name}
        stages: list[list[Model]] = []
        for models in lists:
            fresh = {model.name: model for model in models if model.name not in seen}
            seen |= fresh.keys()
            stages += [list(fresh.values())] if fresh else []
        return [*stages, [self.last]]

    async def write(
        self, first: Route, prompt: Prompt, options: Options, answer: Answer, *, likely: float
    ) -> AsyncIterator[AnswerSentence]:
        """Yield each sentence that holds. `likely`: how probable it is that the passages answer the question.

        In each stage the first model that does not break off has its say; the others stand in for it, they are no
        second opinion. A cheap answer of which nothing holds goes to the strong models once. When a budget has no room
        for the strong, the cheap stand in; when it has none for anybody, the last does, or a person.
        """
        stages = self.stages(first)
        for number, models in enumerate(stages):
            if models == [self.last] and answer.spent and self.when_spent() == "handoff":
                return
            async for fact in _first_to_finish(models, prompt, options, answer):
                yield fact
            if answer.spent and not answer.finished and first == "strong" and number == 0:
                stages[1:1] = [[model for model in self.cheap if model not in self.strong]]
            second_opinion = first == "cheap" and number == 0 and len(stages) > 2  # noqa: PLR2004  # cheap, strong, last
            doubted = second_opinion and likely >= BELIEVED
            if answer.finished and (answer.supported or answer.refused or (answer.abstained and not doubted)):
                return


async def _first_to_finish(
    models: Sequence[Model], prompt: Prompt, options: Options, answer: Answer
) -> AsyncIterator[AnswerSentence]:
    for model in models:
        try:
            async for fact in write(model, prompt, options, answer):
                yield fact
        except ModelError as error:
            # The next model goes on after the last published sentence; what it repeats is not shown twice.
            log.warning("model.failed", model=model.name, kind=error.kind, status=error.status)
            answer.errors.append(f"{model.name}: {error.kind}")
            answer.spent = answer.spent or isinstance(error, BudgetSpent)
            if error.remedy != "tell":
                continue
            answer.refused = answer.finished = True
        return
