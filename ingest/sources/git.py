"""The files of a Git repository: its newest state alone, fetched by `git` in a process that may do little else."""

import asyncio
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import Invalid, Unavailable
from app.safety.addresses import Reach
from app.safety.reaching import Resolve, look_up
from ingest.sources.confined import MEGABYTE, Allowance, Confined, Failed, TooMuch

LONGEST_NAME = 200
OLDEST = (2, 37)
"""The first version that connects to the address it is told; older ones would look the host up again."""
_SAFE = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.symlinks=false", "submodule.recurse=false",
    "http.followRedirects=false", "http.sslVerify=true", "credential.helper=", "protocol.allow=never",
    "transfer.bundleURI=false", "fetch.uriProtocols=",
)  # fmt: skip
_ALONE = ("--depth", "1", "--single-branch", "--no-tags", "--no-recurse-submodules", "--template=", "--no-checkout")
_VERSION = re.compile(rb"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Git:
    """Fetches repositories over https, or from a path on this machine. Every other way is refused.

    `authorities` is a file of certificate authorities that vouch for hosts instead of those that Git knows.
    """

    reach: Reach
    allowance: Allowance = field(default_factory=Allowance)
    authorities: Path | None = None
    resolve: Resolve = look_up

    async def fetch(self, repository: str, branch: str, into: Path) -> Path:
        """The newest state of a branch, by default the repository's own, in a new folder that replaces the old one.

        Raises `Invalid`, `TooMuch` or `Unavailable`, each with a sentence for the admin; the old folder stays then.
        """
        options = await self._options(repository)
        chosen = ["--branch", _valid(branch)] if branch else []
        fresh = into.with_name(into.name + ".new")
        await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
        fresh.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        confined = Confined(self.allowance)
        try:
            async with confined.in_time():
                await _refuse_old(confined)
                words = ["clone", "--quiet", *_ALONE, *chosen, "--", _location(repository), str(fresh)]
                await confined.run([*options, *words], fresh)
                await self._measure(confined, fresh)
                await confined.run([*options, "-C", str(fresh), "checkout", "--quiet", "--force", "HEAD", "--"], fresh)
            await asyncio.to_thread(_replace, fresh, into)
        except Failed as failure:
            raise self._told(failure) from failure
        finally:
            await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
        return into

    async def _options(self, repository: str) -> list[str]:
        """What holds for this repository alone: one protocol, and the address that was checked for its host."""
        chosen = _settings(_SAFE)
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
        address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        own = ["protocol.https.allow=always", f"http.curloptResolve={place.host}:{place.port}:{address}"]
        vouched = [f"http.sslCAInfo={self.authorities}"] if self.authorities else []
        return [*chosen, *_settings([*own, *vouched])]

    async def _measure(self, confined: Confined, tree: Path) -> None:
        """Count files and bytes before any is written: a small pack may hold the same file a billion times."""
        files = size = 0
        listing = ["-C", str(tree), "ls-tree", "-r", "-l", "-z", "--full-tree", "HEAD"]
        async with confined.reading(listing) as told:
            while entry := await _entry(told):
                files += 1
                # mode, kind, name of the object, size: of what is no file the size is "-"
                counted = entry.split(None, 4)[3]
                size += int(counted) if counted.isdigit() else 0
                if files > self.allowance.files:
                    most = self.allowance.files
                    raise TooMuch(f"The repository holds more than {most:,} files. Choose a smaller one.")
                if size > self.allowance.megabytes * MEGABYTE:
                    raise confined.too_large()

    def _told(self, failure: Failed) -> Invalid | Unavailable:
        """What Git said, as somebody would say it who does not know Git."""
        if "invalid index-pack output" in failure.said:
            most = self.allowance.megabytes
            return Unavailable(f"What the host sent is damaged, or far larger than the {most:,} MB that are fetched.")
        return next((Unavailable(told) for mark, told in _REASONS.items() if mark in failure.said), failure)


async def _refuse_old(confined: Confined) -> None:
    async with confined.reading(["version"]) as told:
        found = _VERSION.search(await told.read())
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        raise Unavailable(f"Reading repositories needs Git {OLDEST[0]}.{OLDEST[1]} or newer on this machine.")


async def _entry(told: asyncio.StreamReader) -> bytes:
    """One entry of a listing that nothing but zero bytes divides; empty at its end."""
    try:
        return await told.readuntil(b"\0")
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as error:
        raise TooMuch("The repository holds a file whose name is far too long.") from error


def _settings(given: Sequence[str]) -> list[str]:
    return [part for one in given for part in ("-c", one)]


def _location(repository: str) -> str:
    """Git takes a path for a shallow copy only as an address."""
    return f"file://{repository}" if repository.startswith("/") else repository


def _valid(branch: str) -> str:
    if branch.startswith("-") or len(branch) > LONGEST_NAME or not branch.isprintable() or " " in branch:
        raise Invalid("This is not the name of a branch.")
    return branch


_SIGN_IN = "The repository wants a sign-in. Only repositories that are open to all are fetched."
_AWAY = "There is no connection to this host."
_REASONS = {
    "Remote branch": "The repository has no such branch.",
    "could not read Username": _SIGN_IN,
    "Authentication failed": _SIGN_IN,
    "error: 403": _SIGN_IN,
    "error: 30": "The host redirects to another address. Name the repository by the address that it has now.",
    "error: 404": "There is no Git repository at this place.",
    "exec: git: not found": "Git is not installed on this machine.",
    "' not found": "There is no Git repository at this place.",
    "dubious ownership": "The repository belongs to another user of this machine, so Git does not read it.",
    "does not appear to be a git repository": "There is no Git repository at this place.",
    "not valid: is this a git repository?": "There is no Git repository at this place.",
    "certificate": "The certificate of this host is not valid, so nothing is fetched from it.",
    "Not a valid object name HEAD": "The repository is empty.",
    "Could not resolve host": _AWAY,
    "Failed to connect": _AWAY,
    "expected response end packet": "The host broke its answer off. Try again later.",
    "early EOF": "The host broke its answer off. Try again later.",
    "hung up unexpectedly": "The host broke its answer off. Try again later.",
}


def _replace(fresh: Path, old: Path) -> None:
    shutil.rmtree(fresh / ".git", ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    fresh.replace(old)
