"""The files of a Git repository: its newest state alone, fetched by `git` in a process that may do little else."""

import asyncio
import os
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import Invalid, Unavailable
from app.safety.addresses import Reach
from app.safety.reaching import Resolve, look_up

PATIENCE_S = 300.0
LONGEST_NAME = 200
_SAFE = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.symlinks=false", "submodule.recurse=false",
    "http.followRedirects=false", "http.sslVerify=true", "credential.helper=", "protocol.allow=never",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Git:
    """Fetches repositories over https, or from a path on this machine. Every other way is refused."""

    reach: Reach
    resolve: Resolve = look_up
    patience: float = PATIENCE_S

    async def fetch(self, repository: str, branch: str, into: Path) -> Path:
        """The newest state of a branch, by default the repository's own, in a new folder that replaces the old one."""
        options = await self._options(repository)
        fresh = into.with_name(into.name + ".new")
        await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
        fresh.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        chosen = ["--branch", _valid(branch)] if branch else []
        alone = ["--depth", "1", "--single-branch", "--no-tags", "--no-recurse-submodules", "--template="]
        await self._run([*options, "clone", "--quiet", *alone, *chosen, "--", _location(repository), str(fresh)])
        await asyncio.to_thread(_replace, fresh, into)
        return into

    async def _options(self, repository: str) -> list[str]:
        """What holds for this repository alone: one protocol, and the address that was checked for its host."""
        chosen = [part for one in _SAFE for part in ("-c", one)]
        if repository.startswith("/"):
            return [*chosen, "-c", "protocol.file.allow=always"]
        if urlsplit(repository).scheme != "https":
            raise Invalid("A repository is named by an https:// address or by a path that begins with /.")
        place = self.reach.place(repository)
        try:
            addresses = await self.resolve(place.host, place.port)
        except (OSError, UnicodeError) as error:
            raise Invalid(f"There is no host {place.host}.") from error
        self.reach.check(place, addresses)
        pinned = f"http.curloptResolve={place.host}:{place.port}:{addresses[0]}"
        return [*chosen, "-c", "protocol.https.allow=always", "-c", pinned]

    async def _run(self, words: list[str]) -> None:
        process = await asyncio.create_subprocess_exec(
            "git", *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE, env=_surroundings(), start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self.patience):
                _, said = await process.communicate()
        except TimeoutError as error:
            raise Unavailable(f"Fetching the repository took longer than {self.patience:g} seconds.") from error
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode:
            raise Unavailable(_reason(said.decode("utf-8", "replace")))


def _surroundings() -> dict[str, str]:
    """No keys, no settings of the person who started us, and nobody to ask for a password."""
    return {
        "PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1", "LC_ALL": "C",
    }  # fmt: skip


def _location(repository: str) -> str:
    """Git takes a path for a shallow copy only as an address."""
    return f"file://{repository}" if repository.startswith("/") else repository


def _valid(branch: str) -> str:
    if branch.startswith("-") or len(branch) > LONGEST_NAME or not branch.isprintable() or " " in branch:
        raise Invalid("This is not the name of a branch.")
    return branch


def _reason(said: str) -> str:
    """What Git says, as somebody would say it who does not know Git."""
    for mark, sentence in _REASONS.items():
        if mark in said:
            return sentence
    return "The repository cannot be fetched. Check its address, and that everyone may read it."


_REASONS = {
    "Remote branch": "The repository has no such branch.",
    "could not read Username": "The repository wants a sign-in. Only repositories that are open to all are fetched.",
    "Authentication failed": "The repository wants a sign-in. Only repositories that are open to all are fetched.",
    "dubious ownership": "The repository belongs to another user of this machine, so Git does not read it.",
    "does not appear to be a git repository": "There is no Git repository at this place.",
    "certificate": "The certificate of this host is not valid, so nothing is fetched from it.",
    "Could not resolve host": "There is no connection to this host.",
    "Failed to connect": "There is no connection to this host.",
}


def _replace(fresh: Path, old: Path) -> None:
    shutil.rmtree(fresh / ".git", ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    fresh.replace(old)
