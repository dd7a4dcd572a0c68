"""Signing in, coming in, and what protects a browser."""

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.secrecy import SHORTEST_PASSWORD
from app.accounts.types import SYSTEM, Role, Scope
from app.wiring import Application
from tests.web.conftest import PASSWORD, SignIn
from tests.web.customer import Talk


async def test_the_owner_comes_in_by_a_link_and_is_signed_in(
    client: httpx.AsyncClient, application: Application
) -> None:
    token = await application.invitations.owner_link(application.workspace_id)
    looked = (await client.get(f"/api/invitations/{token}")).json()
    assert looked == {"role": "owner", "person": None}
    who = {"name": "Olga", "email": "olga@example.com", "password": PASSWORD}
    made = await client.post(f"/api/invitations/{token}", json=who)
    assert (made.status_code, made.json()["role"]) == (201, "owner")
    assert (await client.get("/api/session")).json()["email"] == "olga@example.com"
    again = await client.post(f"/api/invitations/{token}", json=who)
    assert (again.status_code, again.headers["content-type"]) == (404, "application/problem+json")


async def test_the_page_of_a_link_asks_for_a_password_as_long_as_it_must_be(
    client: httpx.AsyncClient, application: Application
) -> None:
    token = await application.invitations.owner_link(application.workspace_id)
    html = (await client.get(f"/invitation/{token}")).text
    assert f'minlength="{SHORTEST_PASSWORD}"' in html
    assert f"At least {SHORTEST_PASSWORD} characters" in html
    who = {"name": "Olga", "email": "olga@example.com", "password": "x" * SHORTEST_PASSWORD}
    short = who | {"password": "x" * (SHORTEST_PASSWORD - 1)}
    assert (await client.post(f"/api/invitations/{token}", json=short)).status_code == 422
    assert (await client.post(f"/api/invitations/{token}", json=who)).status_code == 201


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_of_other_sites(
    client: httpx.AsyncClient, sign_in: SignIn
) -> None:
    await sign_in(Role.AGENT, PASSWORD)
    signed_in = await client.post("/api/session", json={"email": "agent-0@example.com", "password": PASSWORD})
    cookie = signed_in.headers["set-cookie"]
    assert cookie.startswith("session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


async def test_over_https_the_cookie_is_bound_to_the_host(web: FastAPI, sign_in: SignIn) -> None:
    await sign_in(Role.AGENT, PASSWORD)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="https://help.example") as browser:
        who = {"email": "agent-0@example.com", "password": PASSWORD}
        signed_in = await browser.post("/api/session", json=who)
        assert signed_in.headers["set-cookie"].startswith("__Host-session=")
        assert "Secure" in signed_in.headers["set-cookie"]
        assert "strict-transport-security" in signed_in.headers
        assert (await browser.get("/api/session")).json()["role"] == "agent"


async def test_signing_out_ends_the_session_on_the_server(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    browser = await sign_in(Role.AGENT)
    stolen = dict(browser.cookies)
    assert (await browser.delete("/api/session")).status_code == 204
    assert "session" not in browser.cookies
    client.cookies.update(stolen)
    assert (await client.get("/api/session")).status_code == 401


async def test_each_sign_in_has_a_new_session_and_ends_the_one_before(sign_in: SignIn) -> None:
    browser = await sign_in(Role.AGENT, PASSWORD)
    before = browser.cookies["session"]
    await browser.post("/api/session", json={"email": "agent-0@example.com", "password": PASSWORD})
    assert browser.cookies["session"] != before
    assert (await browser.get("/api/session", headers={"Cookie": f"session={before}"})).status_code == 401


async def test_guessing_a_password_is_slowed_down(client: httpx.AsyncClient) -> None:
    guess = {"email": "olga@example.com", "password": "wrong password"}
    statuses = [(await client.post("/api/session", json=guess)).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Sec-Fetch-Site": "none"}, 204),
        ({}, 204),
    ],
)
async def test_what_another_site_makes_a_browser_send_is_refused(
    sign_in: SignIn, headers: dict[str, str], status: int
) -> None:
    browser = await sign_in(Role.AGENT)
    del browser.headers["sec-fetch-site"]
    assert (await browser.delete("/api/session", headers=headers)).status_code == status


async def test_a_program_with_a_token_may_come_from_anywhere(talk: Talk) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example"}
    assert (await talk.post("stop", **headers)).status_code == 200


async def test_every_answer_carries_strict_headers(client: httpx.AsyncClient, talk: Talk) -> None:
    for response in (
        await client.get("/healthz"),
        await client.get("/nowhere"),
        await client.get(talk.path, headers=talk.headers),
        await client.post("/api/session", json={}, headers={"Sec-Fetch-Site": "cross-site"}),
    ):
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert len(response.headers["x-request-id"]) == 16
    assert (await client.get("/healthz", headers={"X-Request-ID": "a-b.c_12"})).headers["x-request-id"] == "a-b.c_12"
    strange = (await client.get("/healthz", headers={"X-Request-ID": "a b<script>"})).headers["x-request-id"]
    assert strange != "a b<script>"


async def test_only_the_widget_may_stand_in_a_frame(client: httpx.AsyncClient) -> None:
    assert "frame-ancestors 'self'" in (await client.get("/embed")).headers["content-security-policy"]


async def test_a_person_is_added_with_a_link_that_is_shown_once(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    added = await admin.post("/api/admin/people", json={"email": "ben@example.com", "name": "Ben", "role": "agent"})
    assert added.status_code == 201
    token = added.json()["link"].rpartition("/")[2]
    who = {"name": "Ben B.", "email": "ben@example.com", "password": PASSWORD}
    assert (await client.post(f"/api/invitations/{token}", json=who)).json()["name"] == "Ben B."
    listed = (await admin.get("/api/admin/people")).json()["data"]
    assert [person["name"] for person in listed] == ["Admin", "Ben B."]
    owner = {"email": "eve@example.com", "name": "Eve", "role": "owner"}
    assert (await admin.post("/api/admin/people", json=owner)).status_code == 403


async def test_keys_are_made_shown_once_and_revoked(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    made = (await admin.post("/api/admin/keys", json={"name": "shop", "scopes": ["search"], "days": 30})).json()
    bearer = {"Authorization": f"Bearer {made['key']}"}
    assert (await admin.get("/api/search?q=parcel", headers=bearer)).status_code == 200
    [listed] = (await admin.get("/api/admin/keys")).json()["data"]
    assert listed["used_at"]
    assert made["key"] not in str(listed)
    assert (await admin.delete(f"/api/admin/keys/{made['id']}")).status_code == 204
    assert (await admin.get("/api/search?q=parcel", headers=bearer)).status_code == 401


async def test_what_admins_did_stands_in_the_audit_log(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    await admin.post("/api/admin/sources", json={"name": "Handbook"})
    entries = (await admin.get("/api/admin/audit", params={"limit": 1})).json()
    [entry] = entries["data"]
    assert (entry["action"], entry["actor_name"], entry["after"]["name"]) == ("source.added", "Admin", "Handbook")
    assert entries["next"] == entry["sequence"]
    assert (await admin.get("/api/admin/audit/verification")).json()["holds"] is True


async def test_a_key_with_admin_scope_is_no_owner(client: httpx.AsyncClient, application: Application) -> None:
    _, text = await application.keys.add(application.workspace_id, "robot", SYSTEM, [Scope.ADMIN])
    body = {"email": "eve@example.com", "name": "Eve", "role": "owner"}
    made = await client.post("/api/admin/people", json=body, headers={"Authorization": f"Bearer {text}"})
    assert made.status_code == 403
