"""What admins do with the knowledge base, and what the next answer makes of it."""

import asyncio
from typing import Any

import httpx
import pytest

from app.accounts.types import Role
from app.settings import LimitSettings, Settings
from app.wiring import Application
from tests.web.conftest import SignIn, settings_of
from tests.web.customer import Talk, listen

GUIDE = b"---\ntitle: Insure a parcel\n---\n\n# Insure a parcel\n\nInsurance costs two euros for each parcel.\n"


async def _uploaded(admin: httpx.AsyncClient, *files: tuple[str, bytes]) -> dict[str, Any]:
    parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
    response = await admin.post("/api/admin/uploads", files=parts, data={"source": "console"})
    assert response.status_code == 202, response.text
    return await ended(admin, response.json()["run_id"])


async def ended(admin: httpx.AsyncClient, run_id: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        async with admin.stream("GET", f"/api/admin/ingest-runs/{run_id}/events") as stream:
            assert [line async for line in stream.aiter_lines() if line == "event: run.changed"]
    run: dict[str, Any] = (await admin.get(f"/api/admin/ingest-runs/{run_id}")).json()
    return run


async def test_an_uploaded_document_answers_the_next_question_until_it_is_rolled_back(
    talk: Talk, sign_in: SignIn
) -> None:
    admin = await sign_in(Role.ADMIN)
    run = await _uploaded(admin, ("Insure a parcel.md", GUIDE))
    assert (run["state"], run["counts"]["added"], run["source"]) == ("done", 1, "console")
    events = await talk.ask("How many euros does the insurance cost for each parcel?")
    assert "two euros" in events[-1].data["message"]["text"]
    snapshots = (await admin.get("/api/admin/snapshots")).json()["data"]
    assert [one["state"] for one in snapshots] == ["published", "retired"]
    assert (await admin.post("/api/admin/snapshots/rollback")).json()["id"] == snapshots[1]["id"]
    other = await Talk.open(talk.client)
    assert "two euros" not in str(await other.ask("How many euros does the insurance cost for each parcel?"))
    again = await admin.post(f"/api/admin/snapshots/{snapshots[0]['id']}/publish")
    assert again.json()["state"] == "published"
    actions = [entry["action"] for entry in (await admin.get("/api/admin/audit")).json()["data"]]
    assert actions[:3] == ["snapshot.published", "snapshot.rolled_back", "run.started"]


async def test_the_same_file_again_is_unchanged_and_another_of_its_name_changes_it(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    await _uploaded(admin, ("guide.md", GUIDE))
    assert (await _uploaded(admin, ("guide.md", GUIDE)))["counts"]["unchanged"] == 1
    assert (await _uploaded(admin, ("guide.md", GUIDE + b"\nIt is optional.\n")))["counts"]["changed"] == 1


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x.md", "/etc/x.md", "C:\\x.md", "con.md", "x" * 300 + ".md", "\u202egpj.md", ".md.md"]
)
async def test_a_hostile_name_is_only_a_name(sign_in: SignIn, application: Application, name: str) -> None:
    admin = await sign_in(Role.ADMIN)
    run = await _uploaded(admin, (name, GUIDE))
    assert run["counts"]["added"] == 1
    root = application.settings.data_dir / "uploads"
    kept = [path.relative_to(root).parts for path in root.rglob("*") if path.is_file()]
    assert [len(parts) for parts in kept] == [2]
    assert kept[0][1].replace("-", "").replace(".", "").isalnum()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("virus.exe", b"MZ", "not of a kind that we can read"),
        ("guide.doc", b"\xd0\xcf\x11\xe0", "not of a kind that we can read"),
        ("empty.md", b"", "is empty"),
        ("noname", b"x", "not of a kind"),
    ],
)
async def test_what_cannot_be_read_is_refused_at_once(sign_in: SignIn, name: str, content: bytes, said: str) -> None:
    admin = await sign_in(Role.ADMIN)
    response = await admin.post("/api/admin/uploads", files=[("files", (name, content, "text/markdown"))])
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    assert said in response.json()["detail"]
    assert (await admin.get("/api/admin/ingest-runs")).json()["data"][1:] == []


