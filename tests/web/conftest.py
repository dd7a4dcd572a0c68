"""The real front door on a real port, over a small knowledge base, with the doubles that settings choose."""

import asyncio
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from app.accounts.types import SYSTEM, Role
from app.conversations.bus import open_bus
from app.main import create_app
from app.settings import EmbedSettings, LimitSettings, ModelSettings, Settings
from app.wiring import Application
from ingest.jobs import registry
from ingest.orders import Order
from ingest.workshop import workshop
from tests.web.customer import Talk

PASSWORD = "correct horse battery"
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Whose certificates count: without it each client reads those of all authorities, though none is met here."""
DOCUMENTS = Path(__file__).parent / "documents"
SignIn = Callable[..., Awaitable[httpx.AsyncClient]]


def settings_of(data_dir: Path, limits: LimitSettings | None = None) -> Settings:
    """A fresh clone's settings without a model hub: hashed words instead of an embedding model."""
    return Settings(
        data_dir=data_dir,
        embed=EmbedSettings(backend="hash"),
        model=(ModelSettings(name="plain", dialect="extractive"),),
        workspace_name="Parcel Post",
        limits=limits or LimitSettings(conversations_per_minute=10_000, questions_per_minute=10_000),
    )


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the documents in it, copied by each test."""
    data_dir = tmp_path_factory.mktemp("prepared")
    asyncio.run(_ingest(settings_of(data_dir)))
    return data_dir


async def _ingest(settings: Settings) -> None:
    async with workshop(settings) as (ingestion, workspace_id):
        await ingestion.ingest(Order(workspace_id, "guide", [str(DOCUMENTS)]))


@pytest.fixture
def settings(prepared: Path, tmp_path: Path) -> Settings:
    """The settings of this test's own copy."""
    shutil.copytree(prepared, tmp_path / "data")
    return settings_of(tmp_path / "data")


@pytest.fixture
async def web(settings: Settings) -> AsyncIterator[FastAPI]:
    """The application, open."""
    bus = open_bus(None)
    app = create_app(settings, registry(settings, bus), bus)
    async with serving(app):
        yield app


@pytest.fixture
def application(web: FastAPI) -> Application:
    """What stands behind the front door."""
    opened: Application = web.state.application
    return opened


@pytest.fixture
async def client(web: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has nothing to show."""
    async with httpx.AsyncClient(base_url=web.state.url, timeout=20, verify=NOBODY) as opened:
        yield opened


@pytest.fixture
async def talk(client: httpx.AsyncClient) -> Talk:
    """A customer's new conversation."""
    return await Talk.open(client)


@pytest.fixture
async def sign_in(web: FastAPI, application: Application) -> AsyncIterator[SignIn]:
    """Makes a person of a role and gives their browser. To hash a password takes long: most need none."""
    browsers: list[httpx.AsyncClient] = []

    async def come_in(role: Role, password: str | None = None) -> httpx.AsyncClient:
        email = f"{role}-{len(browsers)}@example.com"
        person = await application.people.add(application.workspace_id, email, role.title(), role, SYSTEM, password)
        headers = {"Sec-Fetch-Site": "same-origin"}
        browser = httpx.AsyncClient(base_url=web.state.url, timeout=20, headers=headers, verify=NOBODY)
        browsers.append(browser)
        browser.cookies.set("session", await application.sessions.begin(person), domain="127.0.0.1")
        return browser

    yield come_in
    for browser in browsers:
        await browser.aclose()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The application on a free port, in this event loop."""
    # asyncio sends small packets at once where the protocol is named, and 40 ms later where it is not.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        task = asyncio.create_task(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
            if task.done():
                await task
        app.state.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield app.state.url
        finally:
            server.should_exit = True
            await task
