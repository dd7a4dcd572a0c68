"""The shell's commands."""

import subprocess
from pathlib import Path

import pytest

from tests.serving import COMMAND, ROOT, environment
from tests.shell import Shell, told
from tests.shelving import write


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_ingest_search_publish_and_roll_back(shell: Shell, tmp_path: Path) -> None:
    write(tmp_path / "kb", {"refunds.md": "# Refunds\n\nWithin 30 days.", "bad.md": b""})
    dry = shell.rows("ingest", str(tmp_path / "kb"), "--dry-run", "--json")[0]
    first = shell.rows("ingest", str(tmp_path / "kb"), "--json")[0]
    assert (dry["added"], dry["snapshot_id"]) == (1, None)
    assert (first["source"], first["added"], first["failed"], first["published"]) == ("kb", 1, 1, True)
    assert first["items"][0] == {
        "name": "bad.md", "outcome": "failed", "detail": "This file is empty.", "flags": [],
    }  # fmt: skip

    write(tmp_path / "kb", {"refunds.md": "# Refunds\n\nWithin 60 days."})
    second = shell.rows("ingest", str(tmp_path / "kb"), "--no-publish", "--json")[0]
    assert (second["changed"], second["published"]) == (1, False)
    assert _found(shell) == "Within 30 days."
    *changed, counts = shell.rows("snapshots", "diff", second["snapshot_id"], "--json")
    assert [(one["change"], one["external_id"], one["before"], one["after"]) for one in changed] == [
        ("changed", "refunds.md", 1, 2)
    ]
    assert (counts["against"], counts["documents"]["changed"]) == (first["snapshot_id"], 1)
    assert "~ kb/refunds.md  Refunds" in shell.done("snapshots", "diff")
    shell.done("snapshots", "publish", second["snapshot_id"])
    assert _found(shell) == "Within 60 days."
    shell.done("snapshots", "rollback")
    assert _found(shell) == "Within 30 days."
    states = {row["id"]: row["state"] for row in shell.rows("snapshots", "list", "--json")}
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
def test_a_refusal_is_one_sentence(shell: Shell, words: tuple[str, ...], sentence: str) -> None:
    assert shell.refused(*words) == sentence
    assert told(shell.run(*words)) == ""


def test_a_refusal_goes_to_stderr_and_is_the_exit_code(tmp_path: Path) -> None:
    env = environment(tmp_path, ANSWERDESK_EMBED__BACKEND="hash")
    words = (*COMMAND, "ingest", "missing")
    ended = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1] == "There is no file or folder missing."
    assert "Traceback" not in ended.stderr


def test_searching_before_anything_is_published_says_so(shell: Shell) -> None:
    assert shell.done("search", "refunds").startswith("Nothing is published yet.")
    assert shell.done("search", "refunds", "--json") == ""


def _found(shell: Shell) -> str:
    return str(shell.rows("search", "refund days", "--json")[0]["text"])
