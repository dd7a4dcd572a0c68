"""A workspace with an owner."""

import pytest
from argon2 import PasswordHasher

from app.accounts.passwords import Passwords
from app.accounts.people import People
from app.accounts.types import SYSTEM, Person, Role
from app.accounts.workspaces import Workspaces
from app.database import Database

PASSWORD = "correct horse battery"


@pytest.fixture
def passwords() -> Passwords:
    """Quick to check; the parameters of the product are those of argon2-cffi."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def workspace(database: Database) -> str:
    return await Workspaces(database).ensure("Test")


@pytest.fixture
async def people(database: Database, passwords: Passwords) -> People:
    return People(database, passwords)


@pytest.fixture
async def owner(people: People, workspace: str) -> Person:
    return await people.add(workspace, "Olga@Example.com", "Olga", Role.OWNER, SYSTEM, PASSWORD)
