"""Budgets that an admin changes: checked, kept, and followed by every process without a restart."""

from collections.abc import Collection
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, insert, update
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import Invalid, Misconfigured
from app.llm.connecting import ModelChoice
from app.llm.money.books import Books, refuse_what_cannot_be_limited
from app.llm.money.budget import Allowance, Limits, Terms, WhenSpent
from app.llm.money.tables import AllowanceRow, BudgetRow

log = structlog.get_logger()
_KNOWN: dict[str, WhenSpent] = {"extractive": "extractive", "handoff": "handoff"}


@dataclass(frozen=True, slots=True)
class Budgeting:
    """Keeps the workspace's own budgets. `allowance` is what every call asks; `written` are the settings' terms."""

    database: Database
    allowance: Allowance
    choices: Collection[ModelChoice]
    workspace_id: str
    written: Terms

    async def change(self, terms: Terms) -> None:
        """Let these terms stand from now on. Raises `Invalid`, and then everything stays as it was."""
        self._check(terms)
        await self.database.write(lambda session: _keep(session, self.workspace_id, terms))
        await self.look()

    async def reset(self) -> None:
        """Let the settings' budgets stand again."""
        await self.database.write(lambda session: _forget(session, self.workspace_id))
        await self.look()

    async def own(self) -> Terms | None:
        """The terms that were set here and not in the settings."""
        return await self.database.read(lambda session: _own(session, self.workspace_id))

    async def look(self) -> None:
        """Let the kept terms stand, unless they limit what meanwhile has no price."""
        terms = await self.own()
        try:
            self._check(terms or self.written)
        except Invalid as trouble:
            log.warning("allowance.ignored", why=trouble.detail)
            return
        self.allowance.terms = terms or self.written

    def _check(self, terms: Terms) -> None:
        try:
            refuse_what_cannot_be_limited(terms.limits, self.choices)
        except Misconfigured as trouble:
            raise Invalid(trouble.detail) from trouble


async def open_budgeting(
    database: Database, books: Books, choices: Collection[ModelChoice], workspace_id: str
) -> Budgeting:
    """The budgets as they were left."""
    budgeting = Budgeting(database, books.allowance, choices, workspace_id, books.allowance.terms)
    await budgeting.look()
    return budgeting


def _own(session: Session, workspace_id: str) -> Terms | None:
    row = session.get(AllowanceRow, workspace_id)
    return Terms(Limits.of(row.dollars), _KNOWN[row.when_spent]) if row else None


def _keep(session: Session, workspace_id: str, terms: Terms) -> None:
    _forget(session, workspace_id)
    told = {"dollars": terms.limits.dollars, "when_spent": terms.when_spent, "changed_at": now()}
    session.execute(insert(AllowanceRow).values(workspace_id=workspace_id, **told))


def _forget(session: Session, workspace_id: str) -> None:
    """What was told of the old limits says nothing about the new ones."""
    session.execute(delete(AllowanceRow).where(col(AllowanceRow.workspace_id) == workspace_id))
    mine = col(BudgetRow.workspace_id) == workspace_id
    session.execute(update(BudgetRow).where(mine).values(warned_percent=0))
