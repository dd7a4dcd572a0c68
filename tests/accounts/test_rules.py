"""Who may do what."""

import pytest

from app.accounts.rules import RULES, Rule
from app.accounts.types import Key, Person, Role, Scope
from app.database import now

PEOPLE = {role: Person("p", "w", "a@b.c", "A", role) for role in Role}
KEYS = {scope: Key("k", "w", "K", frozenset({scope}), now()) for scope in Scope}


def test_a_role_may_do_what_lesser_roles_may() -> None:
    assert [role.covers(Role.ADMIN) for role in (Role.AGENT, Role.ADMIN, Role.OWNER)] == [False, True, True]


@pytest.mark.parametrize("name", RULES)
def test_without_anything_to_show_only_what_is_public_is_open(name: str) -> None:
    assert RULES[name].admits(None, None) == RULES[name].public


def test_a_key_of_one_scope_opens_nothing_of_another() -> None:
    rule = Rule(role=Role.AGENT, scope=Scope.INBOX)
    assert [rule.admits(None, KEYS[scope]) for scope in Scope] == [False, False, True, False]


def test_no_admin_route_opens_for_an_agent() -> None:
    admins = [rule for rule in RULES.values() if rule.role == Role.ADMIN]
    assert admins
    assert not any(rule.admits(PEOPLE[Role.AGENT], KEYS[Scope.INBOX]) for rule in admins)
