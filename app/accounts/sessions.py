"""Signed-in browsers. The browser holds 256 random bits; we hold their digest."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from app.accounts.audit import record
from app.accounts.people import person_of
from app.accounts.secrecy import digest, new_secret
from app.accounts.tables import PersonRow, SessionRow
from app.accounts.types import Person
from app.database import Database, now
from app.errors import Unauthorised

SEEN_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, recognises and ends sessions. It ends when idle for `idle_hours`, and after `most_hours` anyway."""

    database: Database
    most_hours: float
    idle_hours: float = 72

    async def begin(self, person: Person) -> str:
        """Sign somebody in; gives what their browser keeps. Each sign-in has a new id."""
        token = new_secret()
        await self.database.write(lambda session: self._begin(session, person, digest(token)))
        return token

    async def find(self, token: str) -> Person:
        """Who holds this session. Raises `Unauthorised` when it ended, or when the person was shut out."""
        person, quiet_s = await self.database.read(lambda session: self._find(session, digest(token)))
        if quiet_s > SEEN_EVERY_S:
            await self.database.write(lambda session: _seen(session, digest(token)))
        return person

    async def end(self, token: str) -> None:
        """Sign out: the session is gone on the server."""
        await self.database.write(lambda session: _end(session, digest(token)))

    def _begin(self, session: Session, person: Person, token_hash: str) -> None:
        moment = now()
        self._forget_ended(session)
        fields = SessionRow(
            token_hash=token_hash,
            workspace_id=person.workspace_id,
            person_id=person.id,
            created_at=moment,
            seen_at=moment,
            expires_at=moment + timedelta(hours=self.most_hours),
        )
        session.execute(insert(SessionRow).values(fields.model_dump()))
        record(session, person.workspace_id, person.actor, "session.begun", f"person:{person.id}")

    def _find(self, session: Session, token_hash: str) -> tuple[Person, float]:
        held = (col(SessionRow.token_hash) == token_hash) & (col(PersonRow.id) == col(SessionRow.person_id))
        found = session.execute(
            select(PersonRow, col(SessionRow.seen_at), col(SessionRow.expires_at)).where(held)
        ).one_or_none()
        moment = now()
        if found is None or found[0].disabled_at or found.expires_at < moment:
            raise Unauthorised("Your session has ended. Please sign in again.")
        quiet = moment - found.seen_at
        if quiet > timedelta(hours=self.idle_hours):
            raise Unauthorised("Your session has ended. Please sign in again.")
        return person_of(found[0]), quiet.total_seconds()

    def _forget_ended(self, session: Session) -> None:
        moment = now()
        idle = col(SessionRow.seen_at) < moment - timedelta(hours=self.idle_hours)
        session.execute(delete(SessionRow).where((col(SessionRow.expires_at) < moment) | idle))


def _seen(session: Session, token_hash: str) -> None:
    session.execute(update(SessionRow).where(col(SessionRow.token_hash) == token_hash).values(seen_at=now()))


def _end(session: Session, token_hash: str) -> None:
    session.execute(delete(SessionRow).where(col(SessionRow.token_hash) == token_hash))
