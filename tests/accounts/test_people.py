"""People, their sessions and their links, on both databases."""

import asyncio

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from app.accounts.invitations import Invitations
from app.accounts.keys import Keys
from app.accounts.passwords import Passwords
from app.accounts.people import People
from app.accounts.sessions import Sessions
from app.accounts.tables import InvitationRow, PersonRow, SessionRow
from app.accounts.types import SYSTEM, Person, Role
from app.accounts.workspaces import Workspaces
from app.database import Database, now
from app.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorised

PASSWORD = "correct horse battery"


async def test_the_default_workspace_is_made_once_by_many(database: Database) -> None:
    made = await asyncio.gather(*(Workspaces(database).ensure("Test") for _ in range(5)))
    assert set(made) == {"default"}


async def test_an_address_is_compared_without_case(people: People, owner: Person, workspace: str) -> None:
    assert owner.email == "olga@example.com"
    assert (await people.sign_in(workspace, " OLGA@example.com", PASSWORD)).id == owner.id
    with pytest.raises(Conflict):
        await people.add(workspace, "olga@EXAMPLE.com", "Other", Role.AGENT, SYSTEM)


async def test_two_who_are_added_at_once_with_one_address_are_one(people: People, workspace: str) -> None:
    adding = (people.add(workspace, "a@b.c", "A", Role.AGENT, SYSTEM) for _ in range(8))
    outcomes = await asyncio.gather(*adding, return_exceptions=True)
    assert sum(isinstance(one, Person) for one in outcomes) == 1
    assert all(isinstance(one, (Person, Conflict)) for one in outcomes)


@pytest.mark.parametrize(
    ("email", "password"), [("olga@example.com", "wrong password"), ("nobody@example.com", PASSWORD)]
)
async def test_a_wrong_password_and_an_unknown_address_are_told_alike(
    people: People, owner: Person, workspace: str, email: str, password: str
) -> None:
    with pytest.raises(Unauthorised, match="do not belong together"):
        await people.sign_in(workspace, email, password)


async def test_a_person_of_another_workspace_cannot_be_found(people: People, owner: Person) -> None:
    with pytest.raises(NotFound):
        await people.get("elsewhere", owner.id)


@pytest.mark.parametrize("email", ["", "no address", "a@", "@b", "a" * 250 + "@b.cd"])
async def test_what_is_no_address_is_refused(people: People, workspace: str, email: str) -> None:
    with pytest.raises(Invalid, match="not an email address"):
        await people.add(workspace, email, "A", Role.AGENT, SYSTEM)


async def test_a_short_password_is_refused_with_the_limit_named(people: People, workspace: str) -> None:
    with pytest.raises(Invalid, match="at least 10 characters"):
        await people.add(workspace, "a@b.c", "A", Role.AGENT, SYSTEM, "short")


async def test_a_password_with_outdated_parameters_is_hashed_anew(
    people: People, owner: Person, database: Database, workspace: str
) -> None:
    weak = await _stored_hash(database)
    with pytest.raises(Unauthorised):
        await People(database, Passwords()).sign_in(workspace, owner.email, "wrong password")
    assert await _stored_hash(database) == weak
    await People(database, Passwords()).sign_in(workspace, owner.email, PASSWORD)
    assert not Passwords().outdated(await _stored_hash(database))


async def _stored_hash(database: Database) -> str:
    return await database.read(lambda session: session.execute(select(col(PersonRow.password_hash))).scalar_one() or "")


async def test_shutting_somebody_out_ends_sessions_and_keys_at_once(
    people: People, owner: Person, database: Database, workspace: str
) -> None:
    agent = await people.add(workspace, "a@b.c", "A", Role.AGENT, SYSTEM, PASSWORD)
    sessions, keys = Sessions(database, 24), Keys(database)
    token, (_, key) = await sessions.begin(agent), await keys.add(workspace, "mine", agent.actor)
    await people.set_disabled(workspace, agent.id, owner.actor, disabled=True)
    with pytest.raises(Unauthorised):
        await sessions.find(token)
    with pytest.raises(Unauthorised):
        await keys.find(key)
    with pytest.raises(Unauthorised):
        await people.sign_in(workspace, agent.email, PASSWORD)


async def test_the_last_owner_stays(people: People, owner: Person, workspace: str) -> None:
    with pytest.raises(Conflict, match="last owner"):
        await people.set_disabled(workspace, owner.id, owner.actor, disabled=True)


