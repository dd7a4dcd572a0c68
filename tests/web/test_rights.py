"""Every route has a rule, and every rule holds over HTTP for everybody."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.accounts.rules import RULES
from app.accounts.types import SYSTEM, Role, Scope
from app.main import create_app
from app.wiring import Application
from tests.web.conftest import SignIn, settings_of
from tests.web.customer import Talk

ENDED = {401, 303}
SECRETS = re.compile(r"ak_live_|token_hash|password_hash|secret_hash")


@dataclass(frozen=True)
class Door:
    """One method of one route."""

    name: str
    method: str
    path: str

    @property
    def address(self) -> str:
        """An address that matches, of something that does not exist."""
        number = self.path.replace("{number}", "1")
        return re.sub(r"\{[^}]+\}", "00000000-0000-7000-8000-000000000000", number)


def doors(app: FastAPI) -> list[Door]:
    """Everything that can be asked for, outside static files."""
    return [
        Door(route.name, method, route.path)
        for route in _routes(app.routes)
        for method in sorted((getattr(route, "methods", None) or set()) - {"HEAD", "OPTIONS"})
    ]


def _routes(routes: Iterable[Any]) -> Iterator[Any]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _routes(inner.routes)
        else:
            yield route


@pytest.fixture(scope="module")
def every_door() -> list[Door]:
    return doors(create_app(settings_of(Path("unopened"))))


def test_every_route_has_a_rule_and_every_rule_a_route(every_door: list[Door]) -> None:
    names = {door.name for door in every_door}
    assert len(names) > 60
    assert names == set(RULES)


def test_every_api_route_has_a_name_of_its_own(every_door: list[Door]) -> None:
    names = [door.name for door in every_door]
    assert sorted(names) == sorted(set(names))


def test_every_route_asks_the_rules(every_door: list[Door]) -> None:
    app = create_app(settings_of(Path("unopened")))
    ours = [route for route in _routes(app.routes) if isinstance(route, APIRoute)]
    assert {route.name for route in ours} == {door.name for door in every_door} - {"openapi"}
    included = [route for route in app.routes if hasattr(route, "include_context")]
    assert all(one.include_context.dependencies for one in included)


async def test_who_has_nothing_to_show_gets_nothing_but_what_is_public(
    client: httpx.AsyncClient, every_door: list[Door]
) -> None:
    for door in every_door:
        rule = RULES[door.name]
        if rule.public or rule.loopback:
            continue
        response = await client.request(door.method, door.address)
        assert response.status_code in ENDED, (door, response.status_code)
        for nothing in ("", "Bearer", "Bearer null", "Bearer []", "Basic YTpi", "Bearer .", "Bearer a.b"):
            response = await client.request(door.method, door.address, headers={"Authorization": nothing})
            assert response.status_code in {401, 303, 404}, (door, nothing, response.status_code)
            if response.status_code == 404:
                assert rule.conversation


@pytest.mark.parametrize("role", list(Role))
async def test_a_person_may_do_what_their_role_may_and_nothing_else(
    sign_in: SignIn, every_door: list[Door], role: Role
) -> None:
    browser = await sign_in(role)
    for door in _in_any_order_but_the_last(every_door):
        rule = RULES[door.name]
        if rule.public or door.name.startswith("follow_inbox"):
            continue
        status = (await browser.request(door.method, door.address)).status_code
        if rule.role is None:
            assert status == (200 if rule.loopback else 401), (door, status)
        elif role.covers(rule.role):
            assert status not in {401, 403, 303} or rule.loopback, (door, status)
        else:
            assert status in ({200} if rule.loopback else {403}), (door, status)


@pytest.mark.parametrize("scope", list(Scope))
async def test_a_key_may_do_what_its_scope_may_and_nothing_else(
    client: httpx.AsyncClient, application: Application, every_door: list[Door], scope: Scope
) -> None:
    _, text = await application.keys.add(application.workspace_id, "test", SYSTEM, [scope])
    for door in every_door:
        rule = RULES[door.name]
        if rule.public or rule.loopback or door.name.startswith("follow_inbox"):
            continue
        response = await client.request(door.method, door.address, headers={"Authorization": f"Bearer {text}"})
        allowed = rule.scope == scope
        assert (response.status_code == 403) != allowed, (door, response.status_code)
        assert allowed or "key" in response.text


async def test_a_customer_may_do_nothing_but_in_their_own_conversation(talk: Talk, every_door: list[Door]) -> None:
    other = await Talk.open(talk.client)
    for door in every_door:
        rule = RULES[door.name]
        if rule.public or rule.loopback:
            continue
        address = door.address.replace("00000000-0000-7000-8000-000000000000", other.id)
        status = (await talk.client.request(door.method, address, headers=talk.headers)).status_code
        assert status in ({404, 422} if rule.conversation else {401, 303}), (door, status)


@pytest.mark.parametrize("what", ["session", "key"])
async def test_who_is_shut_out_is_out_at_once(sign_in: SignIn, application: Application, what: str) -> None:
    owner, agent = await sign_in(Role.OWNER), await sign_in(Role.AGENT)
    person = (await agent.get("/api/session")).json()
    headers = {}
    if what == "key":
        actor = (await application.people.get(application.workspace_id, person["id"])).actor
        _, text = await application.keys.add(application.workspace_id, "mine", actor, [Scope.INBOX])
        headers = {"Authorization": f"Bearer {text}"}
    assert (await agent.get("/api/inbox/conversations", headers=headers)).status_code == 200
    assert (await owner.post(f"/api/admin/people/{person['id']}/disable")).json()["disabled"] is True
    assert (await agent.get("/api/inbox/conversations", headers=headers)).status_code == 401


async def test_the_stream_of_who_is_shut_out_ends(sign_in: SignIn) -> None:
    owner, agent = await sign_in(Role.OWNER), await sign_in(Role.AGENT)
    person = (await agent.get("/api/session")).json()
    async with agent.stream("GET", "/api/inbox/events", timeout=8) as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "retry: 3000"
        await owner.post(f"/api/admin/people/{person['id']}/disable")
        assert [line async for line in lines if line] == []


async def test_nothing_secret_is_shown(sign_in: SignIn, every_door: list[Door], application: Application) -> None:
    owner = await sign_in(Role.OWNER)
    _, text = await application.keys.add(application.workspace_id, "test", SYSTEM)
    talk = await Talk.open(owner)
    await talk.ask("How do I track a parcel?")
    for door in every_door:
        if door.method != "GET" or door.name.startswith("follow_") or "_page" in door.name:
            continue
        shown = (await owner.get(door.address.replace("00000000-0000-7000-8000-000000000000", talk.id))).text
        assert not SECRETS.search(shown), door
        assert text not in shown
        assert talk.token not in shown


def _in_any_order_but_the_last(every_door: list[Door]) -> list[Door]:
    """Signing out last, since it ends what the others need."""
    return sorted(every_door, key=lambda door: door.name == "sign_out")


async def test_the_api_describes_itself_with_stable_names(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    operations = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert {"ask", "complete_chat", "publish_snapshot"} <= set(operations)
    assert len(operations) == len(set(operations))


async def test_an_admin_reads_the_policy_and_an_agent_does_not(sign_in: SignIn) -> None:
    read = await (await sign_in(Role.ADMIN)).get("/api/admin/policy")
    assert {"max_wrong": 0.1, "never_auto": []}.items() <= read.json().items()
    assert (await (await sign_in(Role.AGENT)).get("/api/admin/policy")).status_code == 403
