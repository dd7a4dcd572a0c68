"""Documents that other software pushes, and what the next answer makes of them."""

import asyncio
from typing import Any

import httpx
import pytest

from app.accounts.types import Role
from app.accounts.workspaces import Workspaces
from app.database import open_database
from app.knowledge.opened import RECHECK_SECONDS
from app.knowledge.pushing.store import PushedStore
from app.knowledge.pushing.types import Push
from app.knowledge.sourcing.store import SourceStore
from app.main import create_app
from app.settings import Settings
from app.wiring import Application
from ingest.jobs import registry
from tests.web.conftest import SignIn, serving
from tests.web.customer import Talk
from tests.web.test_bad_input import problem_of

PAGE = "/api/admin/documents/shop/terms%20of%20use.md"
TERMS = {"title": "Gift wrapping", "text": "# Gift wrapping\n\nGift wrapping costs three euros for each parcel.\n"}
QUESTION = "How much does gift wrapping cost?"


async def ended(admin: httpx.AsyncClient, run_id: str) -> dict[str, Any]:
    """The run when it is over, and when every search looks into the snapshot that it published."""
    async with asyncio.timeout(60):
        while True:
            run: dict[str, Any] = (await admin.get(f"/api/admin/ingest-runs/{run_id}")).json()
            if run["state"] in ("done", "failed", "cancelled"):
                await asyncio.sleep(RECHECK_SECONDS)
                return run
            await asyncio.sleep(0.1)


