"""Routes that an admin changes: checked, kept, and followed by every process without a restart."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import Invalid
from app.llm.lineup import Routes
from app.llm.money.tables import RouteRow
from app.llm.registry import STRONG_FROM, RouteChoice

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Routing:
    """Keeps the workspace's own routes."""

    database: Database
    routes: Routes
    workspace_id: str

    async def change(self, name: str, choice: RouteChoice) -> None:
        """Let a route stand from now on. Raises `Invalid`, and then everything stays as it was."""
        self.routes.check(name, choice)
        await self.database.write(lambda session: _keep(session, self.workspace_id, name, choice))
        await self.look()

    async def reset(self, name: str) -> None:
        """Let the settings' route stand again."""
        self.routes.check_name(name)
        await self.database.write(lambda session: _forget(session, self.workspace_id, name))
        await self.look()

    async def own(self) -> dict[str, RouteChoice]:
        """The routes that were set here and not in the settings."""
        return await self.database.read(lambda session: _own(session, self.workspace_id))

    async def look(self) -> None:
        """Let the kept routes stand, except those that name a model which is no longer there."""
        self.routes.stand(self._sound(await self.own()))

    def _sound(self, chosen: Mapping[str, RouteChoice]) -> dict[str, RouteChoice]:
        sound = {}
        for name, choice in chosen.items():
            try:
                self.routes.check(name, choice)
                sound[name] = choice
            except Invalid as trouble:
                log.warning("route.ignored", route=name, why=trouble.detail)
        return sound


async def open_routing(database: Database, routes: Routes, workspace_id: str) -> Routing:
    """The routes as they were left."""
    routing = Routing(database, routes, workspace_id)
    await routing.look()
    return routing


def _own(session: Session, workspace_id: str) -> dict[str, RouteChoice]:
    rows = session.execute(select(RouteRow).where(col(RouteRow.workspace_id) == workspace_id)).scalars()
    return {row.name: _choice(row) for row in rows}


def _choice(row: RouteRow) -> RouteChoice:
    strong_from = STRONG_FROM if row.strong_from is None else row.strong_from
    return RouteChoice(tuple(row.cheap), tuple(row.strong), strong_from)


def _keep(session: Session, workspace_id: str, name: str, choice: RouteChoice) -> None:
    _forget(session, workspace_id, name)
    told = {"cheap": list(choice.cheap), "strong": list(choice.strong), "strong_from": choice.strong_from}
    session.execute(insert(RouteRow).values(workspace_id=workspace_id, name=name, changed_at=now(), **told))


def _forget(session: Session, workspace_id: str, name: str) -> None:
    mine = (col(RouteRow.workspace_id) == workspace_id) & (col(RouteRow.name) == name)
    session.execute(delete(RouteRow).where(mine))
