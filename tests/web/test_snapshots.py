"""What an admin sees of a snapshot before it is published."""

import asyncio
from typing import Any

import httpx

from app.accounts.types import Role
from tests.web.conftest import SignIn
from tests.web.customer import Talk, listen
from tests.web.test_knowledge import ended

GUIDE = "---\ntitle: Insure a parcel\n---\n\n# Insure a parcel\n\nInsurance costs {price} euros for each parcel.\n"


async def uploaded(admin: httpx.AsyncClient, price: str, *, publish: bool) -> str:
    """A guide with this price, ingested; the snapshot's id."""
    files = [("files", ("insure.md", GUIDE.format(price=price).encode(), "text/markdown"))]
    form = {"source": "console", "publish": str(publish).lower()}
    started = await admin.post("/api/admin/uploads", files=files, data=form)
    run = await ended(admin, started.json()["run_id"])
    assert run["state"] == "done", run
    return str(run["snapshot_id"])


async def got(admin: httpx.AsyncClient, path: str, **query: str | int) -> dict[str, Any]:
    """What an address of the console's API says."""
    response = await admin.get(f"/api/admin{path}", params=query)
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


async def test_a_candidate_is_compared_with_what_answers(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    published = await uploaded(admin, "two", publish=True)
    candidate = await uploaded(admin, "three", publish=False)
    told = await got(admin, f"/snapshots/{candidate}/diff")
    assert (told["against"], told["documents"]) == (published, {"changed": 1, "added": 0, "removed": 0})
    assert {"source": "console", "before": 1, "after": 1, "added": 0, "changed": 1, "removed": 0} in told["sources"]
    [document] = told["data"]
    assert (document["title"], document["before"], document["after"]) == ("Insure a parcel", 1, 2)
    beside = await got(admin, f"/snapshots/{candidate}/diff/{document['id']}")
    [row] = [one for one in beside["data"] if one["kind"] == "changed"]
    assert [one["text"] for one in row["before"] if one["kind"] == "removed"] == ["two"]
    assert [one["text"] for one in row["after"] if one["kind"] == "added"] == ["three"]
    assert (await got(admin, f"/snapshots/{candidate}"))["state"] == "ready"
    reverse = await got(admin, f"/snapshots/{published}/diff", against=candidate, change="changed", words="INSURE")
    assert [one["before"] for one in reverse["data"]] == [2]


async def test_a_correction_reaches_whoever_looks_at_the_inbox_when_it_is_drafted(sign_in: SignIn, talk: Talk) -> None:
    admin = await sign_in(Role.ADMIN)
    await uploaded(admin, "two", publish=True)
    answer = (await talk.ask("What does insurance for a parcel cost?"))[-1].data
    assert [one["quote"] for one in answer["citations"]] == ["Insurance costs two euros for each parcel."]
    path = f"/api/inbox/conversations/{talk.id}"
    after = (await admin.get(path)).json()["last_event"]
    async with asyncio.timeout(30), asyncio.TaskGroup() as both:
        drafted = both.create_task(listen(admin, f"{path}/events", 1, query={"after": after}))
        told = both.create_task(listen(admin, "/api/inbox/events", 1))
        await uploaded(admin, "three", publish=True)
    [event] = drafted.result()
    assert (event.name, event.data["draft"]["reason"]) == ("draft.updated", "an answer needs correcting")
    assert told.result()[0].data == {"conversation_id": talk.id}


async def test_pages_of_a_comparison_go_on_where_they_ended(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    first = await got(admin, "/snapshots")
    path = f"/snapshots/{first['data'][0]['id']}/diff"
    page = await got(admin, path, change="added", limit=1)
    rest = await got(admin, path, change="added", after=page["next"])
    assert len(page["data"]) == 1
    assert "documents" not in rest
    assert page["documents"]["added"] == 1 + len(rest["data"])
    assert (await admin.get(f"/api/admin{path}", params={"change": "other"})).status_code == 422
    assert (await admin.get(f"/api/admin{path}", params={"against": "unknown"})).status_code == 404


async def test_a_snapshot_that_fails_a_probe_waits_and_may_be_published_anyway(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    await uploaded(admin, "two", publish=True)
    asked = {"question": "How much does insurance for a parcel cost?", "expects": "url", "value": "https://example.com"}
    probe = (await admin.post("/api/admin/probes", json=asked)).json()
    candidate = await uploaded(admin, "three", publish=True)
    assert (await got(admin, f"/snapshots/{candidate}"))["state"] == "waiting"
    review = (await got(admin, f"/snapshots/{candidate}/review"))["review"]
    assert [one["passed"] for one in review["probes"]] == [False]
    refused = await admin.post(f"/api/admin/snapshots/{candidate}/publish")
    assert (refused.status_code, asked["question"] in refused.json()["detail"]) == (409, True)
    published = await admin.post(f"/api/admin/snapshots/{candidate}/publish", json={"anyway": True})
    assert published.json()["state"] == "published"
    [entry] = (await got(admin, "/audit", action="snapshot.published"))["data"]
    assert asked["question"] in entry["after"]["overridden"][0]
    changed = await admin.put(f"/api/admin/probes/{probe['id']}", json=asked | {"expects": "no_answer", "value": ""})
    assert changed.json()["expects"] == "no_answer"
    assert (await admin.post("/api/admin/probes", json=asked | {"value": " "})).status_code == 422
    assert (await admin.delete(f"/api/admin/probes/{probe['id']}")).status_code == 204
    assert (await got(admin, "/probes"))["data"] == []
    actions = [one["action"] for one in (await got(admin, "/audit", action="probe"))["data"]]
    assert actions == ["probe.removed", "probe.changed", "probe.added"]


async def test_a_source_is_told_when_its_runs_may_publish(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    await uploaded(admin, "two", publish=True)
    [source] = [one for one in (await got(admin, "/publish-rules"))["data"] if one["source"] == "console"]
    assert (source["publish"], source["vanished"]) == ("checks", 0.2)
    path = f"/api/admin/sources/{source['id']}/publish-rule"
    assert (await admin.put(path, json={"publish": "never"})).status_code == 200
    assert (await admin.put(path, json={"publish": "soon"})).status_code == 422
    assert (await admin.put("/api/admin/sources/unknown/publish-rule", json={})).status_code == 404
    held = await uploaded(admin, "three", publish=True)
    assert (await got(admin, f"/snapshots/{held}"))["state"] == "waiting"
    assert (await admin.post(f"/api/admin/snapshots/{held}/publish")).status_code == 200


async def test_what_was_told_is_corrected_after_the_next_publication(talk: Talk, sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    await answering(admin, await uploaded(admin, "two", publish=True))
    assert "two euros" in str(await talk.ask("What does insurance for a parcel cost?"))
    await uploaded(admin, "three", publish=True)
    found = await eventually(admin, "/corrections")
    assert "three euros" in found["spans"][0]["now_quote"]
    assert found["draft"]["state"] == "ready"
    again = await admin.post(f"/api/admin/corrections/{found['id']}/draft")
    assert (again.status_code, "Another draft" in again.json()["detail"]) == (409, True)
    assert (await admin.post(f"/api/admin/corrections/{found['id']}/dismiss")).status_code == 204
    told = await got(admin, "/corrections", state="dismissed", words="insurance")
    assert ([one["id"] for one in told["data"]], told["counts"]["dismissed"]) == ([found["id"]], 1)


async def answering(admin: httpx.AsyncClient, snapshot_id: str) -> None:
    """Wait until searches see this snapshot; the one before answers while it is opened."""
    for _ in range(200):
        found = await admin.get("/api/search", params={"q": "insurance"})
        if found.json()["snapshot_id"] == snapshot_id:
            return
        await asyncio.sleep(0.3)
    raise AssertionError(f"{snapshot_id} does not answer")


async def eventually(admin: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """The first row of a list that a job is about to fill."""
    for _ in range(200):
        if rows := (await got(admin, path))["data"]:
            first: dict[str, Any] = rows[0]
            return first
        await asyncio.sleep(0.3)
    raise AssertionError(f"{path} stays empty")
