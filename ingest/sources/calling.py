"""Again and again: which sources are to be read now, because of their time or because a folder changed."""

import asyncio
import hashlib
import time
from pathlib import Path

from app.jobs import Jobs
from app.knowledge.run_queue import Queued
from app.knowledge.sourcing.store import SourceStore
from app.knowledge.sourcing.types import Source

SETTLED_S = 3.0
"""A folder in which something was written more recently may still be in the middle of a change."""
MOST_FILES = 200_000


async def call(sources: SourceStore, jobs: Jobs) -> list[str]:
    """Have a worker read whatever is due; the ids of the new runs."""
    queued = await sources.due()
    for source, before in await sources.watched():
        queued += await _noticed(sources, source, before)
    new = [one.run_id for one in queued if one.new]
    for run_id in new:
        await asyncio.to_thread(jobs.enqueue, "ingest", {"run_id": run_id})
    return new


async def _noticed(sources: SourceStore, source: Source, before: str) -> list[Queued]:
    seen = await asyncio.to_thread(look_of, Path(str(source.settings["path"])))
    if not seen or seen == before:
        return []
    queued = await sources.noticed(source, before, seen)
    return [queued] if queued else []


def look_of(folder: Path) -> str:
    """What a folder looks like: names, sizes and moments. Nothing while it changes, or when it cannot be read."""
    said = hashlib.sha256()
    newest = 0.0
    try:
        files = sorted(path for path in folder.rglob("*") if path.is_file())[:MOST_FILES]
        for path in files:
            known = path.stat()
            newest = max(newest, known.st_mtime)
            said.update(f"{path.relative_to(folder)}\0{known.st_size}\0{known.st_mtime_ns}\n".encode(errors="replace"))
    except OSError:
        return ""
    return said.hexdigest() if files and time.time() - newest > SETTLED_S else ""
