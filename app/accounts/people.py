"""People of a workspace: added, signed in, disabled."""

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from app.accounts.audit import record
from app.accounts.passwords import Passwords
from app.accounts.tables import InvitationRow, PersonRow, SessionRow
from app.accounts.types import Actor, Person, Role
from app.database import Database, now
from app.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorised

LONGEST_EMAIL = 254
LONGEST_NAME = 120
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class People:
    """The only place that adds, changes and signs in people."""

    database: Database
    passwords: Passwords = field(default_factory=Passwords)

    async def add(  # what is known of a person
        self, workspace_id: str, email: str, name: str, role: Role, actor: Actor, password: str | None = None
    ) -> Person:
        """Add somebody. Without a password they need an invitation to come in."""
        refuse_above(actor, role)
        known = {"email": normal_email(email), "name": normal_name(name), "role": role.value}
        hashed = await self.passwords.hash(password) if password is not None else None
        fields = {"workspace_id": workspace_id, "password_hash": hashed, **known}
        return await self.database.write(lambda session: add_person(session, fields, actor))

    async def all(self, workspace_id: str) -> list[Person]:
        """Everybody, in order of name."""
        return await self.database.read(lambda session: _all(session, workspace_id))

    async def get(self, workspace_id: str, person_id: str) -> Person:
        """One person. Raises `NotFound`, also for somebody of another workspace."""
        return await self.database.read(lambda session: person_of(own(session, workspace_id, person_id)))

    async def sign_in(self, workspace_id: str, email: str, password: str) -> Person:
        """The person with this email address and password. What is wrong is not said."""
        found = await self.database.read(lambda session: _for_sign_in(session, workspace_id, email.strip().lower()))
        person, stored = found or (None, None)
        fits = await self.passwords.fits(password, stored)
        if person is None or stored is None or not fits or person.disabled:
            raise Unauthorised("This email address and password do not belong together.")
        if self.passwords.outdated(stored):
            fresh = await self.passwords.hash(password)
            await self.database.write(lambda session: _set_password(session, person.id, fresh))
        return person

    async def set_disabled(self, workspace_id: str, person_id: str, actor: Actor, *, disabled: bool) -> Person:
        """Shut somebody out, or let them in again. Their sessions end at once, and their keys stop working."""
        return await self.database.write(
            lambda session: _set_disabled(session, workspace_id, person_id, actor, disabled=disabled)
        )


def normal_email(email: str) -> str:
    """The address as it is stored and compared."""
    email = email.strip().lower()
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise Invalid("This is not an email address. It should look like name@example.com.")
    return email


def normal_name(name: str) -> str:
    """A name, shortened of white space."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"A name needs 1 to {LONGEST_NAME} characters.")
    return name


def add_person(session: Session, fields: dict[str, Any], actor: Actor | None) -> Person:
    """Store a new person and say so in the audit log; without an actor they added themselves by invitation."""
    row = PersonRow(**fields)
    taken = Conflict(f"There is already a person with the address {row.email}.")
    if _known(session, row.workspace_id, row.email) is not None:
        raise taken
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise taken from error
    person = person_of(row)
    shown = {"email": person.email, "name": person.name, "role": person.role.value}
    record(session, row.workspace_id, actor or person.actor, "person.added", f"person:{person.id}", after=shown)
    return person


def own(session: Session, workspace_id: str, person_id: str) -> PersonRow:
    """A person's row in this workspace."""
    row = session.get(PersonRow, person_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("There is no such person.")
    return row


def person_of(row: PersonRow) -> Person:
    """The value of a row."""
    return Person(
        row.id, row.workspace_id, row.email, row.name, Role(row.role), row.disabled_at is not None, row.created_at
    )


def refuse_above(actor: Actor, role: Role) -> None:
    """Nobody makes, resets or shuts out somebody who may do more than they."""
    if not actor.role.covers(role):
        raise Forbidden(f"Only an {role.value} may do this to an {role.value}.")


def _all(session: Session, workspace_id: str) -> list[Person]:
    rows = session.execute(
        select(PersonRow).where(col(PersonRow.workspace_id) == workspace_id).order_by(col(PersonRow.name))
    )
    return [person_of(row) for row in rows.scalars()]


def _known(session: Session, workspace_id: str, email: str) -> PersonRow | None:
    mine = (col(PersonRow.workspace_id) == workspace_id) & (col(PersonRow.email) == email)
    return session.execute(select(PersonRow).where(mine)).scalar_one_or_none()


def _for_sign_in(session: Session, workspace_id: str, email: str) -> tuple[Person, str | None] | None:
    row = _known(session, workspace_id, email)
    return (person_of(row), row.password_hash) if row else None


def _set_password(session: Session, person_id: str, hashed: str) -> None:
    session.execute(update(PersonRow).where(col(PersonRow.id) == person_id).values(password_hash=hashed))


def _set_disabled(session: Session, workspace_id: str, person_id: str, actor: Actor, *, disabled: bool) -> Person:
    row = own(session, workspace_id, person_id)
    refuse_above(actor, Role(row.role))
    if disabled and row.role == Role.OWNER:
        _keep_an_owner(session, row)
    before = row.disabled_at is not None
    row.disabled_at = now() if disabled else None
    session.add(row)
    session.flush()
    if disabled:
        session.execute(delete(SessionRow).where(col(SessionRow.person_id) == person_id))
        session.execute(delete(InvitationRow).where(col(InvitationRow.person_id) == person_id))
    action = "person.disabled" if disabled else "person.enabled"
    change = {"before": {"disabled": before}, "after": {"disabled": disabled}}
    record(session, workspace_id, actor, action, f"person:{person_id}", **change)
    return person_of(row)


def _keep_an_owner(session: Session, row: PersonRow) -> None:
    others = (
        (col(PersonRow.workspace_id) == row.workspace_id)
        & (col(PersonRow.role) == Role.OWNER)
        & (col(PersonRow.id) != row.id)
        & col(PersonRow.disabled_at).is_(None)
    )
    if not session.execute(select(func.count()).select_from(PersonRow).where(others)).scalar_one():
        raise Conflict("This is the last owner. Make somebody else an owner first.")
