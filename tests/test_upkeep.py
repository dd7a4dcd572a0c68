"""A backup is whole and comes back whole; the doctor says what is wrong and how to mend it."""

import io
import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from app.errors import AppError
from tests.shell import Shell, told
from tests.shelving import write


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "one").mkdir()
    made = Shell(tmp_path / "one")
    write(tmp_path / "kb", {"refunds.md": "# Refunds\n\nWithin 30 days.", "hours.md": "# Hours\n\nNine to five."})
    made.done("ingest", str(tmp_path / "kb"))
    write(made.data / "uploads", {"a1/guide.md": "# Guide"})
    return made


@pytest.fixture
def fresh(tmp_path: Path) -> Shell:
    (tmp_path / "two").mkdir()
    return Shell(tmp_path / "two")


def test_a_restored_backup_finds_what_the_original_finds(shell: Shell, fresh: Shell, tmp_path: Path) -> None:
    file = str(tmp_path / "backup.tar.gz")
    shell.done("backup", file)
    fresh.done("restore", file)
    question = ("search", "refund days", "--json")
    assert fresh.done(*question) == shell.done(*question) != ""
    assert (fresh.data / "uploads" / "a1" / "guide.md").read_text() == "# Guide"
    assert {path.name for path in fresh.data.iterdir()} >= {"answerdesk.db", "snapshots", "uploads"}
    assert not list(fresh.data.glob(".restoring-*"))
    assert "knowledge" in [json.loads(line)["check"] for line in fresh.done("doctor", "--json").splitlines()]


def test_a_backup_holds_one_committed_state_while_somebody_writes(shell: Shell, fresh: Shell, tmp_path: Path) -> None:
    with closing(sqlite3.connect(shell.data / "answerdesk.db", isolation_level=None)) as writer:
        writer.execute("CREATE TABLE note (text TEXT)")
        writer.execute("INSERT INTO note VALUES ('committed, and perhaps still in the write-ahead log')")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO note VALUES ('not committed')")
        shell.done("backup", str(tmp_path / "backup.tar.gz"))
        writer.execute("ROLLBACK")
    fresh.done("restore", str(tmp_path / "backup.tar.gz"))
    with closing(sqlite3.connect(fresh.data / "answerdesk.db")) as copy:
        assert copy.execute("SELECT count(*) FROM note").fetchone() == (1,)


