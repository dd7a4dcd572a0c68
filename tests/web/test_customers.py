"""A customer's conversation over HTTP."""

import asyncio

import httpx
import pytest

from app.wiring import Application
from tests.web.customer import ENDS, Talk, listen

QUESTION = "How do I track a parcel?"


async def test_a_conversation_begins_with_a_greeting_and_a_token(client: httpx.AsyncClient) -> None:
    talk = await Talk.open(client, locale="en-GB", page_url="https://shop.example/cart", customer={"name": "Ann"})
    assert "Parcel Post" in talk.begun["greeting"]
    assert "Track a parcel" in talk.begun["suggestions"]
    assert len(talk.token.split(".")[1]) >= 43
    view = await talk.view()
    assert (view["status"], view["owner"], view["locale"], view["messages"]) == ("open", "bot", "en-GB", [])


async def test_an_answer_streams_with_its_evidence(talk: Talk) -> None:
    events = await talk.ask(QUESTION)
    names = [event.name for event in events]
    assert names[:2] == ["message.created", "turn.started"]
    assert [name for name in names if name in ENDS] == ["answer.completed"]
    ids = [event.id or 0 for event in events]
    assert ids == list(range(1, len(ids) + 1))
    sentences = [event.data for event in events if event.name == "answer.sentence"]
    assert [one["index"] for one in sentences] == list(range(len(sentences)))
    assert "tracking" in sentences[0]["text"]
    citation = sentences[0]["citations"][0]
    where = f"/api/documents/{citation['document_id']}/versions/{citation['version']}"
    version = (await talk.client.get(where, headers=talk.headers)).json()
    assert version["text"][citation["start"] : citation["end"]] == citation["quote"]
    span = {"start": citation["start"], "end": citation["end"]}
    assert (await talk.client.get(where, headers=talk.headers, params=span)).json()["text"] == citation["quote"]


async def test_without_an_event_stream_the_ids_come_at_once(talk: Talk) -> None:
    response = await talk.post("messages", {"text": QUESTION})
    assert response.status_code == 202
    assert set(response.json()) == {"message_id", "turn_id"}


async def test_the_same_client_message_id_gives_the_same_turn_and_its_events_again(talk: Talk) -> None:
    first = await talk.ask(QUESTION, "c1")
    again = await talk.ask(QUESTION, "c1")
    assert again == first
    response = await talk.post("messages", {"text": QUESTION, "client_message_id": "c1"})
    assert (response.status_code, response.json()["turn_id"]) == (202, first[1].data["turn_id"])
    said = [message["text"] for message in (await talk.view())["messages"]]
    assert said.count(QUESTION) == 1
    other = await talk.post("messages", {"text": "Something else", "client_message_id": "c1"})
    assert other.status_code == 409


async def test_a_question_while_a_turn_runs_is_refused(talk: Talk, application: Application) -> None:
    await application.assistant.turns.begin(talk.id, "Still running?", None, application.assistant.worker_id)
    response = await talk.post("messages", {"text": QUESTION})
    assert (response.status_code, response.json()["title"]) == (409, "Conflict")
    stopped = await talk.post("stop")
    assert stopped.json()["turn_id"] is None
    assert (await talk.post("messages", {"text": QUESTION})).status_code == 202


async def test_events_replay_whole_and_after_any_of_them(talk: Talk) -> None:
    asked = await talk.ask(QUESTION)
    whole = await talk.events(len(asked))
    assert whole == asked
    cut = len(whole) // 2
    rest = len(whole) - cut
    assert await talk.events(rest, after=cut) == whole[cut:]
    assert await talk.events(rest, last=cut) == whole[cut:]


async def test_two_readers_hear_a_turn_live_without_gap_or_double(talk: Talk) -> None:
    readers = [asyncio.create_task(talk.events(4)) for _ in range(2)]
    await asyncio.sleep(0.1)
    asked = await talk.ask(QUESTION)
    assert [await reader for reader in readers] == [asked[:4], asked[:4]]


async def test_a_turn_goes_on_when_its_reader_goes_away(talk: Talk) -> None:
    body, accept = {"text": QUESTION}, {"Accept": "text/event-stream"}
    async with talk.client.stream(
        "POST", f"{talk.path}/messages", json=body, headers=talk.headers | accept
    ) as response:
        await anext(response.aiter_lines())
    for _ in range(100):
        if any(message["author"] == "bot" for message in (await talk.view())["messages"]):
            return
        await asyncio.sleep(0.05)
    pytest.fail("nobody answered")


async def test_asking_for_a_person_puts_the_conversation_into_the_queue(talk: Talk) -> None:
    view = (await talk.post("handoff", {"reason": "I want a human"})).json()
    assert (view["owner"], view["status"]) == ("queue", "queued")
    events = await talk.ask("Hello?")
    assert [event.name for event in events] == ["message.created"]


async def test_a_resolved_conversation_says_so(talk: Talk) -> None:
    assert (await talk.post("resolve")).json()["status"] == "resolved"


async def test_a_contact_address_is_kept(talk: Talk) -> None:
    assert (await talk.post("contact", {"email": "ann@example.com"})).status_code == 204
    assert (await talk.view())["contact_email"] == "ann@example.com"
    assert (await talk.post("contact", {"email": "nonsense"})).status_code == 422


async def test_an_answer_can_be_rated_and_a_question_cannot(talk: Talk) -> None:
    events = await talk.ask(QUESTION)
    answer, question = events[-1].data["message"]["id"], events[0].data["message"]["id"]
    where, vote = f"/api/messages/{answer}/rating", {"value": "up", "comment": "Good"}
    assert (await talk.client.put(where, json=vote, headers=talk.headers)).status_code == 204
    assert (await talk.view())["messages"][-1]["rating"] == "up"
    nothing = await talk.client.put(f"/api/messages/{question}/rating", json=vote, headers=talk.headers)
    assert nothing.status_code == 404


async def test_a_transcript_is_text_and_a_page_in_which_nothing_is_markup(talk: Talk) -> None:
    await talk.ask("How do I track <b>a parcel</b>?")
    text = await talk.client.get(f"{talk.path}/transcript", headers=talk.headers)
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "You:\nHow do I track <b>a parcel</b>?" in text.text
    page = await talk.client.get(f"{talk.path}/transcript?format=html", headers=talk.headers)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;b&gt;a parcel" in page.text
    assert "<b>" not in page.text


async def test_a_customer_never_reads_what_is_for_staff(talk: Talk, application: Application) -> None:
    rows = await application.library.listed(application.workspace_id)
    internal = next(row for row in rows if row["audience"] == "internal")
    where = f"/api/documents/{internal['id']}/versions/{internal['version']}"
    assert (await talk.client.get(where, headers=talk.headers)).status_code == 404


async def test_a_typing_person_is_shown_and_not_stored(talk: Talk, application: Application) -> None:
    reader = asyncio.create_task(listen(talk.client, f"{talk.path}/events", 1, talk.headers))
    await asyncio.sleep(0.1)
    await application.live.tell_typing(talk.id, "Maya")
    [typing] = await reader
    assert (typing.id, typing.name, typing.data) == (None, "agent.typing", {"name": "Maya"})
