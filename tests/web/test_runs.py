"""What admins do with ingest runs: filter their logs, stop them, let them go on, try again what failed."""

import json

import httpx
import pytest

from app.accounts.types import Role
from app.wiring import Application
from tests.web.conftest import SignIn

FILES = [
    ("files", ("guide.md", b"# Insure a parcel\n\nInsurance costs two euros.\n", "text/markdown")),
    ("files", ("=bad.md", b"\x89PNG\r\n\x1a\n\x00\x00\x00", "text/markdown")),
]


async def _uploaded(admin: httpx.AsyncClient) -> str:
    response = await admin.post("/api/admin/uploads", files=FILES, data={"source": "console"})
    run_id = str(response.json()["run_id"])
    await _ended(admin, run_id)
    return run_id


async def _ended(admin: httpx.AsyncClient, run_id: str) -> None:
    async with admin.stream("GET", f"/api/admin/ingest-runs/{run_id}/events") as response:
        assert [line async for line in response.aiter_lines()]


async def test_the_log_is_filtered_listed_and_downloaded(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    place = f"/api/admin/ingest-runs/{await _uploaded(admin)}"
    first = (await admin.get(f"{place}/items", params={"limit": 1})).json()
    rest = (await admin.get(f"{place}/items", params={"after": first["next"]})).json()
    assert [one["outcome"] for one in (*first["data"], *rest["data"])] == ["failed", "added"]
    failed = (await admin.get(f"{place}/items", params={"outcome": "failed", "name": "BAD"})).json()["data"]
    assert [one["name"] for one in failed] == ["bad.md"]
    assert failed[0]["remedy"].startswith("Mend this document")
    sheet = await admin.get(f"{place}/log", params={"outcome": "failed"})
    assert sheet.headers["content-disposition"].endswith('.csv"')
    assert sheet.text.splitlines()[0] == "\ufeffname,outcome,detail,remedy,flags"
    assert sheet.text.splitlines()[1].startswith("bad.md,failed,")
    rows = (await admin.get(f"{place}/log", params={"format": "jsonl"})).text.splitlines()
    assert [json.loads(row)["outcome"] for row in rows] == ["failed", "added"]
    assert (await admin.get(f"{place}/items", params={"outcome": "odd"})).status_code == 422
    assert (await admin.get(f"{place}/items", params={"after": "odd"})).status_code == 422


async def test_what_failed_is_tried_again_in_a_run_of_its_own(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    run_id = await _uploaded(admin)
    answer = await admin.post(f"/api/admin/ingest-runs/{run_id}/retry")
    assert (answer.status_code, answer.json()["run_id"] != run_id) == (202, True)
    fixture = (await admin.get("/api/admin/ingest-runs")).json()["data"][-1]
    refused = await admin.post(f"/api/admin/ingest-runs/{fixture['id']}/retry")
    assert (refused.status_code, "nothing that failed" in refused.json()["detail"]) == (409, True)
    started = (await admin.get("/api/admin/audit")).json()["data"][0]
    assert (started["action"], started["after"]) == ("run.started", {"retries": run_id})


async def test_a_run_is_paused_resumed_and_cancelled(sign_in: SignIn, application: Application) -> None:
    admin = await sign_in(Role.ADMIN)
    run_id = await application.library.runs.queue(application.workspace_id, "later", {"paths": ["/nowhere"]})
    place = f"/api/admin/ingest-runs/{run_id}"
    assert (await admin.post(f"{place}/pause")).json()["state"] == "paused"
    assert (await admin.post(f"{place}/resume")).json()["state"] in ("queued", "running", "failed")
    await _ended(admin, run_id)
    assert (await admin.post(f"{place}/cancel")).status_code == 409
    actions = [entry["action"] for entry in (await admin.get("/api/admin/audit")).json()["data"]]
    assert actions[:2] == ["run.resumed", "run.paused"]


async def test_runs_are_listed_page_by_page(sign_in: SignIn, application: Application) -> None:
    admin = await sign_in(Role.ADMIN)
    for number in range(3):
        await application.library.runs.queue(application.workspace_id, f"source {number}", {"paths": []})
    first = (await admin.get("/api/admin/ingest-runs", params={"limit": 2})).json()
    rest = (await admin.get("/api/admin/ingest-runs", params={"limit": 3, "after": first["next"]})).json()
    assert [run["source"] for run in first["data"]] == ["source 2", "source 1"]
    assert (rest["data"][0]["source"], rest["next"]) == ("source 0", None)


@pytest.mark.parametrize("verb", ["pause", "resume", "retry", "cancel"])
async def test_a_run_that_does_not_exist_is_not_found(sign_in: SignIn, verb: str) -> None:
    admin = await sign_in(Role.ADMIN)
    assert (await admin.post(f"/api/admin/ingest-runs/nothing/{verb}")).status_code == 404
    assert (await admin.get("/api/admin/ingest-runs/nothing/log")).status_code == 404
