"""A published knowledge base on both databases."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import stamina

from app.database import Database
from app.knowledge.library import Library
from tests.serving import free_port
from tests.shelving import ingestion, open_library, order, write

ARTICLES = {
    "refunds.md": "---\ncategory: Billing\nsummary: Money back.\n---\n# Refunds\n\nYou get a refund within 30 days.\n\n"
    "## How to ask\n\n1. Open the billing page.\n2. Choose *Refund*.\n",
    "password.md": "# Reset your password\n\nOpen Settings and choose Reset password. A link comes by mail.\n",
    "team.md": "---\naudience: internal\ntitle: Escalation list\n---\nCall Ada about refunds of partners.\n",
}


@pytest.fixture
async def library(database: Database, tmp_path: Path) -> AsyncIterator[Library]:
    """Nothing is published yet."""
    opened = open_library(database, tmp_path / "data")
    yield opened
    await opened.close()


@pytest.fixture
async def published(library: Library, tmp_path: Path) -> Library:
    """Three articles are published, one of them internal."""
    await ingestion(library).ingest(order(write(tmp_path / "kb", ARTICLES)))
    return library


@pytest.fixture(scope="module")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Chroma server from the wheel."""
    port = free_port()
    chroma = Path(sys.executable).with_name("chroma")
    words = (chroma, "run", "--path", tmp_path_factory.mktemp("chroma"), "--host", "127.0.0.1", "--port", str(port))
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for attempt in stamina.retry_context(on=httpx.HTTPError, attempts=None, timeout=30):
        with attempt:
            httpx.get(f"{url}/api/v2/heartbeat").raise_for_status()
    yield url
    server.terminate()
    server.wait()
