"""Books calls: those that begin at the same time share a transaction, and so do those that end, like a group commit."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.database import Database
from app.llm.money.booking import Alert, Bill, Wish
from app.llm.money.budget import Account, BudgetSpent
from app.llm.money.desks import Desk, open_desk
from app.llm.money.promises import RESERVED_FOR

LINGER_S = 0.1
"""What is over can wait a moment for more of its kind; what wants to begin cannot."""
RETRY_S = 1.0
LONGEST_FAREWELL_S = 10.0
LONGEST_WAIT_S = 0.5
"""How long a refused call waits for those that are over to be settled."""
Waiting = list[tuple[Wish, asyncio.Future[None]]]
log = structlog.get_logger()


def report(alert: Alert) -> None:
    """Tell the operators. Whose conversation or which customer it is stays in the table."""
    told = {"spent_micro_usd": alert.spent, "limit_micro_usd": alert.account.limit}
    log.warning("budget.warned", budget=alert.account.kind, percent=alert.percent, **told)


@dataclass(frozen=True, slots=True)
class Grant:
    """A call that was let through."""

    wish: Wish
    until: float


@dataclass(slots=True)
class Ledger:
    """The one who writes about money in this process."""

    database: Database
    tell: Callable[[Alert], None] = report
    _wishes: Waiting = field(default_factory=list)
    _bills: list[Bill] = field(default_factory=list)
    _closing: bool = False
    _hurry: asyncio.Event = field(default_factory=asyncio.Event)
    _trying: set[asyncio.Task[None]] = field(default_factory=set)
    _asking: asyncio.Task[None] | None = None
    _writing: asyncio.Task[None] | None = None
    _desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        """Choose the desk that suits the database."""
        self._desk = open_desk(self.database)

    async def reserve(self, wish: Wish) -> Grant:
        """Wait until the call is let through; what this returns is durable. Raises `BudgetSpent`."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wishes.append((wish, answer))
        if _is_over(self._asking):
            self._asking = asyncio.create_task(self._ask(), name="ledger reserves")
        await answer
        return Grant(wish, asyncio.get_running_loop().time() + RESERVED_FOR.total_seconds())

    def settle(self, bill: Bill, grant: Grant | None = None) -> None:
        """Have a call that is over written down soon. Never waits; `close` waits for all."""
        if grant and asyncio.get_running_loop().time() > grant.until:
            log.warning("budget.late", model=bill.call.model)  # its reservation is charged in its place
            return
        self._bills.append(bill)
        if _is_over(self._writing):
            self._writing = asyncio.create_task(self._write(), name="ledger settles")

    async def rest(self) -> None:
        """Until what is over is written down, if that is soon."""
        self._hurry.set()
        if self._writing:
            await asyncio.wait({self._writing}, timeout=LONGEST_WAIT_S)

    async def close(self) -> None:
        """Write down what is left."""
        await asyncio.sleep(0)  # calls that were just hung up book themselves now
        self._closing = True
        self._hurry.set()
        if self._writing:
            await asyncio.wait({self._writing}, timeout=LONGEST_FAREWELL_S)
            if self._bills:
                log.error("budget.unwritten", calls=len(self._bills))
            self._writing.cancel()

    async def _ask(self) -> None:
        while self._wishes:
            await asyncio.sleep(0)  # whoever is about to ask may join
            wishes, self._wishes = self._wishes, []
            await self._reserve_all(wishes)

    async def _reserve_all(self, wishes: Waiting, *, again: bool = True) -> None:
        try:
            booked = await self._desk.reserve([wish for wish, _ in wishes])
        except (SQLAlchemyError, OSError) as error:
            for _, answer in wishes:
                if not answer.done():
                    answer.set_exception(error)
            return
        self._tell(booked.alerts)
        patient = again and not _is_over(self._writing)
        if patient:
            self._later([one for one, refused in zip(wishes, booked.refused, strict=True) if refused])
        for (wish, answer), refused in zip(wishes, booked.refused, strict=True):
            if not (refused and patient):
                self._answer(wish, answer, refused)

    def _later(self, wishes: Waiting) -> None:
        """What is over and not yet settled may leave room: refused calls try once more behind it."""
        if wishes:
            task = asyncio.create_task(self._try_again(wishes), name="ledger tries again")
            self._trying.add(task)
            task.add_done_callback(self._trying.discard)

    async def _try_again(self, wishes: Waiting) -> None:
        await self.rest()
        await self._reserve_all(wishes, again=False)

    def _answer(self, wish: Wish, answer: asyncio.Future[None], refused: Account | None) -> None:
        if answer.done():
            # Nobody waits any more: the call is not made. Its row says so, or it would be charged as lost.
            if not refused:
                self.settle(Bill.of(wish.call, wish))
        elif refused:
            answer.set_exception(BudgetSpent(refused.kind))
        else:
            answer.set_result(None)

    async def _write(self) -> None:
        while self._bills:
            await _either(self._hurry, LINGER_S)
            if not self._closing:
                self._hurry.clear()
            bills, self._bills = self._bills, []
            try:
                booked = await self._desk.settle(bills)
                self._tell(booked.alerts)
            except (SQLAlchemyError, OSError) as error:
                self._bills = bills + self._bills
                log.warning("budget.retried", calls=len(bills), why=type(error).__name__)
                await asyncio.sleep(RETRY_S)

    def _tell(self, alerts: list[Alert]) -> None:
        for alert in alerts:
            self.tell(alert)


def _is_over(task: asyncio.Task[None] | None) -> bool:
    return task is None or task.done()


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Until one or the other comes."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
