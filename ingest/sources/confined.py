"""Runs `git` where it can do little: nothing of ours around it, so many bytes on the disk, so much time."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.errors import Invalid, Unavailable

MEGABYTE = 1_000_000
LOOK_S = 0.2
"""How often it is looked how much has come."""
LONGEST_WORDS = 20_000
"""Bytes of what Git says on its way that are kept: the last ones, where the reason stands."""
MEMORY_KB = 4_000_000
FAR_TOO_LARGE = 2
"""Times the allowance: so large a file cannot be written, however quickly it comes between two looks."""
BLOCK = 512
"""Bytes, in which a shell counts how large a file may become."""
_CONFINED = 'command ulimit -f "$1" || :; command ulimit -v "$2" || :; shift 2; exec git "$@"'


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of a repository is fetched: megabytes, packed and unpacked, how many files, and seconds in all."""

    megabytes: int = 500
    files: int = 20_000
    seconds: float = 300.0


class TooMuch(Invalid):
    """The repository is larger than it may be."""


class Failed(Unavailable):
    """Git gave up; `said` are its last words, for nobody but us."""

    def __init__(self, said: str) -> None:
        super().__init__("The repository cannot be fetched. Check its address, and that everyone may read it.")
        self.said = said


@dataclass(frozen=True, slots=True)
class Confined:
    """Git with these limits."""

    allowance: Allowance

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """The time that all of it may take together."""
        try:
            async with asyncio.timeout(self.allowance.seconds):
                yield
        except TimeoutError as error:
            most = self.allowance.seconds
            raise Unavailable(f"Fetching the repository took longer than {most:g} seconds.") from error

    async def run(self, words: Sequence[str], folder: Path) -> None:
        """Run a command that fills this folder. Raises `Failed`, and `TooMuch` when it becomes too large."""
        async with self._running(words) as process:
            said = asyncio.create_task(_last_words(process.stderr))
            while not said.done():
                await asyncio.wait({said}, timeout=LOOK_S)
                if await asyncio.to_thread(_size, folder) > self.allowance.megabytes * MEGABYTE:
                    raise self.too_large()
            if await process.wait():
                raise Failed(await said)

    @asynccontextmanager
    async def reading(self, words: Sequence[str]) -> AsyncIterator[asyncio.StreamReader]:
        """Run a command and read what it says, for as long as that is of interest. Raises `Failed`."""
        async with self._running(words) as process:
            said = asyncio.create_task(_last_words(process.stderr))
            if process.stdout is not None:
                yield process.stdout
            if process.stdout is not None and process.stdout.at_eof() and await process.wait():
                raise Failed(await said)

    @asynccontextmanager
    async def _running(self, words: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
        """A process group that ends when it is left, whatever the reason."""
        largest = str(self.allowance.megabytes * MEGABYTE * FAR_TOO_LARGE // BLOCK)
        process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", _CONFINED, "git", largest, str(MEMORY_KB), *words,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=_surroundings(), start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def too_large(self) -> TooMuch:
        """What is said of a repository with too many bytes."""
        most = self.allowance.megabytes
        return TooMuch(f"The repository is larger than the {most:,} MB that are fetched. Choose a smaller one.")


def _surroundings() -> dict[str, str]:
    """No keys, no settings of the person who started us, and nobody to ask for a password."""
    return {
        "PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1", "LC_ALL": "C",
    }  # fmt: skip


async def _last_words(stream: asyncio.StreamReader | None) -> str:
    """A server may have Git say whatever it likes, for as long as it likes."""
    said = b""
    while stream is not None and (more := await stream.read(LONGEST_WORDS)):
        said = (said + more)[-LONGEST_WORDS:]
    return said.decode("utf-8", "replace")


def _size(folder: Path) -> int:
    """Bytes of all files in it; what vanishes meanwhile does not count."""
    found = 0
    for above, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                found += os.lstat(os.path.join(above, name)).st_size  # noqa: PTH118  # a hundred thousand times
    return found
