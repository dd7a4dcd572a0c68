"""Ingest runs that can be killed cheaply: a process that has loaded everything forks one for each run.

`python -m tests.faults.nursery DATA_DIR` reads a folder a line. It answers, each line marked, with `pid N` of each run,
the names of the stages as they come, and `ended` when that process is gone, however it went.
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
    for line in sys.stdin:
        number = os.fork()
        if not number:
            asyncio.run(ingested(Path(sys.argv[1]), line.strip()))
            os._exit(0)
        tell(f"pid {number}")
        os.waitpid(number, 0)
        tell("ended")


if __name__ == "__main__":
    main()
