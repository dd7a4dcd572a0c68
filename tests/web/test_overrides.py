"""Passages under an admin's hands, over HTTP."""

from typing import Any

import httpx
import pytest

from app.accounts.types import Role
from tests.web.conftest import SignIn
from tests.web.customer import Talk
from tests.web.test_bad_input import problem_of
from tests.web.test_pushed import ended

WISH = {"questions": ["Is there a fine?"], "keywords": ["Strafe"]}


async def first_passage(admin: httpx.AsyncClient, title: str) -> dict[str, Any]:
    """Where the first passage of this document stands, as the console sends it."""
    listed = (await admin.get("/api/admin/documents", params={"limit": 200})).json()["data"]
    document = next(one for one in listed if one["title"] == title)
    shown = (await admin.get("/api/admin/passages", params={"document_id": document["id"]})).json()
    passage = shown["passages"][0]
    place = {name: passage[name] for name in ("heading", "start", "end")}
    return {"document_id": document["id"], "version": shown["version"]} | place


async def test_a_passage_is_enriched_changed_and_let_be_again(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    place = await first_passage(admin, "Return a parcel")
    made = await admin.post("/api/admin/overrides", json=place | WISH)
    assert made.status_code == 201, made.text
    await ended(admin, made.json()["run_id"])
    found = (await admin.get("/api/search", params={"q": "Strafe"})).json()["data"][0]
    assert (found["title"], found["start"], "Strafe" in found["added"]) == ("Return a parcel", place["start"], True)
    problem_of(await admin.post("/api/admin/overrides", json=place | WISH), 409)
    address = f"/api/admin/overrides/{made.json()['id']}"
    changed = await admin.put(address, json={"disabled": True}, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["disabled"]) == (200, True)
    problem_of(await admin.put(address, json=WISH, headers={"If-Match": made.headers["etag"]}), 412)
    await ended(admin, changed.json()["run_id"])
    (override,) = (await admin.get("/api/admin/overrides", params={"state": "applied"})).json()["data"]
    assert (override["disabled"], override["changed_by"]) == (True, "Admin")
    dropped = await admin.delete(address)
    assert dropped.status_code == 204
    await ended(admin, dropped.headers["location"].rpartition("/")[2])
    assert (await first_passage(admin, "Return a parcel"))["start"] == place["start"]
    actions = [entry["action"] for entry in (await admin.get("/api/admin/audit")).json()["data"]]
    assert actions[:3] == ["override.dropped", "override.changed", "override.created"]


async def test_an_edited_passage_is_what_the_bot_cites_and_the_help_centre_shows(talk: Talk, sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    place = await first_passage(admin, "Return a parcel")
    made = await admin.post("/api/admin/overrides", json=place | {"text": "A returned parcel costs eleven euros."})
    await ended(admin, made.json()["run_id"])
    events = await talk.ask("How much does a returned parcel cost?")
    answer = next(event.data for event in events if event.name == "answer.completed")
    cited = answer["citations"][0]
    assert "eleven euros" in answer["message"]["text"]
    text = (await admin.get(f"/api/documents/{cited['document_id']}/versions/{cited['version']}")).json()["text"]
    assert text[cited["start"] : cited["end"]] == cited["quote"]
    assert "eleven euros" in (await talk.client.get("/help/return-a-parcel")).text


async def test_a_pinned_passage_is_the_first_answer_to_its_questions_alone(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    place = await first_passage(admin, "Return a parcel")
    question = "Where does my parcel travel?"
    before = (await admin.get("/api/search", params={"q": question})).json()["data"]
    assert before[0]["title"] != "Return a parcel"
    made = await admin.post("/api/admin/overrides", json=place | {"pins": [question]})
    await ended(admin, made.json()["run_id"])
    after = (await admin.get("/api/search", params={"q": "where does my parcel travel"})).json()["data"]
    assert (after[0]["title"], after[0]["pins"]) == ("Return a parcel", [question])
    assert after[0]["score"] >= after[1]["score"]
    other = (await admin.get("/api/search", params={"q": "How do I track a parcel?"})).json()["data"]
    assert other[0]["title"] != "Return a parcel"


async def test_a_source_is_cut_in_its_own_way(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    place = await first_passage(admin, "Return a parcel")
    document = (await admin.get("/api/admin/passages", params={"document_id": place["document_id"]})).json()
    address = f"/api/admin/sources/{document['source_id']}/cutting"
    changed = await admin.put(address, json={"tokens": 32})
    assert (changed.status_code, changed.json()["cutting"]["tokens"]) == (202, 32)
    run = await ended(admin, changed.json()["run_id"])
    assert run["counts"]["passages"] > run["counts"]["documents"]
    problem_of(await admin.put(address, json={"tokens": 5}), 422)
    problem_of(await admin.put("/api/admin/sources/none/cutting", json={}), 404)
    for wrong in ({"tokens": 31}, {"tokens": 5000}, {"overlap": 257}, {"overlap": -1}, {"tokens": 64, "overlap": 64}):
        problem_of(await admin.put(address, json=wrong), 422)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"text": "  "}, 422),
        ({"start": 0, "end": 0}, 422),
        ({"version": 9}, 404),
        ({"document_id": "x"}, 404),
        ({"questions": [""]}, 422),
        ({"keywords": ["x"] * 51}, 422),
    ],
)
async def test_a_wish_that_is_not_right_is_refused(sign_in: SignIn, changes: dict[str, Any], status: int) -> None:
    admin = await sign_in(Role.ADMIN)
    place = await first_passage(admin, "Return a parcel")
    problem_of(await admin.post("/api/admin/overrides", json=place | WISH | changes), status)
    assert (await admin.get("/api/admin/overrides")).json()["data"] == []
