"""Where money is booked: under locks in a transaction, or, where the database can, in one statement."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol

from app.database import Database
from app.llm.money.at_once import AtOnce
from app.llm.money.booking import Bill, Booked, Wish, book, look_at
from app.llm.money.budget import Account

SWEEP_S = 60.0
"""How often calls are looked for that were lost with their process."""


class Desk(Protocol):
    """Books for all who wait together. Raises `SQLAlchemyError` or `OSError`, and then nothing may be booked."""

    async def reserve(self, wishes: Sequence[Wish]) -> Booked:
        """Let through what has room."""
        ...

    async def settle(self, bills: Sequence[Bill]) -> Booked:
        """Write down what is over."""
        ...


@dataclass(slots=True)
class Locking:
    """A transaction that locks the accounts, looks at them and writes them back."""

    database: Database
    clock: Callable[[], float] = time.monotonic
    _swept: float = -inf

    async def reserve(self, wishes: Sequence[Wish]) -> Booked:
        """Let one through after the other, as far as there is room."""
        return await self._book(wishes, ())

    async def settle(self, bills: Sequence[Bill]) -> Booked:
        """Write down what is over."""
        return await self._book((), bills)

    async def look_at(self, accounts: Sequence[Account]) -> Booked:
        """Note which of these came to a step of their limit."""
        return await self.database.write(lambda session: look_at(session, accounts))

    async def sweep(self) -> Booked:
        """Charge what was lost, if that was not done lately."""
        return await self._book((), ()) if self._is_due() else Booked()

    def _is_due(self) -> bool:
        return self.clock() - self._swept > SWEEP_S

    async def _book(self, wishes: Sequence[Wish], bills: Sequence[Bill]) -> Booked:
        moment, sweep = self.clock(), self._is_due()
        booked = await self.database.write(lambda session: book(session, wishes, bills, sweep=sweep))
        self._swept = moment if sweep else self._swept
        return booked


def open_desk(database: Database) -> Desk:
    """The quickest that this database allows."""
    locking = Locking(database)
    return AtOnce(database.statements, locking) if database.statements else locking
