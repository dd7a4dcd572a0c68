"""Repositories over HTTPS from a real server, which may be anything but kind."""

import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import AppError
from app.safety.addresses import Reach
from ingest.sources.confined import Allowance
from ingest.sources.git import Git
from tests.ingest.sources.forge import Forge, forge
from tests.ingest.sources.site import Site
from tests.ingest.sources.test_git import git

pytestmark = pytest.mark.skipif(
    subprocess.run(("git", "http-backend"), capture_output=True, check=False).returncode == 1,
    reason="NOT COVERED: no `git http-backend` to serve repositories with",
)


STORE = ("hash-object", "-w", "--stdin", "-t")


def said_by(tree: Path, *words: str, said: bytes = b"") -> str:
    """What Git answers in this repository."""
    done = subprocess.run(("git", *words), cwd=tree, input=said, check=True, capture_output=True)
    return done.stdout.decode().strip()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository as its authors have it: three states, of which one is on another branch."""
    folder = tmp_path / "served" / "docs.git"
    folder.mkdir(parents=True)
    git(folder, "init", "--initial-branch=main")
    for state in ("old", "new"):
        (folder / "fees.md").write_text(f"# Fees\n\nThey are {state}.")
        git(folder, "add", "-A")
        git(folder, "commit", "-m", state)
    git(folder, "checkout", "-b", "next")
    (folder / "fees.md").write_text("# Fees\n\nThey are the next.")
    git(folder, "commit", "-am", "next")
    git(folder, "checkout", "main")
    return folder


@pytest.fixture
def host(tree: Path, certificate: Path) -> Iterator[Forge]:
    with forge(tree.parent, certificate) as running:
        yield running


@pytest.fixture
def client(host: Forge, certificate: Path) -> Git:
    """Trusts that host and no other, and is told by a resolver of the test where it is."""
    reach = Reach.of([f"wiki.internal:{host.port}"])
    return Git(reach, Allowance(5, 50, 30), certificate.with_name("public"), nearby)


async def nearby(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


async def test_the_newest_state_alone_is_fetched_over_https(host: Forge, client: Git, tmp_path: Path) -> None:
    for branch, said in (("", "They are new."), ("next", "They are the next.")):
        tree = await client.fetch(host.url("docs.git"), branch, tmp_path / "fetched")
        assert (tree / "fees.md").read_text().endswith(said)
        assert [path.name for path in tree.iterdir()] == ["fees.md"]
    assert ("POST", "/docs.git/git-upload-pack") in host.asked
    assert not (tmp_path / "fetched.new").exists()


async def test_nothing_is_fetched_from_a_host_that_nobody_vouches_for(host: Forge, client: Git, tmp_path: Path) -> None:
    stranger = replace(client, authorities=None)
    with pytest.raises(AppError, match="The certificate of this host is not valid"):
        await stranger.fetch(host.url("docs.git"), "", tmp_path / "fetched")
    assert host.asked == []


async def test_a_private_address_is_refused_before_anything_is_asked(host: Forge, client: Git, tmp_path: Path) -> None:
    outside = replace(client, reach=Reach())
    url = "https://docs.example.com/docs.git"
    with pytest.raises(AppError, match="leads to a private address"):
        await outside.fetch(url, "", tmp_path / "fetched")
    with pytest.raises(AppError, match="Only the ports 80 and 443"):
        await outside.fetch(host.url("docs.git"), "", tmp_path / "fetched")
    assert host.asked == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_is_followed(  # the server, who fetches, whom it must not reach, where to
    host: Forge, client: Git, forbidden: Site, tmp_path: Path, status: int
) -> None:
    host.instead["/info/refs"] = (status, {"location": forbidden.url("/docs.git/info/refs")}, b"")
    with pytest.raises(AppError, match="The host redirects to another address"):
        await client.fetch(host.url("docs.git"), "", tmp_path / "fetched")


async def test_a_server_of_plain_files_cannot_send_us_elsewhere(
    host: Forge, client: Git, forbidden: Site, tree: Path, tmp_path: Path
) -> None:
    """Git's oldest protocol lets a server name other places where objects lie."""
    head = said_by(tree, "rev-parse", "HEAD")
    host.instead["/info/refs"] = (200, {"content-type": "text/plain"}, f"{head}\trefs/heads/main\n".encode())
    host.instead["/HEAD"] = (200, {"content-type": "text/plain"}, b"ref: refs/heads/main\n")
    for name in ("http-alternates", "alternates"):
        said = forbidden.url("/docs.git/objects\n").encode()
        host.instead[f"/objects/info/{name}"] = (200, {"content-type": "text/plain"}, said)
    with pytest.raises(AppError):
        await client.fetch(host.url("docs.git"), "", tmp_path / "fetched")
    assert ("GET", "/docs.git/info/refs") in host.asked


async def test_a_repository_with_too_many_files_is_refused_before_one_is_written(
    host: Forge, client: Git, tree: Path, tmp_path: Path
) -> None:
    for number in range(60):
        (tree / f"{number}.md").write_text("The same.")
    git(tree, "add", "-A")
    git(tree, "commit", "-m", "many")
    kept = await client.fetch(host.url("docs.git"), "next", tmp_path / "fetched")
    with pytest.raises(AppError, match="more than 50 files"):
        await client.fetch(host.url("docs.git"), "", tmp_path / "fetched")
    assert (kept / "fees.md").read_text().endswith("They are the next.")
    assert not (tmp_path / "fetched.new").exists()