async def test_a_mislabelled_file_is_a_line_of_the_run_and_hinders_no_other(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    run = await _uploaded(admin, ("picture.md", b"\x89PNG\r\n\x1a\n\x00\x00\x00"), ("guide.md", GUIDE))
    assert (run["state"], run["counts"]["added"], run["counts"]["failed"]) == ("done", 1, 1)
    failed = next(item for item in run["items"] if item["outcome"] == "failed")
    assert failed["detail"].endswith(".")


class TestSmallUploads:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings_of(settings.data_dir, LimitSettings(upload_megabytes=1))

    async def test_too_large_a_file_is_refused_with_the_limit_named(self, sign_in: SignIn) -> None:
        admin = await sign_in(Role.ADMIN)
        large = [("files", ("large.md", b"x" * (1024 * 1024 + 1), "text/markdown"))]
        response = await admin.post("/api/admin/uploads", files=large)
        assert (response.status_code, response.headers["content-type"]) == (413, "application/problem+json")
        assert response.json()["detail"] == "A request here may have at most 1 MB; yours has 1.01 MB."


async def test_a_search_finds_what_staff_may_read(sign_in: SignIn) -> None:
    agent = await sign_in(Role.AGENT)
    found = (await agent.get("/api/search", params={"q": "compensate a lost parcel", "k": 3})).json()
    best = found["data"][0]
    assert best["title"] == "Compensate a lost parcel"
    assert set(best) >= {"passage_id", "document_id", "version", "url", "heading", "start", "end", "text", "score"}
    assert found["snapshot_id"]
    assert (await agent.get("/api/search")).status_code == 422


async def test_documents_are_listed_page_by_page_with_their_versions(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    first = (await admin.get("/api/admin/documents", params={"limit": 2})).json()
    rest = (await admin.get("/api/admin/documents", params={"limit": 2, "after": first["next"]})).json()
    assert (len(first["data"]), len(rest["data"]), rest["next"]) == (2, 1, None)
    document = (await admin.get(f"/api/admin/documents/{first['data'][0]['id']}")).json()
    assert [version["number"] for version in document["versions"]] == [1]
    assert (await admin.get("/api/admin/documents/nothing")).status_code == 404


async def test_usage_counts_turns(talk: Talk, sign_in: SignIn) -> None:
    await talk.ask("How do I track a parcel?")
    admin = await sign_in(Role.ADMIN)
    usage = (await admin.get("/api/admin/usage")).json()
    assert (usage["turns"], sum(usage["decisions"].values())) == (1, 1)


async def test_a_run_that_does_not_exist_is_told_before_the_stream(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    assert (await admin.get("/api/admin/ingest-runs/nothing/events")).status_code == 404
    assert (await admin.post("/api/admin/ingest-runs/nothing/cancel")).status_code == 404


async def test_health_says_what_works(client: httpx.AsyncClient, talk: Talk) -> None:
    await talk.ask("How do I track a parcel?")
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["parts"]) == (200, {"database": "ok", "disk": "ok", "knowledge": "ok"})
    assert (await client.get("/version")).json()["name"] == "answerdesk"
    figures = (await client.get("/metrics")).text
    assert 'answerdesk_requests_total{method="POST",route="ask",status="200"} 1.0' in figures
    assert "answerdesk_turns_running 0.0" in figures


async def test_one_agent_reads_a_run_live(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    run_id = (await admin.get("/api/admin/ingest-runs")).json()["data"][0]["id"]
    [event] = await listen(admin, f"/api/admin/ingest-runs/{run_id}/events", 1)
    assert (event.name, event.data["run"]["state"]) == ("run.changed", "done")
