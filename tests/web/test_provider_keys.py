"""Provider keys over HTTP: set, followed, tested, removed, and found nowhere; with a provider that lets one key in."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.accounts.types import SYSTEM, Role, Scope
from app.main import create_app
from app.settings import ModelSettings, PriceSettings, RouteSettings, Settings
from app.wiring import Application
from tests.web.conftest import SignIn, serving

KEY = "sk-live-7f3e9b1c5d2a8046-wxyz"
NAME = "TEST_PROVIDER_KEY"
PATH = f"/api/admin/provider-keys/{NAME}"
SECRET = SecretStr("s" * 64)


@pytest.fixture
async def provider() -> AsyncIterator[str]:
    """Lets one key in, and repeats to all others what they sent."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        sent = request.headers.get("authorization", "")
        if sent != f"Bearer {KEY}":
            return JSONResponse({"error": {"message": f"Wrong: {sent}", "type": "invalid_request_error"}}, 401)
        choice = {"index": 0, "message": {"role": "assistant", "content": "Paris."}, "finish_reason": "stop"}
        return JSONResponse({"id": "c", "object": "chat.completion", "model": "m", "choices": [choice]})

    async with serving(app) as url:
        yield f"{url}/v1"


def keyed(settings: Settings, provider: str, **changes: Any) -> Settings:  # noqa: ANN401  # settings
    price = PriceSettings(input=1, output=10)
    model = ModelSettings(
        name="luna", dialect="openai-compatible", id="m", base_url=provider, price=price, stream=False, api_key_env=NAME
    )
    own = ModelSettings(name="own", dialect="openai-compatible", id="m", base_url=provider, price=price)
    route = {"answer": RouteSettings(cheap=("luna",))}
    return settings.model_copy(update={"model": (model, own), "route": route, "secret_key": SECRET, **changes})


@pytest.fixture(autouse=True)
def wrong_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an admin once put into the environment."""
    monkeypatch.setenv(NAME, "wrong-key-of-the-environment")


@pytest.fixture
def settings(settings: Settings, provider: str) -> Settings:
    return keyed(settings, provider)


@pytest.fixture
async def admin(sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in(Role.ADMIN)


@asynccontextmanager
async def another_process(settings: Settings, admin: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """The same admin at a second server over the same data."""
    async with (
        serving(create_app(settings)) as url,
        httpx.AsyncClient(base_url=url, cookies=admin.cookies, headers=admin.headers) as browser,
    ):
        yield browser


def kept(folder: Path) -> bytes:
    """All that lies in the data folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def said(browser: httpx.AsyncClient, model: str = "luna") -> str:
    return (await browser.post(f"/api/admin/models/{model}/test", json={})).text


async def row(browser: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in (await browser.get("/api/admin/provider-keys")).json()["data"] if one["name"] == NAME
    )
    return found


async def test_a_key_counts_at_once_and_is_told_by_its_end_alone(admin: httpx.AsyncClient) -> None:
    assert '"kind":"auth"' in (await said(admin)).replace(" ", "")
    assert (await row(admin))["from"] == "environment"
    put = await admin.put(PATH, json={"key": f" {KEY} "})
    assert put.status_code == 200
    told = put.json()
    assert (told["from"], told["stored"]["ending"], told["stored"]["readable"]) == ("console", "wxyz", True)
    assert (told["stored"]["set_by"], told["models"]) == ("Admin", ["luna"])
    assert "Paris" in await said(admin)
    models = {one["name"]: one for one in (await admin.get("/api/admin/models")).json()["data"]}
    assert (models["luna"]["state"], models["luna"]["key"]["from"]) == ("closed", "console")
    assert models["own"]["key"] is None
    gone = (await admin.delete(PATH)).json()
    assert (gone["from"], gone["stored"]) == ("environment", None)
    assert "event: model.failed" in await said(admin)
    assert (await admin.delete(PATH)).status_code == 404


async def test_another_process_follows_and_asks_with_the_new_key(
    admin: httpx.AsyncClient, application: Application, settings: Settings
) -> None:
    await admin.put(PATH, json={"key": "another-wrong-key-0000"})
    async with another_process(settings, admin) as there:
        assert "event: model.failed" in await said(there)
        await admin.put(PATH, json={"key": KEY})
        assert "Paris" in await said(there)
    assert application.keyring[NAME] == KEY