async def test_a_few_objects_that_say_the_same_a_billion_times_are_refused(
    host: Forge, client: Git, tree: Path, tmp_path: Path
) -> None:
    """Ten folders that are the same folder of ten folders, and so on: 10,000,000,000 files in 12 objects."""
    kind, name, called = "blob", said_by(tree, *STORE, "blob", said=b"ha"), "file"
    for _ in range(10):
        mode = b"100644" if kind == "blob" else b"40000"
        entries = b"".join(mode + f" {called}{at}".encode() + b"\0" + bytes.fromhex(name) for at in range(10))
        kind, name, called = "tree", said_by(tree, *STORE, "tree", said=entries), "folder"
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    git(tree, "branch", "bomb", said_by(tree, *author, "commit-tree", name, "-m", "bomb"))
    with pytest.raises(AppError, match="more than 50 files"):
        await client.fetch(host.url("docs.git"), "bomb", tmp_path / "fetched")


async def test_files_that_grow_when_they_are_unpacked_are_refused(
    host: Forge, client: Git, tree: Path, tmp_path: Path
) -> None:
    (tree / "zeros.md").write_bytes(bytes(20_000_000))
    git(tree, "add", "-A")
    git(tree, "commit", "-m", "zeros")
    with pytest.raises(AppError, match="larger than the 5 MB that are fetched"):
        await client.fetch(host.url("docs.git"), "", tmp_path / "fetched")


async def test_a_pack_that_is_too_large_is_cut_off(host: Forge, client: Git, tree: Path, tmp_path: Path) -> None:
    (tree / "noise.bin").write_bytes(os.urandom(8_000_000))
    git(tree, "add", "-A")
    git(tree, "commit", "-m", "noise")
    with pytest.raises(AppError, match="larger than the 5 MB that are fetched"):
        await client.fetch(host.url("docs.git"), "", tmp_path / "fetched")
    assert not (tmp_path / "fetched.new").exists()


async def test_a_pack_that_comes_too_quickly_to_look_is_stopped_by_the_system(
    host: Forge, client: Git, tree: Path, tmp_path: Path
) -> None:
    (tree / "noise.bin").write_bytes(os.urandom(30_000_000))
    git(tree, "add", "-A")
    git(tree, "commit", "-m", "noise")
    with pytest.raises(AppError, match="larger than the 5 MB that are fetched"):
        await client.fetch(host.url("docs.git"), "", tmp_path / "fetched")


async def test_a_repository_that_takes_too_long_is_given_up(client: Git, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hurried = replace(client, reach=Reach.of([f"wiki.internal:{port}"]), allowance=Allowance(5, 50, 1.0))
        with pytest.raises(AppError, match="took longer than 1 seconds"):
            await hurried.fetch(f"https://wiki.internal:{port}/docs.git", "", tmp_path / "fetched")


async def test_submodules_hooks_and_large_files_bring_nothing_else(
    host: Forge, client: Git, tree: Path, forbidden: Site, tmp_path: Path
) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 9\n"
    (tree / "film.md").write_text(pointer)
    (tree / ".gitattributes").write_text("*.md filter=lfs\n*.txt filter=evil\n")
    (tree / ".gitmodules").write_text(f'[submodule "x"]\n\tpath = x\n\turl = {forbidden.url("/x.git")}\n')
    (tree / ".lfsconfig").write_text(f"[lfs]\n\turl = {forbidden.url('/lfs')}\n")
    git(tree, "add", "-A")
    linked = f"160000,{'1' * 40},x"
    git(tree, "update-index", "--add", "--cacheinfo", linked)
    git(tree, "commit", "-m", "more")
    fetched = await client.fetch(host.url("docs.git"), "", tmp_path / "fetched")
    assert (fetched / "film.md").read_text() == pointer
    assert list((fetched / "x").iterdir()) == []


@pytest.mark.parametrize(
    ("path", "answer", "sentence"),
    [
        ("/info/refs", (404, {}, b""), "There is no Git repository at this place."),
        ("/info/refs", (401, {"www-authenticate": "Basic"}, b""), "The repository wants a sign-in."),
        ("/info/refs", (403, {}, b""), "The repository wants a sign-in."),
        ("/info/refs", (500, {}, b""), "The repository cannot be fetched."),
        ("/info/refs", (200, {"content-type": "text/html"}, b"<html>\n<h1>Hi</h1>\n"), "There is no Git repository"),
        ("/info/refs", (200, {"content-type": "text/html"}, b""), "The repository is empty."),
        (
            "/git-upload-pack",
            (200, {"content-type": "application/x-git-upload-pack-result"}, b"00"),
            "broke its answer",
        ),
    ],
)
async def test_whatever_a_server_answers_becomes_a_sentence(  # the server, who fetches, and what is said
    host: Forge, client: Git, tmp_path: Path, path: str, answer: tuple[int, dict[str, str], bytes], sentence: str
) -> None:
    host.instead[path] = answer
    with pytest.raises(AppError, match=sentence):
        await client.fetch(host.url("docs.git"), "", tmp_path / "fetched")


async def test_an_empty_repository_is_said_to_be_empty(host: Forge, client: Git, tree: Path, tmp_path: Path) -> None:
    git(tree.parent, "init", "--bare", "none.git")
    with pytest.raises(AppError, match="The repository is empty"):
        await client.fetch(host.url("none.git"), "", tmp_path / "fetched")
