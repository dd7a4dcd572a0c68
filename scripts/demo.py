"""A support desk after an ordinary day, to look around in: conversations, drafts, articles, usage.

Usage: python -m scripts.demo [PORT]. Everything lies in data/demo, apart from what `make run` made.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping

import httpx

from scripts.staging import DAY, PROGRAM, ROOT, open_desk

DATA = ROOT / "data" / "demo"
LOG = DATA / "day.log"
FILLED = DATA / "filled"
READY_S = 60


def main() -> None:
    """Fill the demo folder once, then serve it; what the server says then, with the owner's link, stands at the end."""
    port = sys.argv[1] if len(sys.argv) > 1 else "8000"
    environment = os.environ | {"ANSWERDESK_DATA_DIR": str(DATA)}
    subprocess.run((PROGRAM, "ingest", ROOT / "kb", "--prune"), env=environment, check=True)
    if not FILLED.exists():
        _fill(port, environment)
    print(
        f"\n{len(DAY)} customers were here. Sign in to see what waits for agents and admins. Ctrl-C ends.", flush=True
    )
    os.execve(PROGRAM, (str(PROGRAM), "serve", "--port", port), environment)  # noqa: S606  # our own program


def _fill(port: str, environment: Mapping[str, str]) -> None:
    print("A day at the desk, which takes a minute …", flush=True)
    address = f"http://127.0.0.1:{port}"
    command = (PROGRAM, "serve", "--port", port)
    with LOG.open("wb") as log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as server:
        try:
            _wait_until_ready(address, server)
            with open_desk(address, environment) as desk:
                desk.hold_a_day()
            subprocess.run((PROGRAM, "model", "errands", "--now"), env=environment, check=True, stdout=log)
        finally:
            server.terminate()
    FILLED.touch()


def _wait_until_ready(address: str, server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + READY_S
    while server.poll() is None and time.monotonic() < ends:
        try:
            if httpx.get(f"{address}/readyz", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    sys.exit(LOG.read_text().strip().rpartition("\n")[2] or "The server did not become ready.")


if __name__ == "__main__":
    main()
