"""Tasks over HTTP: found after a publish, given to somebody, closed with a reason, and all of it written down."""

import asyncio
from typing import Any

import httpx
import pytest

from app.accounts.types import Role
from tests.web.conftest import SignIn

ARTICLES = {
    "delays.md": b"# Delays\n\nDelayed parcels from abroad are refunded within 5 days.\n",
    "claims.md": b"# Claims\n\nDelayed parcels from abroad are refunded within 9 days.\n",
}


async def published_with_a_contradiction(admin: httpx.AsyncClient) -> dict[str, Any]:
    """The task that its scan finds."""
    files = [("files", (name, content, "text/markdown")) for name, content in ARTICLES.items()]
    (await admin.post("/api/admin/uploads", files=files, data={"source": "console"})).raise_for_status()
    async with asyncio.timeout(60):
        while True:
            found = (await admin.get("/api/admin/tasks?kind=contradiction")).json()["data"]
            if found:
                task: dict[str, Any] = found[0]
                return task
            await asyncio.sleep(0.1)


async def test_a_publish_is_scanned_and_its_task_goes_from_hand_to_hand(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    task = await published_with_a_contradiction(admin)
    me = (await admin.get("/api/session")).json()["id"]
    address = f"/api/admin/tasks/{task['id']}"
    assert (await admin.post(f"{address}/assign", json={"owner_id": me})).json()["owner_id"] == me
    assert [one["id"] for one in (await admin.get(f"/api/admin/tasks?owner={me}")).json()["data"]] == [task["id"]]
    dismissed = (await admin.post(f"{address}/dismiss", json={"reason": "Both hold."})).json()
    assert (dismissed["state"], dismissed["reason"]) == ("dismissed", "Both hold.")
    assert (await admin.post(f"{address}/done")).status_code == 409
    assert (await admin.post(f"{address}/reopen")).json()["state"] == "open"
    assert (await admin.post(f"{address}/done")).json()["state"] == "done"
    assert (await admin.get("/api/admin/tasks")).json()["counts"]["done"]["contradiction"] == 1
    actions = [entry["action"] for entry in (await admin.get("/api/admin/audit?action=task")).json()["data"]]
    assert actions == ["task.done", "task.reopened", "task.dismissed", "task.assigned"]


async def test_a_scan_can_be_wanted_and_followed(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    started = await admin.post("/api/admin/hygiene-scans", json={})
    assert started.status_code == 202
    address = f"/api/admin/hygiene-scans/{started.json()['scan_id']}"
    async with asyncio.timeout(60):
        while True:
            if (await admin.get(address)).json()["state"] == "done":
                break
            await asyncio.sleep(0.1)
    assert (await admin.get("/api/admin/hygiene-scans")).json()["data"][0]["counts"]["documents"] > 0
    assert (await admin.get("/api/admin/most-cited")).json()["data"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("assign", {"owner_id": "nobody-we-know"}, 404),
        ("assign", {"owner_id": 5}, 422),
        ("dismiss", {"reason": ""}, 422),
        ("dismiss", {"reason": "x" * 501}, 422),
        ("dismiss", {}, 422),
        ("done", None, 404),
        ("reopen", None, 404),
    ],
)
async def test_what_makes_no_sense_is_refused_in_one_sentence(
    sign_in: SignIn, path: str, body: dict[str, Any] | None, status: int
) -> None:
    admin = await sign_in(Role.ADMIN)
    response = await admin.post(f"/api/admin/tasks/00000000-0000-7000-8000-000000000000/{path}", json=body)
    assert response.status_code == status
    assert response.json()["detail"]


@pytest.mark.parametrize("query", ["kind=nonsense", "state=lost", "limit=0", "colour=red"])
async def test_a_filter_that_makes_no_sense_is_refused(sign_in: SignIn, query: str) -> None:
    admin = await sign_in(Role.ADMIN)
    assert (await admin.get(f"/api/admin/tasks?{query}")).status_code == 422
