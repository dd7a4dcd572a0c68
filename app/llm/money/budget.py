"""What may be spent: the accounts that a call is booked on, and whether there is room. Money is micro-dollars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from app.llm.errors import ModelError
from app.llm.money.payer import Payer

STEPS = (50, 80, 100)
"""Percent of a limit at which somebody is told."""
SHARED = ("workspace", "route")
"""Accounts that many draw on; of one customer's or one conversation's only the end is told."""

WhenSpent = Literal["extractive", "handoff"]
_SETTINGS = {
    "workspace_day": "workspace_daily_usd", "workspace_month": "workspace_monthly_usd",
    "customer_day": "customer_daily_usd", "conversation": "conversation_usd",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """Something that has its own count of money in one period; it is only counted when nothing limits it."""

    workspace_id: str
    scope: str
    period: str
    limit: int | None = None

    @property
    def key(self) -> str:
        """Its name among all accounts."""
        return f"{self.workspace_id} {self.scope} {self.period}"

    @property
    def kind(self) -> str:
        """What it counts for: a workspace's day, a route's day, a customer's day, a conversation."""
        return self.scope.partition(":")[0]

    @property
    def named(self) -> str:
        """Which route, customer or conversation."""
        return self.scope.partition(":")[2]

    @property
    def steps(self) -> tuple[int, ...]:
        """The percentages at which somebody is told."""
        return STEPS if self.scope.startswith(SHARED) else STEPS[-1:]


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent by whom; none means no limit. Days and months are those of UTC."""

    workspace_day: int | None = None
    workspace_month: int | None = None
    customer_day: int | None = None
    conversation: int | None = None
    routes: Mapping[str, int] = field(default_factory=dict)
    turn_tokens: int | None = None

    @classmethod
    def of(cls, dollars: Mapping[str, Any]) -> "Limits":
        """From what `[budget]` says, in US dollars."""
        named = {name: dollars.get(setting) for name, setting in _SETTINGS.items()}
        each = {name: None if limit is None else round(limit * 1_000_000) for name, limit in named.items()}
        routes = {name: round(limit * 1_000_000) for name, limit in dollars.get("route_daily_usd", {}).items()}
        return cls(**each, routes=routes, turn_tokens=dollars.get("turn_tokens"))

    @property
    def dollars(self) -> dict[str, Any]:
        """As `[budget]` says it."""
        each = {setting: getattr(self, name) for name, setting in _SETTINGS.items()}
        told = {setting: None if limit is None else limit / 1_000_000 for setting, limit in each.items()}
        routes = {name: limit / 1_000_000 for name, limit in self.routes.items()}
        return {**told, "route_daily_usd": routes, "turn_tokens": self.turn_tokens}

    @property
    def any(self) -> bool:
        """Whether money is limited at all."""
        named = (self.workspace_day, self.workspace_month, self.customer_day, self.conversation)
        return any(limit is not None for limit in named) or bool(self.routes)

    def accounts(self, payer: Payer, moment: datetime) -> tuple[Account, ...]:
        """Every account that a call of this payer is booked on, whether it is limited or not."""
        day, month, workspace = f"{moment:%Y-%m-%d}", f"{moment:%Y-%m}", payer.workspace_id
        named = [
            ("workspace_day", day, self.workspace_day),
            ("workspace_month", month, self.workspace_month),
            (f"route_day:{payer.purpose}", day, self.routes.get(payer.purpose)),
        ]
        if payer.customer_id:
            named.append((f"customer_day:{payer.customer_id}", day, self.customer_day))
        if payer.conversation_id:
            named.append((f"conversation:{payer.conversation_id}", "", self.conversation))
        return tuple(Account(workspace, *one) for one in named)

    def asked(self, payer: Payer, moment: datetime) -> tuple[Account, ...]:
        """Those that must have room before the call."""
        return tuple(account for account in self.accounts(payer, moment) if account.limit is not None)


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be spent, and who answers when nothing fits any more: the passages alone, or a person."""

    limits: Limits = field(default_factory=Limits)
    when_spent: WhenSpent = "extractive"


@dataclass(slots=True)
class Allowance:
    """The budgets as they stand now. An admin may change them while turns run; a call keeps the terms that it found."""

    terms: Terms = field(default_factory=Terms)


class BudgetSpent(ModelError):
    """There is no room left for this call. Another model, a cheaper one, may still fit."""

    def __init__(self, account: str) -> None:
        super().__init__("quota", f"The budget {account} has no room for this call.", native_code=account)


@dataclass(slots=True)
class Balance:
    """How an account stands while its row is held."""

    account: Account
    settled: int = 0
    reserved: int = 0
    warned: int = 0

    def has_room(self, amount: int) -> bool:
        """Whether this much more can never overshoot the limit."""
        return self.account.limit is None or self.settled + self.reserved + amount <= self.account.limit

    def is_spent_for(self, amount: int) -> bool:
        """Whether there would be no room even if nothing were under way."""
        return self.account.limit is not None and self.settled + amount > self.account.limit

    def reached(self, *, refused: int = 0) -> int | None:
        """The highest step that was reached and not told yet; the account remembers it."""
        if self.account.limit is None:
            return None
        ended = bool(refused) and self.is_spent_for(refused)
        percent = 100 if ended or not self.account.limit else self.settled * 100 // self.account.limit
        step = max((step for step in self.account.steps if step <= percent), default=0)
        if step <= self.warned:
            return None
        self.warned = step
        return step


def admit(amount: int, balances: Sequence[Balance]) -> Account | None:
    """Reserve on all accounts or on none; the first without room is given back."""
    for balance in balances:
        if not balance.has_room(amount):
            return balance.account
    for balance in balances:
        balance.reserved += amount
    return None