async def test_a_pushed_document_answers_until_it_is_deleted(talk: Talk, sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    made = await admin.put(PAGE, json=TERMS)
    assert (made.status_code, made.json()["outcome"]) == (201, "added"), made.text
    assert made.json()["external_id"] == "shop/terms of use.md"
    run = await ended(admin, made.json()["run_id"])
    assert (run["state"], run["source"], run["counts"]["added"]) == ("done", "push", 1)
    assert "three euros" in (await talk.ask(QUESTION))[-1].data["message"]["text"]
    deleted = await admin.delete(PAGE)
    assert (deleted.status_code, deleted.content) == (204, b"")
    run = await ended(admin, deleted.headers["location"].rpartition("/")[2])
    assert (run["state"], run["counts"]["removed"], run["held"]) == ("done", 1, [])
    assert "three euros" not in str(await (await Talk.open(talk.client)).ask(QUESTION))
    problem_of(await admin.delete(PAGE), 404)
    actions = [entry["action"] for entry in (await admin.get("/api/admin/audit")).json()["data"]]
    assert actions[:2] == ["document.deleted", "document.pushed"]


async def test_the_same_push_again_changes_nothing_and_another_one_needs_the_right_etag(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    first = await admin.put(PAGE, json=TERMS)
    again = await admin.put(PAGE, json=TERMS)
    assert (again.status_code, again.json()["outcome"], again.json()["run_id"]) == (
        200,
        "unchanged",
        first.json()["run_id"],
    )
    changed = TERMS | {"text": "Wrapping is free."}
    assert (
        "changed since" in problem_of(await admin.put(PAGE, json=changed, headers={"If-Match": '"old"'}), 412)["detail"]
    )
    problem_of(await admin.put(PAGE, json=changed, headers={"If-None-Match": "*"}), 412)
    replaced = await admin.put(PAGE, json=changed, headers={"If-Match": first.headers["etag"]})
    assert (replaced.status_code, replaced.json()["outcome"]) == (200, "changed")
    shown = await admin.get(PAGE)
    assert (shown.json()["text"], shown.headers["etag"]) == ("Wrapping is free.", replaced.headers["etag"])
    known = {"If-None-Match": shown.headers["etag"]}
    assert (await admin.get(PAGE, headers=known)).status_code == 304
    problem_of(await admin.delete(PAGE, headers={"If-Match": first.headers["etag"]}), 412)
    problem_of(await admin.put("/api/admin/documents/new", json=TERMS, headers={"If-Match": "*"}), 412)


async def test_a_burst_of_pushes_is_one_run_and_other_sources_leave_it_alone(
    sign_in: SignIn, application: Application
) -> None:
    admin = await sign_in(Role.ADMIN)
    pushes = [admin.put(f"/api/admin/documents/{n}", json={"text": f"# Number {n}\n\nIt is {n}."}) for n in range(20)]
    runs = {response.json()["run_id"] for response in await asyncio.gather(*pushes)}
    assert len(runs) == 1
    many = {"documents": [{"external_id": f"m{n}", "html": f"<h1>M{n}</h1><p>Many {n}.</p>"} for n in range(5)]}
    bulk = (await admin.post("/api/admin/documents", json=many)).json()
    assert [one["outcome"] for one in bulk["data"]] == ["added"] * 5
    assert (await ended(admin, bulk["run_id"]))["counts"]["documents"] == 28
    run_id = await application.library.start_run(
        application.workspace_id, "guide", [str(application.settings.data_dir)]
    )
    await ended(admin, run_id)
    listed = (await admin.get("/api/admin/documents", params={"limit": 200})).json()["data"]
    assert sum(one["source"] == "push" for one in listed) == 25


async def test_a_push_whose_server_died_before_its_run_is_taken_in_by_the_next_server(settings: Settings) -> None:
    database = open_database(settings.database)
    workspace_id = await Workspaces(database).ensure(settings.workspace_name)
    push = Push("left", "text/markdown", "# Left\n\nA word that was left behind.")
    _, queued = await PushedStore(database).put(workspace_id, "push", [push])
    await database.close()
    assert queued
    app = create_app(settings, registry(settings))
    async with serving(app), asyncio.timeout(60):
        library = app.state.application.library
        while True:
            if (await library.runs.view(workspace_id, queued.run_id))["state"] == "done":
                break
            await asyncio.sleep(0.1)
        assert "left" in [row["external_id"] for row in await library.listed(workspace_id)]


async def test_what_the_sender_says_wins_over_the_text(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    text = "---\ntitle: Old\naudience: internal\ncategory: Money\n---\n\nGift cards never expire."
    told = {"title": "Gift cards", "audience": "public", "url": "https://shop.example/cards", "locale": "de"}
    body = {"text": text, **told, "front_matter": {"slug": "cards"}}
    made = await admin.put("/api/admin/documents/cards", json=body)
    await ended(admin, made.json()["run_id"])
    listed = (await admin.get("/api/admin/documents", params={"limit": 200})).json()["data"]
    (card,) = [one for one in listed if one["source"] == "push"]
    assert {name: card[name] for name in told} == told
    article = await admin.get("/help/cards.md")
    assert "Gift cards never expire." in article.text


async def test_a_source_that_was_deleted_comes_back_empty_with_the_next_push(
    sign_in: SignIn, application: Application
) -> None:
    admin = await sign_in(Role.ADMIN)
    await ended(admin, (await admin.put("/api/admin/documents/old", json={"text": "Old."})).json()["run_id"])
    sources, workspace_id = SourceStore(application.database), application.workspace_id
    own = await sources.find(workspace_id, "push")
    assert own
    queued = await sources.remove(workspace_id, own.id)
    await ended(admin, await application.library.carry_out(queued))
    made = await admin.put("/api/admin/documents/new", json={"text": "New."})
    run = await ended(admin, made.json()["run_id"])
    assert (run["state"], run["counts"]["added"]) == ("done", 1)
    listed = (await admin.get("/api/admin/documents", params={"limit": 200})).json()["data"]
    assert [one["external_id"] for one in listed if one["source"] == "push"] == ["new"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "a", "html": "b"},
        {"text": "  \n"},
        {"text": "a", "url": "javascript:alert(1)"},
        {"text": "a", "audience": "everybody"},
        {"text": "a", "front_matter": {"x": "y" * 20_000}},
        {"text": "a", "front_matter": {"x": "\x00"}},
        {"text": "a\x00"},
        {"text": "x" * 1_000_001},
        {"text": "a", "content_type": "application/pdf"},
    ],
)
async def test_a_push_that_is_not_right_is_refused_and_nothing_is_kept(sign_in: SignIn, body: dict[str, Any]) -> None:
    admin = await sign_in(Role.ADMIN)
    problem_of(await admin.put("/api/admin/documents/bad", json=body), 422)
    assert (await admin.get("/api/admin/documents/bad")).status_code == 404


async def test_a_push_that_cannot_be_read_is_a_line_of_its_run_and_hinders_no_other(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    bad = (await admin.put("/api/admin/documents/bad", json={"text": "---\n- not\n- names\n---\n\nText."})).json()
    good = (await admin.put("/api/admin/documents/good", json={"text": "Good."})).json()
    assert bad["run_id"] == good["run_id"]
    run = await ended(admin, bad["run_id"])
    assert (run["state"], run["counts"]["added"], run["counts"]["failed"]) == ("done", 1, 1)
    assert run["items"][0]["detail"] == "The front matter is not a list of names and values."


async def test_a_source_that_is_filled_in_another_way_takes_no_pushes(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    refused = await admin.put("/api/admin/documents/x", json={"text": "A.", "source": "guide"})
    assert problem_of(refused, 409)["detail"] == "The source “guide” is filled in another way. Choose another name."
