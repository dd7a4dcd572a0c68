from collections.abc import Mapping

import pytest
from sqlalchemy import text

from app.database import Database
from app.errors import Conflict, Invalid, NotFound
from app.llm.keyring.keyring import Keyring, open_keyring
from app.llm.keyring.sealing import Seals
from app.llm.keyring.store import KeyStore

OLD, NEW = "o" * 32, "n" * 32
KEY = "sk-4242424242424242-wxyz"
NAME = "OPENAI_API_KEY"


async def opened(
    database: Database, seals: Seals, environment: Mapping[str, str] | None = None, workspace_id: str = "w"
) -> Keyring:
    return await open_keyring(environment or {}, KeyStore(database, workspace_id), seals)


async def test_a_stored_key_wins_over_the_environment_until_it_is_removed(database: Database) -> None:
    keyring = await opened(database, Seals(NEW), {NAME: "from-outside", "OTHER": "stays"})
    assert (keyring[NAME], keyring.told(NAME)["from"]) == ("from-outside", "environment")
    await keyring.put(NAME, f" {KEY}\n", "Maya")
    assert await keyring.look() == {NAME}
    assert await keyring.look() == set()
    assert (keyring[NAME], keyring["OTHER"], dict(keyring)[NAME], len(keyring)) == (KEY, "stays", KEY, 2)
    told = keyring.told(NAME)
    assert (told["from"], told["stored"]["ending"], told["stored"]["set_by"]) == ("console", "wxyz", "Maya")
    await keyring.remove(NAME, "Maya")
    assert await keyring.look() == {NAME}
    assert (keyring[NAME], keyring.told(NAME)["stored"]) == ("from-outside", None)
    with pytest.raises(NotFound):
        await keyring.remove(NAME, "Maya")


async def test_another_process_follows(database: Database) -> None:
    here, there = await opened(database, Seals(NEW)), await opened(database, Seals(NEW))
    await here.put(NAME, KEY, "Maya")
    assert there.get(NAME) is None
    await there.look()
    assert there[NAME] == KEY


async def test_no_key_is_in_the_database_and_none_is_told(database: Database) -> None:
    keyring = await opened(database, Seals(NEW))
    await keyring.put(NAME, KEY, "Maya")
    await keyring.look()
    rows = await database.read(lambda session: session.execute(text("SELECT * FROM provider_key")).all())
    assert KEY not in str(rows) + repr(keyring) + str(keyring.told(NAME))


async def test_a_short_key_has_no_ending_to_tell(database: Database) -> None:
    keyring = await opened(database, Seals(NEW))
    await keyring.put(NAME, "hunter2hunter2", "Maya")
    await keyring.look()
    assert keyring.told(NAME)["stored"]["ending"] == ""


async def test_under_another_secret_the_environment_counts_and_the_page_is_told(database: Database) -> None:
    await (await opened(database, Seals(OLD))).put(NAME, KEY, "Maya")
    keyring = await opened(database, Seals(NEW), {NAME: "from-outside"})
    assert (keyring[NAME], keyring.unreadable) == ("from-outside", [NAME])
    told = keyring.told(NAME)
    assert (told["from"], told["stored"]["readable"]) == ("environment", False)
    assert "ANSWERDESK_FORMER_SECRET_KEYS" in told["stored"]["trouble"]


async def test_after_one_start_with_both_the_former_secret_can_go(database: Database) -> None:
    await (await opened(database, Seals(OLD))).put(NAME, KEY, "Maya")
    both = await opened(database, Seals(NEW, (OLD,)))
    assert both[NAME] == KEY
    assert (await opened(database, Seals(NEW)))[NAME] == KEY


async def test_a_row_that_was_moved_is_not_read(database: Database) -> None:
    await (await opened(database, Seals(NEW))).put(NAME, KEY, "Maya")
    moved = text("UPDATE provider_key SET name = 'OTHER_API_KEY', workspace_id = 'w'")
    await database.write(lambda session: session.execute(moved))
    assert (await opened(database, Seals(NEW))).get("OTHER_API_KEY") is None


async def test_workspaces_have_their_own(database: Database) -> None:
    await (await opened(database, Seals(NEW))).put(NAME, KEY, "Maya")
    assert (await opened(database, Seals(NEW), workspace_id="other")).get(NAME) is None


@pytest.mark.parametrize("odd", ["", "  ", "two words", "schlüssel", "sk-\x00"])
async def test_what_is_no_key_is_refused_without_repeating_it(database: Database, odd: str) -> None:
    keyring = await opened(database, Seals(NEW))
    with pytest.raises(Invalid) as refusal:
        await keyring.put(NAME, odd, "Maya")
    assert not odd.strip() or odd not in refusal.value.detail


@pytest.mark.parametrize("secret", ["", "short"])
async def test_without_a_good_secret_nothing_is_stored(database: Database, secret: str) -> None:
    keyring = await opened(database, Seals(secret))
    with pytest.raises(Conflict, match="openssl rand -hex 32"):
        await keyring.put(NAME, KEY, "Maya")
    assert await keyring.store.all() == {}
