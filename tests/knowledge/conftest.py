"""A published knowledge base on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.database import Database
from app.knowledge.library import Library
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
