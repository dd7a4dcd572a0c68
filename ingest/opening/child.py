"""The parent's side: starts the child, waits no longer than agreed, and says in one sentence what went wrong."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from ingest.opening.limits import PATIENCE_SECONDS
from ingest.opening.parts import Opened

ROOT = Path(__file__).parents[2]
DAMAGED = "This file is damaged and cannot be read. Save it anew in the program that made it."
TOO_SLOW = f"Reading this file took longer than {PATIENCE_SECONDS} seconds. Split it into smaller ones."
TOO_BIG = "This file needs more memory than we allow for one file. Split it into smaller ones."
OUT_OF_MEMORY = (signal.SIGKILL, signal.SIGABRT, signal.SIGTRAP)


def opened(opener: str, data: bytes, folder: Path, patience: float = PATIENCE_SECONDS) -> Opened:
    """What is in a file. The folder is where the files of an archive go; other openers write nothing."""
    command = [sys.executable, "-P", "-m", "ingest.opening", opener, str(folder)]
    try:
        done = subprocess.run(  # noqa: S603  # our own module, with a name from our own list
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=patience,
            env=surroundings(), cwd=folder, check=False, start_new_session=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Opened([], TOO_SLOW)
    if done.returncode:
        return Opened([], _ended(-done.returncode))
    said = json.loads(done.stdout)
    return Opened(said["parts"], said["reason"])


def surroundings() -> dict[str, str]:
    """What a child may know. No keys and no settings: a parser that is taken over finds nothing to tell."""
    return {"PYTHONPATH": str(ROOT), "PATH": os.defpath, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _ended(by: int) -> str:
    if by == signal.SIGXCPU:
        return TOO_SLOW
    return TOO_BIG if by in OUT_OF_MEMORY else DAMAGED