async def test_an_admin_has_no_power_over_an_owner(
    people: People, owner: Person, workspace: str, database: Database
) -> None:
    admin = await people.add(workspace, "a@b.c", "A", Role.ADMIN, SYSTEM)
    with pytest.raises(Forbidden):
        await people.set_disabled(workspace, owner.id, admin.actor, disabled=True)
    with pytest.raises(Forbidden):
        await Invitations(database).link_for(workspace, owner.id, admin.actor)
    with pytest.raises(Forbidden):
        await people.add(workspace, "b@b.c", "B", Role.OWNER, admin.actor)


async def test_each_session_has_an_id_of_its_own_and_ends_on_the_server(owner: Person, database: Database) -> None:
    sessions = Sessions(database, 24)
    first, second = await sessions.begin(owner), await sessions.begin(owner)
    assert first != second
    await sessions.end(first)
    with pytest.raises(Unauthorised):
        await sessions.find(first)
    assert (await sessions.find(second)).id == owner.id


@pytest.mark.parametrize("column", ["seen_at", "expires_at"])
async def test_a_session_ends_when_idle_and_when_old(owner: Person, database: Database, column: str) -> None:
    sessions = Sessions(database, most_hours=24, idle_hours=1)
    token = await sessions.begin(owner)
    long_ago = now().replace(year=2020)
    await database.write(lambda session: session.execute(update(SessionRow).values({column: long_ago})).close())
    with pytest.raises(Unauthorised, match="ended"):
        await sessions.find(token)
    await sessions.begin(owner)
    left = await database.read(
        lambda session: session.execute(select(func.count()).select_from(SessionRow)).scalar_one()
    )
    assert left == 1


async def test_the_stored_digest_is_no_session(owner: Person, database: Database) -> None:
    sessions = Sessions(database, 24)
    await sessions.begin(owner)
    stored = await database.read(lambda session: session.execute(select(col(SessionRow.token_hash))).scalar_one())
    with pytest.raises(Unauthorised):
        await sessions.find(stored)


async def test_the_first_owner_comes_in_by_a_link_that_works_once(
    database: Database, passwords: Passwords, workspace: str
) -> None:
    invitations = Invitations(database, passwords)
    earlier, token = await invitations.owner_link(workspace), await invitations.owner_link(workspace)
    assert earlier
    assert token
    with pytest.raises(NotFound):
        await invitations.look(earlier)
    owner = await invitations.accept(token, "Olga", "olga@example.com", PASSWORD)
    assert owner.role == Role.OWNER
    with pytest.raises(NotFound, match="used already"):
        await invitations.accept(token, "Eve", "eve@example.com", PASSWORD)
    assert await invitations.owner_link(workspace) is None


async def test_of_two_who_redeem_a_link_at_once_one_comes_in(
    database: Database, passwords: Passwords, workspace: str
) -> None:
    invitations = Invitations(database, passwords)
    token = await invitations.owner_link(workspace)
    assert token
    redeeming = (invitations.accept(token, "A", f"a{number}@b.c", PASSWORD) for number in range(4))
    outcomes = await asyncio.gather(*redeeming, return_exceptions=True)
    assert sum(isinstance(one, Person) for one in outcomes) == 1
    assert len(await People(database).all(workspace)) == 1


async def test_a_link_for_a_person_sets_their_password_and_ends_their_sessions(
    people: People, owner: Person, database: Database, passwords: Passwords, workspace: str
) -> None:
    sessions, invitations = Sessions(database, 24), Invitations(database, passwords)
    session = await sessions.begin(owner)
    token = await invitations.link_for(workspace, owner.id, SYSTEM)
    looked = await invitations.look(token)
    assert looked.person
    assert looked.person.id == owner.id
    await invitations.accept(token, "Olga O.", "eve@example.com", "another long password")
    with pytest.raises(Unauthorised):
        await sessions.find(session)
    person = await people.sign_in(workspace, "olga@example.com", "another long password")
    assert (person.id, person.name) == (owner.id, "Olga O.")


async def test_an_old_link_is_worth_nothing(database: Database, passwords: Passwords, workspace: str) -> None:
    invitations = Invitations(database, passwords)
    token = await invitations.owner_link(workspace)
    assert token
    long_ago = now().replace(year=2020)
    await database.write(lambda session: session.execute(update(InvitationRow).values(expires_at=long_ago)).close())
    with pytest.raises(NotFound):
        await invitations.accept(token, "A", "a@b.c", PASSWORD)
