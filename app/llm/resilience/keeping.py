"""What keeps a provider's model answering: the wrappers around it, and what they share."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from app.llm.connecting import ModelChoice
from app.llm.errors import ModelError
from app.llm.money.payer import Payer
from app.llm.resilience.boards import Board, MemoryBoard
from app.llm.resilience.breaking import Prober, Watched
from app.llm.resilience.circuit import Rules
from app.llm.resilience.gathering import Gathered
from app.llm.resilience.limiting import Limit, Paced
from app.llm.resilience.retrying import Retried, RetryBudget
from app.llm.types import Model
from app.llm.wire.remote import RemoteModel

log = structlog.get_logger()
SLOW_SHARE_OF_PATIENCE = 2 / 3


def alert(model: str, error: ModelError) -> None:
    """Say once that a model is not asked for a while; the provider's own words may hold what no log should."""
    log.error("model.stopped", model=model, kind=error.kind, status=error.status, code=error.native_code)


def _retried(model: str, error: ModelError) -> None:
    log.info("model.retried", model=model, kind=error.kind, status=error.status)


def _as_it_is(model: Model, _choice: ModelChoice) -> Model:
    return model


@dataclass(frozen=True, slots=True)
class Keeper:
    """Wraps each model, from the inside out: `Gathered`, `Paced`, `Watched`, `Retried`.

    Its tokens come together as pieces of sentences; it is asked no faster than it takes, not while it is ill, and again
    when that helps, all on one budget of retries.
    """

    board: Board = field(default_factory=MemoryBoard)
    budget: RetryBudget = field(default_factory=RetryBudget)
    rules: Rules = field(default_factory=Rules)
    watched: list[Watched] = field(default_factory=list)
    book: Callable[[Model, ModelChoice], Model] = _as_it_is
    payer: Payer = field(default_factory=lambda: Payer(purpose="probe"))
    """Whom probes of ill models are booked on."""

    def __call__(self, model: RemoteModel, choice: ModelChoice) -> Model:
        """The model with everything that keeps it answering."""
        limit = Limit(model.name, self.board, choice.requests_per_minute, choice.tokens_per_minute)
        paced = Paced(Gathered(replace(model, notice=limit.learn)), limit)
        prober = Prober(self.book(paced, choice), self.payer)
        watched = Watched(paced, self.board, self._rules_of(choice), alert, prober=prober)
        self.watched.append(watched)
        return Retried(watched, on_retry=partial(_retried, model.name), budget=self.budget)

    async def forgive(self, names: Container[str]) -> None:
        """Let these models be asked again at once, however they fared."""
        for model in self.watched:
            if model.name in names:
                await model.forgive()

    async def dismiss(self, names: Container[str]) -> None:
        """Look after these no more."""
        leaving = [model for model in self.watched if model.name in names]
        self.watched[:] = [model for model in self.watched if model not in leaving]
        for model in leaving:
            await model.close()

    async def close(self) -> None:
        """Stop to look after models that are ill, and let go of the board."""
        for model in self.watched:
            await model.close()
        await self.board.close()

    def _rules_of(self, choice: ModelChoice) -> Rules:
        """Slow is what needs most of the patience for a first word, or for all of it if it comes at once."""
        patience = choice.timeouts.first_token if choice.stream else choice.timeouts.total
        return replace(self.rules, slow_after=patience * SLOW_SHARE_OF_PATIENCE)
