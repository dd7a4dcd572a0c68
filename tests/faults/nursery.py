"""Ingest runs that can be killed cheaply: a process that has loaded everything forks one for each run.

`python -m tests.faults.nursery DATA_DIR` reads a folder a line. It answers, each line marked, with `pid N` of each run,
the names of the stages as they come, and `ended` or `killed` when that process is over.
"""

import asyncio
import os
import sys
from pathlib import Path

from app.settings import EmbedSettings, Settings
from ingest.orders import Order
from ingest.watch import Progress
from ingest.workshop import workshop

SOURCE = "articles"
MARK = "nursery: "


def settings_of(data: Path) -> Settings:
    """The settings of these runs: everything real but the embedding model, which takes time and says nothing here."""
    return Settings(data_dir=data, embed=EmbedSettings(backend="hash"), _env_file=None)


def tell(what: str) -> None:
    """A line for whoever runs this; others on the same output are logs."""
    print(MARK + what, flush=True)


async def ingested(data: Path, folder: str) -> None:
    """One whole run, which publishes; each stage is told once."""
    told = set[str]()

    def notice(progress: Progress) -> None:
        if progress.stage not in told:
            told.add(progress.stage)
            tell(progress.stage)

    async with workshop(settings_of(data)) as (ingestion, workspace_id):
        await ingestion.ingest(Order(workspace_id, SOURCE, [folder], prune=True), notice)


def main() -> None:
    """Run after run, until nothing more is asked for."""
    last = 0
    for line in sys.stdin:
        if last:
            os.waitpid(last, 0)
        last = os.fork()
        if not last:
            asyncio.run(ingested(Path(sys.argv[1]), line.strip()))
            os._exit(0)
        tell(f"pid {last}")
        # It is not laid to rest before the next one comes, so that whoever kills it too late hits nobody else.
        over = os.waitid(os.P_PID, last, os.WEXITED | os.WNOWAIT)
        tell("killed" if over and over.si_code == os.CLD_KILLED else "ended")


if __name__ == "__main__":
    main()
