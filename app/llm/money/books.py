"""Puts every model under the budgets and everybody's eyes: nothing is asked past the books."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from app.errors import Misconfigured
from app.llm.connecting import EXTRACTIVE, ModelChoice
from app.llm.money.budget import Allowance, Limits
from app.llm.money.budgeted import Budgeted, Tariff
from app.llm.money.calls import Called
from app.llm.money.ledger import Ledger
from app.llm.money.payer import PURPOSES
from app.llm.money.telling import Figures, log_call
from app.llm.registry import cost_of
from app.llm.spans import trace_call
from app.llm.types import Model, Usage

A_CALL = Usage(1_000, 1_000)


@dataclass(frozen=True, slots=True)
class Books:
    """What is common to all models: who writes, what may be spent, who is told."""

    ledger: Ledger
    allowance: Allowance = field(default_factory=Allowance)
    figures: Figures = field(default_factory=Figures)
    observers: tuple[Callable[[Called], None], ...] = (log_call, trace_call)

    def keep(self, model: Model, choice: ModelChoice) -> Model:
        """The model, booked."""
        tariff = Tariff(choice.dialect, choice.max_output_tokens, partial(cost_of, choice))
        allowance = Allowance() if choice.dialect == EXTRACTIVE else self.allowance
        return Budgeted(model, tariff, self.ledger, allowance, self.tell)

    def tell(self, called: Called) -> None:
        """Tell everybody of a call that is over."""
        self.figures(called)
        for observer in self.observers:
            observer(called)


def refuse_what_cannot_be_limited(limits: Limits, choices: Iterable[ModelChoice]) -> None:
    """A budget over a model without a price would be none. Raises `Misconfigured` with what to mend."""
    unknown = sorted(set(limits.routes) - set(PURPOSES))
    if unknown:
        raise Misconfigured(
            f'[budget] route_daily_usd names "{unknown[0]}", which is no route. Name some of these: '
            f"{', '.join(PURPOSES)}."
        )
    if not limits.any:
        return
    for number, choice in enumerate(choices, 1):
        if cost_of(choice, A_CALL) is None:
            raise Misconfigured(
                f'[[model]] number {number}, "{choice.name}": nobody knows what "{choice.id}" costs, and a [budget] is'
                " set. Add price = { input = …, output = … } in US dollars for a million tokens (0 for a server of your"
                " own), or take the budget away."
            )
