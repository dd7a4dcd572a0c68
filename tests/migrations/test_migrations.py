import threading
from pathlib import Path

import pytest

from app.migrations.run import behind, current, differences, downgrade, migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'answerdesk.db'}"
    return str(request.getfixturevalue("postgres_url"))


def test_an_empty_database_gets_every_table_of_the_code(url: str) -> None:
    assert behind(url)
    migrate(url)
    assert differences(url) == []
    assert not behind(url)


def test_migrating_again_changes_nothing(url: str) -> None:
    migrate(url)
    before = current(url)
    migrate(url)
    assert current(url) == before


def test_every_step_can_be_taken_back(url: str) -> None:
    migrate(url)
    downgrade(url, "base")
    assert current(url) is None
    migrate(url)
    assert differences(url) == []


def test_processes_that_start_together_migrate_once(url: str) -> None:
    failures: list[Exception] = []

    def start() -> None:
        try:
            migrate(url)
        except Exception as error:  # noqa: BLE001  # whatever went wrong is what the test wants to know
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert not behind(url)


async def test_it_can_be_called_while_an_event_loop_runs(url: str) -> None:
    migrate(url)
    assert not behind(url)
