"""What a process that reads a stranger's file may use."""

import contextlib
import sys

MEGABYTE = 1024 * 1024
MOST_MEMORY = 512 * MEGABYTE
MOST_CPU_SECONDS = 40
PATIENCE_SECONDS = 60


def take_on(largest_file_written: int = 0, cpu_seconds: int = MOST_CPU_SECONDS) -> None:
    """Bind this process, for good. Where a system knows no such limits, the clock of the parent remains."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  # not on every system

    bounds = {
        resource.RLIMIT_AS: MOST_MEMORY,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: largest_file_written,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in bounds.items():
        with contextlib.suppress(ValueError, OSError):  # already bound more tightly, or unknown to this system
            resource.setrlimit(kind, (most, most))
