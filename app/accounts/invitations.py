"""Links that work once: for the first owner, for a new person, for a forgotten password."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session, col

from app.accounts.audit import record
from app.accounts.passwords import Passwords
from app.accounts.people import add_person, normal_email, normal_name, own, person_of, refuse_above
from app.accounts.secrecy import digest, new_secret
from app.accounts.tables import InvitationRow, PersonRow, SessionRow
from app.accounts.types import Actor, Person, Role
from app.database import Database, now
from app.errors import NotFound

DAYS = 7
USED = "This link was used already, or it has expired. Please ask for a new one."


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link is good for. With a person it lets them set a password; without, it makes a new one."""

    workspace_id: str
    role: Role
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class Invitations:
    """Makes links and redeems each once."""

    database: Database
    passwords: Passwords = field(default_factory=Passwords)

    async def owner_link(self, workspace_id: str) -> str | None:
        """A link for the first owner; none when the workspace has people. Earlier owner links stop working."""
        token = new_secret()
        made = await self.database.write(lambda session: _owner_link(session, workspace_id, digest(token)))
        return token if made else None

    async def link_for(self, workspace_id: str, person_id: str, actor: Actor) -> str:
        """A link with which this person sets a password; their earlier links stop working."""
        token = new_secret()
        await self.database.write(lambda session: _link_for(session, workspace_id, person_id, actor, digest(token)))
        return token

    async def look(self, token: str) -> Invitation:
        """What the link is good for. Raises `NotFound` when it is not."""
        return await self.database.read(lambda session: _look(session, digest(token)))

    async def accept(self, token: str, name: str, email: str, password: str) -> Person:
        """Redeem the link: a person with this password, whose other sessions have ended."""
        await self.look(token)
        name, email = normal_name(name), normal_email(email)
        hashed = await self.passwords.hash(password)
        return await self.database.write(lambda session: _accept(session, digest(token), name, email, hashed))


def _owner_link(session: Session, workspace_id: str, token_hash: str) -> bool:
    people = select(func.count()).select_from(PersonRow).where(col(PersonRow.workspace_id) == workspace_id)
    if session.execute(people).scalar_one():
        return False
    _forget_unclaimed(session, workspace_id)
    _add(session, workspace_id, Role.OWNER, None, token_hash)
    return True


def _link_for(session: Session, workspace_id: str, person_id: str, actor: Actor, token_hash: str) -> None:
    row = own(session, workspace_id, person_id)
    refuse_above(actor, Role(row.role))
    session.execute(delete(InvitationRow).where(col(InvitationRow.person_id) == person_id))
    _add(session, workspace_id, Role(row.role), person_id, token_hash)
    record(session, workspace_id, actor, "person.link_made", f"person:{person_id}")


def _add(session: Session, workspace_id: str, role: Role, person_id: str | None, token_hash: str) -> None:
    moment = now()
    fields = InvitationRow(
        token_hash=token_hash,
        workspace_id=workspace_id,
        role=role,
        person_id=person_id,
        expires_at=moment + timedelta(days=DAYS),
        created_at=moment,
    )
    session.execute(insert(InvitationRow).values(fields.model_dump()))


def _look(session: Session, token_hash: str) -> Invitation:
    row = session.get(InvitationRow, token_hash)
    if row is None or row.expires_at < now():
        raise NotFound(USED)
    person = session.get(PersonRow, row.person_id) if row.person_id else None
    return Invitation(row.workspace_id, Role(row.role), person_of(person) if person else None)


def _accept(session: Session, token_hash: str, name: str, email: str, hashed: str) -> Person:
    # The deletion decides: of two who redeem at once, one finds the row gone.
    mine = delete(InvitationRow).where(
        col(InvitationRow.token_hash) == token_hash, col(InvitationRow.expires_at) >= now()
    )
    columns = (col(InvitationRow.workspace_id), col(InvitationRow.role), col(InvitationRow.person_id))
    found = session.execute(mine.returning(*columns)).one_or_none()
    if found is None:
        raise NotFound(USED)
    if found.person_id:
        return _set_password(session, found.workspace_id, found.person_id, name, hashed)
    _forget_unclaimed(session, found.workspace_id)
    known = {"email": email, "name": name, "role": found.role, "password_hash": hashed}
    return add_person(session, {"workspace_id": found.workspace_id, **known}, None)


def _set_password(session: Session, workspace_id: str, person_id: str, name: str, hashed: str) -> Person:
    values = {"name": name, "password_hash": hashed}
    session.execute(update(PersonRow).where(col(PersonRow.id) == person_id).values(values))
    session.execute(delete(SessionRow).where(col(SessionRow.person_id) == person_id))
    person = person_of(own(session, workspace_id, person_id))
    record(session, workspace_id, person.actor, "person.password_set", f"person:{person_id}")
    return person


def _forget_unclaimed(session: Session, workspace_id: str) -> None:
    unclaimed = (col(InvitationRow.workspace_id) == workspace_id) & col(InvitationRow.person_id).is_(None)
    session.execute(delete(InvitationRow).where(unclaimed))
