"""Repositories, fetched by the real Git; nothing in one is executed, and nothing else than asked for is read."""

import subprocess
from pathlib import Path

import pytest

from app.database import Database
from app.errors import AppError
from app.knowledge.sourcing.store import SourceStore
from app.safety.addresses import Reach
from ingest.memory import Memory
from ingest.orders import Order
from ingest.sources.anywhere import Anywhere
from ingest.sources.confined import Allowance
from ingest.sources.git import Git
from ingest.sources.web import Web
from ingest.watch import Unwatched


def git(folder: Path, *words: str) -> None:
    named = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *named, *words), cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two branches, a hook, a link out of the repository and a picture."""
    folder = tmp_path / "repository"
    (folder / "docs").mkdir(parents=True)
    git(folder, "init", "--initial-branch=main")
    (folder / "docs" / "fees.md").write_text("# Fees\n\nThere are none.")
    (folder / "docs" / "passwd.md").symlink_to("/etc/passwd")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "README.md").write_text("# Readme\n\nRead the docs.")
    hook = folder / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\n")
    hook.chmod(0o755)
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "One")
    git(folder, "checkout", "-b", "next")
    (folder / "docs" / "fees.md").write_text("# Fees\n\nThere are two.")
    git(folder, "commit", "-am", "Two")
    git(folder, "checkout", "main")
    (tmp_path / "pwned").unlink()
    return folder


async def names(database: Database, root: Path, repository: str, **place: str) -> dict[str, str]:
    """What a source over this repository lists, with the first words of each."""
    settings = {"repository": repository, **place}
    await SourceStore(database).add("default", "docs", {"kind": "git", "settings": settings})
    origin = Anywhere(database, root / "fetched", Web(), Git(Reach(), Allowance(seconds=30)), roots=[root])
    listing = await origin.listing(Order("default", "docs", []), None, Unwatched())
    found = {}
    for file in listing.files:
        loaded = await file.load(Memory(largest=100_000))
        found[file.name] = str(getattr(loaded[0], "text", "refused")).split("\n")[-1]
    return found


async def test_the_newest_state_of_a_branch_is_read(database: Database, repository: Path, tmp_path: Path) -> None:
    found = await names(database, tmp_path, str(repository), branch="next", folder="docs")
    assert found["fees.md"] == "There are two."
    assert not (tmp_path / "pwned").exists()


async def test_links_pictures_and_history_are_left_out(database: Database, repository: Path, tmp_path: Path) -> None:
    found = await names(database, tmp_path, str(repository))
    assert set(found) == {"README.md", "docs/fees.md", "docs/passwd.md"}
    assert found["docs/passwd.md"] == "/etc/passwd"
    assert not (tmp_path / "pwned").exists()
    assert not list((tmp_path / "fetched").rglob(".git"))


@pytest.mark.parametrize(
    ("asked", "place", "sentence"),
    [
        ("ssh://git@github.com/x/y", {}, "named by an https:// address or by a path"),
        ("file:///etc", {}, "named by an https:// address or by a path"),
        ("ext::sh -c touch% /tmp/pwned", {}, "named by an https:// address or by a path"),
        ("--upload-pack=touch", {}, "named by an https:// address or by a path"),
        ("https://127.0.0.1/x.git", {}, "127.0.0.1 is a private address"),
        ("/etc", {}, "Add it to ANSWERDESK_FETCH__FOLDERS first."),
        ("{folder}/none", {}, "There is no Git repository at this place."),
        ("{folder}/repository", {"branch": "none"}, "The repository has no such branch."),
        ("{folder}/repository", {"branch": "--help"}, "This is not the name of a branch."),
        ("{folder}/repository", {"folder": "../.."}, "The repository has no folder"),
    ],
)
async def test_everything_else_is_refused_in_a_sentence(
    database: Database, repository: Path, asked: str, place: dict[str, str], sentence: str
) -> None:
    folder = repository.parent
    with pytest.raises(AppError, match=sentence):
        await names(database, folder, asked.format(folder=folder), **place)