def test_a_backup_is_its_owners_alone_and_never_overwrites(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    shell.done("backup", str(file))
    before = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "is there already" in shell.refused("backup", str(file))
    assert file.read_bytes() == before
    assert not list(tmp_path.glob(".backup-*"))


def test_nothing_is_backed_up_before_there_is_anything(fresh: Shell, tmp_path: Path) -> None:
    assert "nothing to back up" in fresh.refused("backup", str(tmp_path / "backup.tar.gz"))
    assert not fresh.data.exists()


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_postgresql_has_tools_of_its_own(fresh: Shell, tmp_path: Path, command: str, tool: str) -> None:
    fresh.env["ANSWERDESK_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    assert tool in fresh.refused(command, str(tmp_path / "backup.tar.gz"))


def test_a_backup_is_restored_into_an_empty_folder_only(shell: Shell, tmp_path: Path) -> None:
    file = str(tmp_path / "backup.tar.gz")
    shell.done("backup", file)
    assert "empty data folder" in shell.refused("restore", file)


@pytest.mark.parametrize("name", ["../outside", "/outside", "snapshots/../../outside", "other.txt"])
def test_a_file_that_would_land_elsewhere_is_refused(fresh: Shell, tmp_path: Path, name: str) -> None:
    _archive(tmp_path / "bad.tar.gz", tarfile.TarInfo(name))
    assert "bad.tar.gz" in fresh.refused("restore", str(tmp_path / "bad.tar.gz"))
    assert list(fresh.data.iterdir()) == []
    assert not list(tmp_path.rglob("outside"))


def test_a_link_in_a_backup_is_refused(fresh: Shell, tmp_path: Path) -> None:
    link = tarfile.TarInfo("uploads/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    _archive(tmp_path / "bad.tar.gz", link)
    assert "no backup of Answerdesk" in fresh.refused("restore", str(tmp_path / "bad.tar.gz"))


def test_what_is_no_backup_leaves_the_folder_empty(fresh: Shell, shell: Shell, tmp_path: Path) -> None:
    whole, bad = tmp_path / "whole.tar.gz", tmp_path / "bad.tar.gz"
    shell.done("backup", str(whole))
    for content in (b"not an archive", whole.read_bytes()[:-2000]):
        bad.write_bytes(content)
        assert "could not be restored" in fresh.refused("restore", str(bad))
        assert list(fresh.data.iterdir()) == []
    _archive(bad, tarfile.TarInfo("answerdesk.db"), b"no database" * 100)
    assert "could not be restored" in fresh.refused("restore", str(bad))
    _archive(bad, tarfile.TarInfo("uploads/a.md"))
    assert "it holds no database" in fresh.refused("restore", str(bad))


def test_the_doctor_finds_a_fed_installation_well(shell: Shell) -> None:
    lines = shell.done("doctor").splitlines()
    assert len(lines) == 6
    assert all(line.startswith("ok: ") for line in lines)


def test_the_doctor_of_an_empty_installation_says_what_to_run_and_touches_nothing(fresh: Shell) -> None:
    ended = fresh.run("doctor")
    assert "`answerdesk migrate`" in ended.stdout
    assert isinstance(ended.exception, AppError)
    assert not fresh.data.exists()


def test_the_doctor_names_what_is_wrong(shell: Shell, tmp_path: Path) -> None:
    toml = '[[model]]\nname = "luna"\ndialect = "openai-chat"\nid = "luna"\napi_key_env = "NO_SUCH_KEY"\n'
    Path(str(shell.env["ANSWERDESK_CONFIG"])).write_text(toml)
    shell.env |= {"ANSWERDESK_EMBED__BACKEND": "onnx", "ANSWERDESK_MODEL_DIR": str(tmp_path / "none")}
    ended = shell.run("doctor", "--json")
    found = {one["check"]: one for one in map(json.loads, told(ended).splitlines())}
    assert ended.exit_code == 1
    assert [name for name, one in found.items() if not one["ok"]] == ["embedding", "models"]
    assert found["embedding"]["mend"] == "Run `answerdesk model prepare`"
    assert "NO_SUCH_KEY is not set" in found["models"]["what"]


def test_a_key_is_stored_from_the_shell_and_the_doctor_tells_when_it_cannot_be_read(shell: Shell) -> None:
    toml = '[[model]]\nname = "luna"\ndialect = "openai-chat"\nid = "luna"\napi_key_env = "NO_SUCH_KEY"\n'
    Path(str(shell.env["ANSWERDESK_CONFIG"])).write_text(toml)
    shell.env["ANSWERDESK_SECRET_KEY"] = "s" * 64
    assert "NO_SUCH_KEY is stored" in told(shell.run("model", "key", "NO_SUCH_KEY", said="sk-4242424242424242\n"))
    assert "Each model has what it needs: extractive, luna" in shell.run("doctor").stdout
    shell.env["ANSWERDESK_SECRET_KEY"] = "t" * 64
    ended = shell.run("doctor")
    assert "NO_SUCH_KEY" in ended.stdout
    assert "ANSWERDESK_FORMER_SECRET_KEYS" in ended.stdout
    assert "sk-4242" not in ended.output
    refused = shell.run("model", "key", "PATH", said="x\n")
    assert "NO_SUCH_KEY" in str(refused.exception)
    assert "was removed" in told(shell.run("model", "key", "NO_SUCH_KEY", "--remove"))


def test_the_doctor_does_not_print_the_value_of_a_wrong_setting(shell: Shell) -> None:
    shell.env["ANSWERDESK_LIMITS__SESSION_HOURS"] = "hunter2"
    ended = shell.run("doctor")
    assert "limits.session_hours" in ended.stdout
    assert "hunter2" not in ended.output


@pytest.mark.parametrize("published", [True, False])
def test_the_doctor_looks_at_what_is_published(shell: Shell, published: bool) -> None:
    if not published:
        with closing(sqlite3.connect(shell.data / "answerdesk.db")) as database, database:
            database.execute("DELETE FROM publication")
    assert ("is published and opens" in shell.run("doctor").stdout) is published


def _archive(path: Path, member: tarfile.TarInfo, content: bytes = b"") -> None:
    member.size = len(content)
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(member, io.BytesIO(content))
