"""What agents do, and what customers see of it."""

import asyncio

from app.accounts.types import Role
from tests.web.conftest import SignIn
from tests.web.customer import Talk, listen

UNANSWERABLE = "Flurble the grommit zanthrop quexley?"


async def _waiting(talk: Talk) -> str:
    await talk.ask(UNANSWERABLE)
    await talk.post("handoff")
    return f"/api/inbox/conversations/{talk.id}"


async def test_a_conversation_waits_in_the_queue_until_somebody_takes_it(talk: Talk, sign_in: SignIn) -> None:
    where, agent = await _waiting(talk), await sign_in(Role.AGENT)
    queue = (await agent.get("/api/inbox/conversations")).json()
    assert [row["id"] for row in queue["data"]] == [talk.id]
    assert queue["data"][0]["subject"] == UNANSWERABLE
    assert (await agent.get("/api/inbox/counts")).json()["queue"] == 1
    claimed = (await agent.post(f"{where}/claim")).json()
    assert (claimed["owner"], claimed["agent"]["name"]) == ("person", "Agent")
    assert [row["id"] for row in (await agent.get("/api/inbox/conversations?view=mine")).json()["data"]] == [talk.id]
    released = (await agent.post(f"{where}/release")).json()
    assert released["owner"] == "queue"


async def test_a_reply_reaches_the_customer_live_and_notes_and_drafts_do_not(talk: Talk, sign_in: SignIn) -> None:
    where, agent = await _waiting(talk), await sign_in(Role.AGENT)
    seen = (await talk.view())["last_event"]
    reading = asyncio.create_task(talk.events(2, after=seen))
    await asyncio.sleep(0.1)
    await agent.post(f"{where}/notes", json={"text": "Ask Tom about this."})
    replied = await agent.post(f"{where}/replies", json={"text": "Hello, I am Maya."})
    assert replied.status_code == 201
    heard = await reading
    assert [event.name for event in heard] == ["conversation.updated", "message.created"]
    assert heard[1].data["message"]["text"] == "Hello, I am Maya."
    assert "Ask Tom" not in str(await talk.view())
    assert [message["author"] for message in replied.json()["messages"]][-2:] == ["note", "person"]


async def test_a_reply_to_what_has_moved_on_is_refused(talk: Talk, sign_in: SignIn) -> None:
    where, agent = await _waiting(talk), await sign_in(Role.AGENT)
    seen = (await agent.get(where)).json()["last_event"]
    await talk.ask("One more thing!")
    stale = {"text": "Here you are.", "expected_version": seen}
    assert (await agent.post(f"{where}/replies", json=stale)).status_code == 409


async def test_an_agent_follows_the_inbox_and_a_conversation_with_its_notes(talk: Talk, sign_in: SignIn) -> None:
    agent = await sign_in(Role.AGENT)
    following = asyncio.create_task(listen(agent, "/api/inbox/events", 1))
    await asyncio.sleep(0.1)
    where = await _waiting(talk)
    [changed] = await following
    assert (changed.name, changed.data) == ("inbox.changed", {"conversation_id": talk.id})
    await agent.post(f"{where}/notes", json={"text": "Noted."})
    last = (await agent.get(where)).json()["last_event"]
    events = await listen(agent, f"{where}/events", last)
    assert "Noted." in str([event.data for event in events])  # a better draft may come after it


async def test_a_draft_is_edited_and_sent_by_whoever_saw_its_newest_version(talk: Talk, sign_in: SignIn) -> None:
    await talk.ask("I want to talk to a human about a lost parcel")
    where, agent = f"/api/inbox/conversations/{talk.id}", await sign_in(Role.AGENT)
    draft = (await agent.get(f"{where}/draft")).json()
    assert draft["state"] == "ready"
    version = draft["version"]
    edited = (await agent.post(f"{where}/draft/edit", json={"version": version, "text": "Dear customer"})).json()
    assert edited["drafts"][0]["version"] == version + 1
    assert (await agent.post(f"{where}/draft/accept", json={"version": version})).status_code == 409
    sent = (await agent.post(f"{where}/draft/accept", json={"version": version + 1})).json()
    assert (sent["messages"][-1]["author"], sent["messages"][-1]["text"]) == ("person", "Dear customer")
    assert (await agent.get(f"{where}/draft")).status_code == 404


async def test_a_draft_is_thrown_away(talk: Talk, sign_in: SignIn) -> None:
    await talk.ask("I want to talk to a human about a lost parcel")
    where, agent = f"/api/inbox/conversations/{talk.id}", await sign_in(Role.AGENT)
    discarded = (await agent.post(f"{where}/draft/discard", json={"reason": "off topic"})).json()
    assert discarded["drafts"][0]["state"] == "discarded"


async def test_typing_is_shown_to_the_customer(talk: Talk, sign_in: SignIn) -> None:
    where, agent = await _waiting(talk), await sign_in(Role.AGENT)
    seen = (await talk.view())["last_event"]
    reading = asyncio.create_task(talk.events(1, after=seen))
    await asyncio.sleep(0.1)
    assert (await agent.post(f"{where}/typing")).status_code == 204
    [typing] = await reading
    assert (typing.name, typing.data) == ("agent.typing", {"name": "Agent"})


async def test_resolving_ends_it_for_both(talk: Talk, sign_in: SignIn) -> None:
    where, agent = await _waiting(talk), await sign_in(Role.AGENT)
    assert (await agent.post(f"{where}/resolve")).json()["status"] == "resolved"
    assert (await talk.view())["status"] == "resolved"
    assert (await agent.get("/api/inbox/counts")).json()["resolved"] == 1


async def test_an_empty_reply_is_refused(talk: Talk, sign_in: SignIn) -> None:
    where, agent = await _waiting(talk), await sign_in(Role.AGENT)
    assert (await agent.post(f"{where}/replies", json={"text": "  "})).status_code == 422
    assert (await agent.post(f"{where}/notes", json={"text": ""})).status_code == 422


async def test_the_summary_stands_above_a_conversation_that_was_handed_over(talk: Talk, sign_in: SignIn) -> None:
    agent = await sign_in(Role.AGENT)
    await _waiting(talk)
    summary = None
    for _ in range(100):
        summary = (await agent.get(f"/api/inbox/conversations/{talk.id}")).json()["summary"]
        if summary:
            break
        await asyncio.sleep(0.05)
    assert summary
    assert (summary["kind"], summary["behind"]) == ("extract", False)
    assert summary["text"].startswith("The customer asked: “")
    assert "summary" not in await talk.view()
