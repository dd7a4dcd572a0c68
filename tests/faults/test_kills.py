"""kill -9 at random moments: nothing acknowledged is lost or doubled, no turn stays open.

`FAULT_KILLS` sets how often (8 in an ordinary run, 200 by `make faults`); the seed is printed and can be set.
"""

import os
import random
import shutil
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.serving import Server, Talk, environment

KILLS = int(os.environ.get("FAULT_KILLS", "8"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
CLOSING = {"answer.completed", "turn.failed"}
SETTLED_S = 10.0


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, help_centre: Path) -> tuple[dict[str, str], Path]:
    """A data folder that holds the help centre."""
    place = tmp_path_factory.mktemp("kills")
    data = shutil.copytree(help_centre, place / "data")
    return environment(data, ANSWERDESK_LIMITS__CONVERSATIONS_PER_MINUTE="10000"), place


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
