"""What admins do with sources: add, look, run, change, take away; and what each mistake is told."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from app.accounts.types import Role
from app.database import now
from app.knowledge.sourcing.store import SourceStore
from app.knowledge.tables import SourceRow
from app.settings import FetchSettings, Settings
from app.wiring import Application
from ingest.sources.calling import call
from tests.ingest.sources.site import Reply, Site, serving
from tests.web.conftest import SignIn


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as one:
        one.page("/docs/", "Insurance of parcels", "/docs/fees", "/docs/secret")
        one.page("/docs/fees", "Fees for parcels")
        one.page("/docs/secret", "Secrets")
        one.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /docs/secret\n", "text/plain")
        yield one


@pytest.fixture
def settings(settings: Settings, site: Site, tmp_path: Path) -> Settings:
    fetch = FetchSettings(allowed_hosts=(site.host,), delay_seconds=0, folders=(tmp_path / "shared",))
    return settings.model_copy(update={"fetch": fetch})


async def added(admin: httpx.AsyncClient, **body: Any) -> dict[str, Any]:  # noqa: ANN401  # any field of the body
    response = await admin.post("/api/admin/sources", json=body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def ended(admin: httpx.AsyncClient, run_id: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            run: dict[str, Any] = (await admin.get(f"/api/admin/ingest-runs/{run_id}")).json()
            if run["state"] in ("done", "failed", "cancelled"):
                return run
            await asyncio.sleep(0.2)


async def looked(admin: httpx.AsyncClient, source: dict[str, Any]) -> dict[str, Any]:
    assert (await admin.post(f"/api/admin/sources/{source['id']}/preview")).status_code == 202
    async with asyncio.timeout(60):
        while True:
            seen: dict[str, Any] = (await admin.get(f"/api/admin/sources/{source['id']}/preview")).json()
            if seen["state"] != "queued":
                return seen
            await asyncio.sleep(0.2)


async def test_a_site_is_looked_at_crawled_and_taken_away(sign_in: SignIn, site: Site) -> None:
    admin = await sign_in(Role.ADMIN)
    place = {"url": site.url("/docs/")}
    source = await added(admin, name="Docs", kind="crawl", settings=place, audience="internal", schedule="daily")
    assert (source["documents"], source["last_run"], source["next_run_at"] is not None) == (0, None, True)
    seen = await looked(admin, source)
    assert [(page["url"], page["state"]) for page in seen["pages"]] == [
        (site.url("/docs/"), "fetched"),
        (site.url("/docs/fees"), "fetched"),
        (site.url("/docs/secret"), "left"),
    ]
    assert "robots.txt" in seen["pages"][2]["reason"]
    run_id = (await admin.post(f"/api/admin/sources/{source['id']}/run")).json()["run_id"]
    run = await ended(admin, run_id)
    assert (run["state"], run["counts"]["added"]) == ("done", 2)
    documents = (await admin.get("/api/admin/documents")).json()["data"]
    assert {one["audience"] for one in documents if one["source"] == "Docs"} == {"internal"}
    shown = (await admin.get(f"/api/admin/sources/{source['id']}")).json()
    assert (shown["documents"], shown["last_run"]["state"]) == (2, "done")
    gone = (await admin.delete(f"/api/admin/sources/{source['id']}")).json()
    assert (gone["documents"], (await ended(admin, gone["run_id"]))["counts"]["removed"]) == (2, 2)
    assert (await admin.get(f"/api/admin/sources/{source['id']}")).status_code == 404
    assert "Docs" not in [one["name"] for one in (await admin.get("/api/admin/sources")).json()["data"]]
    again = await added(admin, name="Docs", kind="url", settings={"urls": [site.url("/docs/fees")]})
    assert again["audience"] == "public"
    actions = [entry["action"] for entry in (await admin.get("/api/admin/audit")).json()["data"]]
    assert actions[:5] == ["source.added", "source.deleted", "run.started", "source.previewed", "source.added"]


async def test_a_source_that_is_off_is_never_read(sign_in: SignIn, application: Application, site: Site) -> None:
    admin = await sign_in(Role.ADMIN)
    place = {"urls": [site.url("/docs/fees")]}
    source = await added(admin, name="Off", kind="url", settings=place, enabled=False, schedule="hourly")
    refused = await admin.post(f"/api/admin/sources/{source['id']}/run")
    assert refused.json()["detail"] == "The source “Off” is switched off. Switch it on first."
    store = SourceStore(application.database)
    assert await call(store, application.jobs) == []
    on = (await admin.patch(f"/api/admin/sources/{source['id']}", json={"enabled": True, "owner": None})).json()
    assert on["next_run_at"] is not None
    late = update(SourceRow).where(col(SourceRow.id) == source["id"]).values(next_run_at=now())
    await application.database.write(lambda session: session.execute(late) and None)  # type: ignore[truthy-bool]
    await call(store, application.jobs)
    await call(store, application.jobs)
    (run_id,) = await _runs(admin, "Off")
    assert (await ended(admin, run_id))["counts"]["added"] == 1


async def test_a_watched_folder_is_read_when_it_has_settled(
    sign_in: SignIn, application: Application, tmp_path: Path
) -> None:
    folder = tmp_path / "shared" / "handbook"
    folder.mkdir(parents=True)
    (folder / "one.md").write_text("# One\n\nThe first rule of the house.")
    admin = await sign_in(Role.ADMIN)
    await added(admin, name="Handbook", kind="folder", settings={"path": str(folder), "watch": True})
    store = SourceStore(application.database)
    os.utime(folder / "one.md")
    assert await call(store, application.jobs) == []
    long_ago = time.time() - 60
    os.utime(folder / "one.md", (long_ago, long_ago))
    await call(store, application.jobs)
    (run_id,) = await _runs(admin, "Handbook")
    assert (await ended(admin, run_id))["counts"]["added"] == 1
    assert await call(store, application.jobs) == []


async def _runs(admin: httpx.AsyncClient, source: str) -> list[str]:
    return [run["id"] for run in (await admin.get("/api/admin/ingest-runs")).json()["data"] if run["source"] == source]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"kind": "crawl"}, "“url” is missing: a source of the kind “crawl” needs it."),
        ({"kind": "crawl", "settings": {"url": "ftp://x.example/"}}, "Only addresses that begin with http:// or"),
        ({"kind": "crawl", "settings": {"url": "http://169.254.169.254/"}}, "169.254.169.254 is a private address"),
        ({"kind": "url", "settings": {"urls": ["https://a:b@x.example/"]}}, "holds a name or a password"),
        ({"kind": "url", "settings": {"urls": []}}, "needs at least 1 entr"),
        ({"kind": "crawl", "settings": {"url": "https://x.example/", "branch": "x"}}, "has no “branch”"),
        ({"kind": "crawl", "settings": {"url": "https://x.example/", "include": ["x"]}}, "must begin with / or *"),
        ({"kind": "git", "settings": {"repository": "ssh://x.example/a"}}, "named by an https:// address or by a path"),
        ({"kind": "git", "settings": {"repository": "/etc"}}, "Add it to ANSWERDESK_FETCH__FOLDERS first."),
        ({"kind": "folder", "settings": {"path": "/etc"}}, "Add it to ANSWERDESK_FETCH__FOLDERS first."),
        ({"schedule": "sometimes"}, "“schedule” must be one of manual, hourly, daily, weekly, or a number"),
        ({"schedule": "daily"}, "Only a source that can be read again has a schedule"),
        ({"locale": "klingon!"}, "“locale” must be a language such as en"),
        ({"audience": "everyone"}, "must be one of"),
        ({"kind": "carrier pigeon"}, "must be one of"),
        ({"owner": "nobody"}, "There is no such person."),
        ({"name": "guide"}, "There is a source called “guide” already."),
    ],
)
async def test_each_mistake_has_its_sentence(sign_in: SignIn, body: dict[str, Any], sentence: str) -> None:
    admin = await sign_in(Role.ADMIN)
    refused = await admin.post("/api/admin/sources", json={"name": "New", **body})
    assert refused.status_code in (404, 409, 422)
    said = refused.json()
    assert sentence in said["detail"] + "".join(one["detail"] for one in said.get("errors", []))