async def test_a_key_is_found_nowhere(
    admin: httpx.AsyncClient, application: Application, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    written = io.StringIO()
    logging.getLogger().addHandler(handler := logging.StreamHandler(written))
    wrong = f"{KEY}-but-wrong"
    shown = [(await admin.put(PATH, json={"key": wrong}, headers={"Idempotency-Key": "once"})).text]
    shown.append(await said(admin))
    assert "[key]" in shown[-1]
    shown += [(await admin.put(PATH, json={"key": one})).text for one in (f"{KEY}\n\u0000", f"{KEY} {KEY}", [KEY])]
    shown.append((await admin.put(PATH, json={"key": KEY, "kei": KEY})).text)
    await admin.put(PATH, json={"key": KEY})
    for path in ("provider-keys", "models", "audit", "routes", "usage", "keys"):
        shown.append((await admin.get(f"/api/admin/{path}")).text)
    await application.speakers.books.ledger.close()
    logging.getLogger().removeHandler(handler)
    everything = "".join([*shown, written.getvalue(), *capfd.readouterr()]).encode() + kept(settings.data_dir)
    assert KEY.encode() not in everything
    actions = [one["action"] for one in (await admin.get("/api/admin/audit")).json()["data"]]
    assert actions.count("provider_key.set") == 2


async def test_who_may_not_may_not(
    sign_in: SignIn, client: httpx.AsyncClient, application: Application, admin: httpx.AsyncClient
) -> None:
    agent = await sign_in(Role.AGENT)
    for browser, refused in ((agent, 403), (client, 401)):
        assert (await browser.get("/api/admin/provider-keys")).status_code == refused
        assert (await browser.put(PATH, json={"key": KEY})).status_code == refused
        assert (await browser.delete(PATH)).status_code == refused
    _, narrow = await application.keys.add(
        application.workspace_id, "chat", SYSTEM, (Scope.CHAT, Scope.SEARCH, Scope.INBOX), None
    )
    bearing = {"Authorization": f"Bearer {narrow}"}
    assert (await client.put(PATH, json={"key": KEY}, headers=bearing)).status_code == 403
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert (await admin.put(PATH, json={"key": KEY}, headers=foreign)).status_code == 403
    assert (await row(admin))["stored"] is None


@pytest.mark.parametrize(
    ("name", "body", "status", "sentence"),
    [
        ("PATH", {"key": KEY}, 404, f"The names are: {NAME}."),
        ("ANSWERDESK_SECRET_KEY", {"key": KEY}, 404, "No model is asked with a key of this name"),
        (NAME, {"key": ""}, 422, "at least 1 character"),
        (NAME, {"key": "k" * 5000}, 422, "at most 4,000 characters"),
        (NAME, {"key": "two words"}, 422, "This is no key"),
        (NAME, {}, 422, "missing"),
        (NAME, {"key": KEY, "base_url": "https://evil.example"}, 422, "base_url"),
    ],
)
async def test_bad_input_is_told_with_its_mend(
    admin: httpx.AsyncClient, name: str, body: dict[str, Any], status: int, sentence: str
) -> None:
    refused = await admin.put(f"/api/admin/provider-keys/{name}", json=body)
    assert refused.status_code == status
    assert sentence in refused.text


class TestWithoutSecret:
    @pytest.fixture
    def settings(self, settings: Settings, provider: str) -> Settings:
        return keyed(settings, provider, secret_key=None)

    async def test_it_says_how_to_turn_it_on(self, admin: httpx.AsyncClient) -> None:
        told = (await admin.get("/api/admin/provider-keys")).json()
        assert "Set ANSWERDESK_SECRET_KEY" in told["trouble"]
        refused = await admin.put(PATH, json={"key": KEY})
        assert (refused.status_code, refused.json()["detail"]) == (409, told["trouble"])


async def test_under_another_secret_the_server_starts_and_says_how_to_mend_it(
    admin: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await admin.put(PATH, json={"key": KEY})
    monkeypatch.delenv(NAME)
    for changed in (SecretStr("t" * 64), None):
        async with another_process(settings.model_copy(update={"secret_key": changed}), admin) as there:
            told = await row(there)
            assert (told["from"], told["stored"]["readable"]) == (None, False)
            assert "ANSWERDESK_FORMER_SECRET_KEYS" in told["stored"]["trouble"]
            assert "There is no key for this model" in await said(there)
    both = settings.model_copy(update={"secret_key": SecretStr("t" * 64), "former_secret_keys": (SECRET,)})
    async with another_process(both, admin) as there:
        assert "Paris" in await said(there)


class TestWithoutModels:
    @pytest.fixture
    def settings(self, settings: Settings, provider: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
        for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY"):
            monkeypatch.delenv(name, raising=False)
        return keyed(settings, provider, model=(), route={})

    async def test_a_key_brings_models_and_takes_them_away_without_a_restart(
        self, admin: httpx.AsyncClient, application: Application
    ) -> None:
        names = {one["name"] for one in (await admin.get("/api/admin/provider-keys")).json()["data"]}
        assert names == {"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY"}
        assert (await admin.get("/api/admin/routes")).json()["models"] == ["extractive"]
        told = (await admin.put("/api/admin/provider-keys/ANTHROPIC_API_KEY", json={"key": KEY})).json()
        assert len(told["models"]) == 2
        routes = (await admin.get("/api/admin/routes")).json()
        answer = next(one for one in routes["data"] if one["name"] == "answer")
        assert [*answer["cheap"], *answer["strong"]] == told["models"]
        assert [one.name for one in application.speakers.routes.cheap["answer"]] == answer["cheap"]
        assert len(application.speakers.keeper.watched) == 2
        await asyncio.gather(*(admin.get("/api/admin/models") for _ in range(5)))
        assert (await admin.delete("/api/admin/provider-keys/ANTHROPIC_API_KEY")).json()["models"] == []
        assert list(application.speakers.routes.cheap["answer"]) == []
        assert application.speakers.keeper.watched == []
        assert json.loads((await admin.get("/api/admin/models")).text)["data"][-1]["name"] == "extractive"
