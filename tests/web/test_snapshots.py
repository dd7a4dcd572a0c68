"""What an admin sees of a snapshot before it is published."""

from typing import Any

import httpx

from app.accounts.types import Role
from tests.web.conftest import SignIn
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
