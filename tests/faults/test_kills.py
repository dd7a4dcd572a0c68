"""kill -9 at random moments: nothing acknowledged is lost or doubled, no turn stays open, nothing half published.

`FAULT_KILLS` sets how often (8 in an ordinary run, 200 by `make faults`); the seed is printed and can be set.
"""

import os
import random
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.serving import COMMAND, ROOT, Server, Talk, answerdesk, environment

KILLS = int(os.environ.get("FAULT_KILLS", "8"))
INGEST_KILLS = max(3, KILLS // 4)
SEED = int(os.environ.get("FAULT_SEED", "1"))
CLOSING = {"answer.completed", "turn.failed"}
SETTLED_S = 10.0


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Path]:
    """A data folder that holds the help centre."""
    place = tmp_path_factory.mktemp("kills")
    env = environment(place / "data", ANSWERDESK_LIMITS__CONVERSATIONS_PER_MINUTE="10000")
    answerdesk("ingest", "kb/", env=env)
    return env, place


@pytest.mark.timeout(60 + 15 * KILLS)
def test_a_killed_server_loses_and_doubles_no_question_and_closes_every_turn(
    prepared: tuple[dict[str, str], Path],
) -> None:
    env, place = prepared
    chance = random.Random(SEED)  # noqa: S311  # moments, not secrets
    asked = []
    server = Server(env, place / "serve.log").start()
    for number in range(KILLS):
        talk = Talk.open(server.url)
        acknowledged = _ask_and_kill(
            server, talk, f"How do I claim a conversation? Number {number}.", chance.uniform(0, 0.35)
        )
        server = Server(env, place / "serve.log").start()
        talk = Talk(server.url, talk.id, talk.token)
        asked.append((talk, f"How do I claim a conversation? Number {number}.", acknowledged))
        _wait_until_settled(talk)
    copies = [
        (_copies(Talk(server.url, talk.id, talk.token), text), acknowledged) for talk, text, acknowledged in asked
    ]
    server.stop()
    assert any(acknowledged for _, acknowledged in copies), f"seed {SEED}: no kill came after an acknowledgement"
    assert [count for count, acknowledged in copies if acknowledged and count != 1] == []
    assert [count for count, _ in copies if count > 1] == []


@pytest.mark.timeout(300 + 20 * INGEST_KILLS)
def test_a_killed_ingest_leaves_the_published_snapshot_and_can_be_run_again(
    prepared: tuple[dict[str, str], Path], tmp_path: Path
) -> None:
    env, place = prepared
    chance = random.Random(SEED + 1)  # noqa: S311  # moments, not secrets
    before = _found(env)
    for number in range(INGEST_KILLS):
        (tmp_path / "new").mkdir(exist_ok=True)
        for at in range(30):
            (tmp_path / "new" / f"article-{at}.md").write_text(
                f"# Article {at} of try {number}\n\nThe code of article {at} is {number * 1000 + at}.\n"
            )
        words = (*COMMAND, "ingest", str(tmp_path / "new"), "--source", "new", "--no-publish")
        process = subprocess.Popen(
            words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(chance.uniform(0.3, 4.0))
        process.kill()
        process.wait()
        assert _found(env) == before
    answerdesk("ingest", str(tmp_path / "new"), "--source", "new", env=env)
    assert "article" in answerdesk("search", "What is the code of article 7?", "--json", env=env).stdout.lower()
    clean = environment(tmp_path / "clean")
    answerdesk("ingest", "kb/", env=clean)
    answerdesk("ingest", str(tmp_path / "new"), "--source", "new", env=clean)
    assert _passages(tmp_path / "clean") == _passages(place / "data")
    assert _folders(place / "data") <= _known(place / "data")


def _passages(data: Path) -> list[tuple[object, ...]]:
    """What the published snapshot holds: each passage with its document, place, text hash and vector."""
    return _rows(
        data,
        """SELECT document.external_id, passage.heading, passage.start, passage."end", passage.hash, vector.numbers
        FROM publication JOIN snapshot ON snapshot.id = publication.snapshot_id
        JOIN snapshot_member ON snapshot_member.snapshot_id = snapshot.id
        JOIN document ON document.id = snapshot_member.document_id
        JOIN passage ON passage.document_id = document.id AND passage.version = snapshot_member.version
        JOIN vector ON vector.hash = passage.hash AND vector.fingerprint = snapshot.fingerprint
        ORDER BY 1, 3""",
    )


def _folders(data: Path) -> set[str]:
    """The snapshots of which something lies on disk, half built ones included."""
    assert not list((data / "snapshots").rglob("*.tmp"))
    return {path.name for path in (data / "snapshots").iterdir() if path.is_dir()}


def _known(data: Path) -> set[str]:
    return {str(row[0]) for row in _rows(data, "SELECT id FROM snapshot WHERE state NOT IN ('building', 'failed')")}


def _rows(data: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "answerdesk.db")) as database:
        return database.execute(query).fetchall()


def _ask_and_kill(server: Server, talk: Talk, text: str, after_s: float) -> bool:
    """Whether `message.created` came before the end."""
    timer = threading.Timer(after_s, server.kill)
    timer.start()
    acknowledged = False
    try:
        for _, name, _ in talk.ask(text, client_message_id=text):
            acknowledged = acknowledged or name == "message.created"
    except httpx.HTTPError:
        pass
    timer.join()
    server.kill()
    return acknowledged


def _wait_until_settled(talk: Talk) -> None:
    until, names = time.monotonic() + SETTLED_S, [""]
    while time.monotonic() < until:
        names = [name for _, name, _ in talk.events()]
        if names.count("turn.started") == sum(name in CLOSING for name in names):
            return
    raise AssertionError(f"a turn is still open after {SETTLED_S} s: {names}")


def _copies(talk: Talk, text: str) -> int:
    return sum(message["text"] == text for message in talk.view()["messages"])


def _found(env: dict[str, str]) -> str:
    return answerdesk("search", "claim a conversation", "--json", env=env).stdout
