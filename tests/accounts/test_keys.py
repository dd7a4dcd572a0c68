"""API keys, on both databases."""

from datetime import timedelta

import pytest

from app.accounts.keys import Keys
from app.accounts.types import SYSTEM, Scope
from app.database import Database, now
from app.errors import NotFound, Unauthorised


async def test_a_key_is_shown_once_and_known_by_its_text(database: Database, workspace: str) -> None:
    keys = Keys(database)
    key, text = await keys.add(workspace, "shop", SYSTEM)
    assert text.startswith(f"ak_live_{key.id}_")
    found = await keys.find(text)
    assert (found.id, sorted(found.scopes)) == (key.id, [Scope.CHAT, Scope.SEARCH])
    assert text.rsplit("_", 1)[1] not in str([one.json() for one in await keys.all(workspace)])


async def test_its_use_is_remembered(database: Database, workspace: str) -> None:
    keys = Keys(database)
    _, text = await keys.add(workspace, "shop", SYSTEM)
    await keys.find(text)
    [key] = await keys.all(workspace)
    assert key.used_at
    assert (await keys.find(text)).used_at == key.used_at


async def test_a_key_that_is_guessed_cut_or_empty_is_unknown(database: Database, workspace: str) -> None:
    keys = Keys(database)
    key, text = await keys.add(workspace, "shop", SYSTEM)
    for wrong in ("", "null", "ak_live_", f"ak_live_{key.id}", f"ak_live_{key.id}_", text[:-1], text + "x", "\ud800"):
        with pytest.raises(Unauthorised):
            await keys.find(wrong)


async def test_a_revoked_or_expired_key_is_unknown(database: Database, workspace: str) -> None:
    keys = Keys(database)
    key, text = await keys.add(workspace, "shop", SYSTEM)
    await keys.revoke(workspace, key.id, SYSTEM)
    _, old = await keys.add(workspace, "old", SYSTEM, expires_at=now() - timedelta(seconds=1))
    for dead in (text, old):
        with pytest.raises(Unauthorised):
            await keys.find(dead)


async def test_a_key_of_another_workspace_cannot_be_revoked(database: Database, workspace: str) -> None:
    keys = Keys(database)
    key, _ = await keys.add(workspace, "shop", SYSTEM)
    with pytest.raises(NotFound):
        await keys.revoke("elsewhere", key.id, SYSTEM)
