"""The shell's commands, in processes of their own."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.serving import COMMAND, ROOT, environment
from tests.shelving import write


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "data", ANSWERDESK_EMBED__BACKEND="hash")


def test_ingest_search_publish_and_roll_back(env: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path / "kb", {"refunds.md": "# Refunds\n\nWithin 30 days.", "bad.md": b""})
    dry = _json(env, "ingest", str(tmp_path / "kb"), "--dry-run", "--json")[0]
    first = _json(env, "ingest", str(tmp_path / "kb"), "--json")[0]
    assert (dry["added"], dry["snapshot_id"]) == (1, None)
    assert (first["source"], first["added"], first["failed"], first["published"]) == ("kb", 1, 1, True)
    assert first["items"][0] == {
        "name": "bad.md", "outcome": "failed", "detail": "This file is empty.", "flags": [],
    }  # fmt: skip

    write(tmp_path / "kb", {"refunds.md": "# Refunds\n\nWithin 60 days."})
    second = _json(env, "ingest", str(tmp_path / "kb"), "--no-publish", "--json")[0]
    assert (second["changed"], second["published"]) == (1, False)
    assert _found(env) == "Within 30 days."
    *changed, counts = _json(env, "snapshots", "diff", second["snapshot_id"], "--json")
    assert [(one["change"], one["external_id"], one["before"], one["after"]) for one in changed] == [
        ("changed", "refunds.md", 1, 2)
    ]
    assert (counts["against"], counts["documents"]["changed"]) == (first["snapshot_id"], 1)
    assert "~ kb/refunds.md  Refunds" in _run(env, "snapshots", "diff").stdout
    _run(env, "snapshots", "publish", second["snapshot_id"])
    assert _found(env) == "Within 60 days."
    _run(env, "snapshots", "rollback")
    assert _found(env) == "Within 30 days."
    states = {row["id"]: row["state"] for row in _json(env, "snapshots", "list", "--json")}
    assert states == {first["snapshot_id"]: "published", second["snapshot_id"]: "retired"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("ingest", "missing"), "There is no file or folder missing."),
        (("snapshots", "rollback"), "There is no earlier snapshot to return to."),
        (("snapshots", "publish", "unknown"), "There is no snapshot unknown."),
        (("eval", "retrieval", "missing", "--run", "out"), "There is no file missing/queries.jsonl."),
    ],
)
def test_a_refusal_is_one_sentence_on_stderr(env: dict[str, str], words: tuple[str, ...], sentence: str) -> None:
    ended = _run(env, *words, code=1)
    assert (ended.stdout, ended.stderr.splitlines()[-1]) == ("", sentence)
    assert "Traceback" not in ended.stderr


def test_searching_before_anything_is_published_says_so(env: dict[str, str]) -> None:
    assert _run(env, "search", "refunds").stdout.startswith("Nothing is published yet.")
    assert _run(env, "search", "refunds", "--json").stdout == ""


def _found(env: dict[str, str]) -> str:
    return str(_json(env, "search", "refund days", "--json")[0]["text"])


def _json(env: dict[str, str], *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _run(env, *words).stdout.splitlines()]


def _run(env: dict[str, str], *words: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        [*COMMAND, *map(str, words)], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == code, ended.stderr
    return ended
