"""Money in PostgreSQL in one statement: the accounts' rows are locked no longer than it runs."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson

from app.database import Statements, new_id, now
from app.llm.money.booking import Bill, Booked, Wish
from app.llm.money.budget import Account, Balance
from app.llm.money.promises import RESERVED_FOR, told_of

# A row that was locked is seen as it is then, and not as it was when the statement began: `held` reads what others
# have committed meanwhile, and so does the UPDATE (PostgreSQL's documentation, 13.2.1, Read Committed).
RESERVE = """
WITH wanted AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS one (key, amount, most)
), held AS (
    SELECT key, settled_micro_usd, reserved_micro_usd, warned_percent,
        settled_micro_usd + reserved_micro_usd + amount <= most AS fits
    FROM budget JOIN wanted USING (key) ORDER BY key FOR UPDATE OF budget
), verdict AS (
    SELECT count(*) = cardinality($1) AND coalesce(bool_and(fits), true) AS fits FROM held
), reserved AS (
    UPDATE budget SET reserved_micro_usd = reserved_micro_usd + amount
    FROM wanted, verdict WHERE verdict.fits AND budget.key = wanted.key
), promised AS (
    INSERT INTO budget_reservation (id, expires_at, calls)
    SELECT $4, $5, $6::text::jsonb FROM verdict WHERE verdict.fits
)
SELECT verdict.fits, key, settled_micro_usd, reserved_micro_usd, warned_percent FROM verdict LEFT JOIN held ON true
"""
"""All or none: the accounts, what is wanted of each and how far each may go; the row that tells of the calls. Whether
that was done, and how each account stood before.
"""

# Whoever is not sure that this was done does it again: a call that is written down changes no account any more.
SETTLE = """
WITH written AS (
    INSERT INTO model_call SELECT * FROM jsonb_populate_recordset(NULL::model_call, $1::text::jsonb)
    ON CONFLICT (id) DO NOTHING RETURNING id
), change AS (
    SELECT key, sum(spent) AS spent, sum(freed) AS freed
    FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS one (id, key, spent, freed)
    JOIN written USING (id) GROUP BY key
), held AS (
    SELECT key FROM budget WHERE key = ANY ($3) ORDER BY key FOR UPDATE
)
UPDATE budget SET
    settled_micro_usd = settled_micro_usd + spent,
    reserved_micro_usd = greatest(0, reserved_micro_usd - freed)
FROM held JOIN change USING (key) WHERE budget.key = held.key
RETURNING budget.key, settled_micro_usd, reserved_micro_usd, warned_percent
"""
"""Calls that are over, and of each what it spent and what it frees on which account; how the accounts stand then."""


class LongWay(Protocol):
    """Whoever books step by step."""

    async def reserve(self, wishes: Sequence[Wish]) -> Booked:
        """Let through what has room, opening the accounts that are missing."""
        ...

    async def look_at(self, accounts: Sequence[Account]) -> Booked:
        """Note which of these came to a step of their limit."""
        ...

    async def sweep(self) -> Booked:
        """Charge what was lost, now and then."""
        ...


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Goes the long way only where one statement does not do: not all have room, an account is new, a step is told."""

    statements: Statements
    long_way: LongWay

    async def reserve(self, wishes: Sequence[Wish]) -> Booked:
        """Let all through together, or one after the other as far as there is room."""
        keys, amounts, limits = _wanted(wishes)
        calls = orjson.dumps(told_of((wish.call, wish.accounts, wish.amount) for wish in wishes)).decode()
        row = (new_id(), now() + RESERVED_FOR, calls)
        rows = await self.statements.run(RESERVE, keys, amounts, limits, *row)
        if rows[0][0]:
            return Booked([None] * len(wishes))
        counts = {key: counts for _, key, *counts in rows if key}
        refused = _refused(wishes[0], counts) if len(wishes) == 1 else None
        return Booked([refused]) if refused else await self.long_way.reserve(wishes)

    async def settle(self, bills: Sequence[Bill]) -> Booked:
        """Write down what is over, and see who must be told."""
        known = {one.key: one for bill in bills for one in (*bill.accounts, *bill.reserved_on)}
        calls = orjson.dumps([bill.call.row() for bill in bills]).decode()
        rows = await self.statements.run(SETTLE, calls, *_changes(bills))
        stepped = [known[key] for key, *counts in rows if Balance(known[key], *counts).reached()]
        alerts = (await self.long_way.look_at(stepped)).alerts if stepped else []
        return Booked(alerts=[*alerts, *(await self.long_way.sweep()).alerts])


def _refused(wish: Wish, counts: dict[str, list[int]]) -> Account | None:
    """The account without room for this call; none if another is missing or somebody must be told that it ended."""
    if len(counts) < len(wish.accounts):
        return None
    balances = (Balance(account, *counts[account.key]) for account in wish.accounts)
    first = next(one for one in balances if not one.has_room(wish.amount))
    return None if first.reached(refused=wish.amount) else first.account


def _wanted(wishes: Iterable[Wish]) -> tuple[list[str], list[int], list[int]]:
    """For each account all that is wanted of it, and its limit: the least of them while an admin changes it."""
    wanted: dict[str, tuple[int, int]] = {}
    for wish in wishes:
        for account in wish.accounts:
            limit = sys.maxsize if account.limit is None else account.limit
            amount, least = wanted.get(account.key, (0, limit))
            wanted[account.key] = amount + wish.amount, min(least, limit)
    return list(wanted), [amount for amount, _ in wanted.values()], [least for _, least in wanted.values()]


def _changes(bills: Iterable[Bill]) -> tuple[list[str], list[str], list[int], list[int]]:
    spent = [(bill.call.id, one.key, bill.call.cost_micro_usd, 0) for bill in bills for one in bill.accounts]
    freed = [(bill.call.id, one.key, 0, bill.reserved) for bill in bills for one in bill.reserved_on]
    ids, keys, spendings, freeings = zip(*spent, *freed, strict=True) if spent or freed else ((), (), (), ())
    return list(ids), list(keys), list(spendings), list(freeings)
