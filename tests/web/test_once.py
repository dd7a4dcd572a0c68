"""A request with an Idempotency-Key is done once, however often it is sent."""

import asyncio

import httpx
import pytest

from app.accounts.types import Role
from tests.web.conftest import SignIn
from tests.web.customer import Talk

KEY = {"Idempotency-Key": "01a1fd24-ded5-741c"}
QUESTION = {"text": "How do I track a parcel?"}


async def _said(agent: httpx.AsyncClient, where: str) -> list[str]:
    messages = (await agent.get(where)).json()["messages"]
    return [one["text"] for one in messages if one["author"] == "person"]


async def test_a_reply_that_is_sent_twice_is_said_once(talk: Talk, sign_in: SignIn) -> None:
    where, agent = f"/api/inbox/conversations/{talk.id}", await sign_in(Role.AGENT)
    first = await agent.post(f"{where}/replies", json={"text": "Hello."}, headers=KEY)
    again = await agent.post(f"{where}/replies", json={"text": "Hello."}, headers=KEY)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert await _said(agent, where) == ["Hello."]


async def test_ten_at_once_are_done_once(talk: Talk, sign_in: SignIn) -> None:
    where, agent = f"/api/inbox/conversations/{talk.id}", await sign_in(Role.AGENT)
    sending = [agent.post(f"{where}/replies", json={"text": "Hello."}, headers=KEY) for _ in range(10)]
    statuses = {response.status_code for response in await asyncio.gather(*sending)}
    assert 201 in statuses <= {201, 409}
    assert await _said(agent, where) == ["Hello."]


async def test_a_key_stands_for_one_request_of_one_sender(talk: Talk, sign_in: SignIn) -> None:
    where, agent, other = f"/api/inbox/conversations/{talk.id}", await sign_in(Role.AGENT), await sign_in(Role.ADMIN)
    await agent.post(f"{where}/notes", json={"text": "One."}, headers=KEY)
    assert (await agent.post(f"{where}/notes", json={"text": "Two."}, headers=KEY)).status_code == 422
    assert (await other.post(f"{where}/notes", json={"text": "Two."}, headers=KEY)).status_code == 201
    assert (await agent.post(f"{where}/replies", json={"text": "Three."}, headers=KEY)).status_code == 201


async def test_what_was_refused_may_be_sent_again(talk: Talk, sign_in: SignIn) -> None:
    where, agent = f"/api/inbox/conversations/{talk.id}", await sign_in(Role.AGENT)
    assert (await agent.post(f"{where}/draft/accept", json={"version": 1}, headers=KEY)).status_code == 404
    assert (await agent.post(f"{where}/draft/accept", json={"version": 1}, headers=KEY)).status_code == 404


async def test_an_upload_that_is_sent_twice_is_one_run(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    parts = [("files", ("a.md", b"# A\n\nText.", "text/markdown"))]
    runs = [(await admin.post("/api/admin/uploads", files=parts, headers=KEY)).json()["run_id"] for _ in range(2)]
    assert runs[0] == runs[1]
    assert len((await admin.get("/api/admin/ingest-runs")).json()["data"]) == 1 + 1  # and the one of the fixture


async def test_a_question_that_is_sent_twice_is_one_turn(talk: Talk) -> None:
    first, again = await talk.post("messages", QUESTION, **KEY), await talk.post("messages", QUESTION, **KEY)
    assert first.json() == again.json()
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")


@pytest.mark.parametrize("key", ["a\tb", "k" * 201])
async def test_a_key_that_is_none_is_refused(talk: Talk, key: str) -> None:
    assert (await talk.post("messages", QUESTION, **{"Idempotency-Key": key})).status_code == 422


async def test_nobody_gets_anothers_answer_without_a_right(talk: Talk, client: httpx.AsyncClient) -> None:
    where = f"/api/inbox/conversations/{talk.id}/notes"
    assert (await client.post(where, json={"text": "x"}, headers=KEY)).status_code == 401
