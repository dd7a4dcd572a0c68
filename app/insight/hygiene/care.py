"""What admins and readers have to do with looking after the knowledge base, as the front door sees it."""

import asyncio
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from app.database import Database
from app.insight.hygiene.readership import Readership
from app.insight.hygiene.scans import ScanStore
from app.insight.hygiene.tasks import TaskStore
from app.jobs import Jobs

JOB = "hygiene"
FEW = 2000
"""Passages that are looked through in less time than a process needs to start."""
NICENESS = 10


@dataclass(frozen=True, slots=True)
class Care:
    """Tasks, scans and what readers thought."""

    tasks: TaskStore
    scans: ScanStore
    readership: Readership
    jobs: Jobs

    @classmethod
    def over(cls, database: Database, jobs: Jobs) -> "Care":
        """All of it on one database."""
        return cls(TaskStore(database), ScanStore(database), Readership(database), jobs)

    async def start_scan(self, workspace_id: str, *, links: bool) -> str:
        """Have a worker look at what is published; `links`: ask other sites too. The scan's id."""
        scan_id, new = await self.scans.queue(workspace_id, links=links)
        if new:
            await asyncio.to_thread(self.jobs.enqueue, JOB, {"scan_id": scan_id})
        return scan_id


@contextmanager
def workers(passages: int) -> Iterator[Executor]:
    """Much work gets a process of its own that lets others go first, so that the chat next door does not wait."""
    if passages < FEW:
        with ThreadPoolExecutor(1) as thread:
            yield thread
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=os.nice, initargs=(NICENESS,)) as process:
        yield process
