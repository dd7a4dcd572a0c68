"""Tells whether the process that began a run still works on it."""

import os
import socket
from datetime import datetime
from pathlib import Path

from app.knowledge.runs import long_ago

HEARTBEAT_S = 2.0
SILENT_S = 20.0


def this_worker() -> str:
    """This process: host, number and the moment it started, for numbers are used again."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def alive(worker: str | None, heartbeat: datetime | None) -> bool:
    """Whether it works: known at once for a process of this machine, for another after a silence of 20 seconds."""
    host, number, started = (worker or "::").rsplit(":", 2)
    if host == socket.gethostname() and started and number.isdigit():
        return _started(int(number)) == started
    return not long_ago(heartbeat, SILENT_S)


def _started(number: int) -> str:
    """Field 22 of /proc/<number>/stat (proc(5)); nothing for a process that is gone or where there is no /proc."""
    try:
        line = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return ""
    fields = line.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
