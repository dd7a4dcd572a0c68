"""What a batch's row says of its jobs."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.llm.batching.tables import BatchRow
from app.llm.batching.wire import Job, read_job
from app.llm.errors import REMEDIES
from app.llm.money.payer import Payer


def fingerprint(model: str, payer: Payer, work: str, jobs: Sequence[Job]) -> str:
    """The same for batches that ask the same."""
    whole = [model, payer.workspace_id, payer.purpose, work, [[job.id, asdict(job.prompt)] for job in jobs]]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def tag(row: BatchRow) -> str:
    """What the provider knows this round of the batch by; its jobs' ids there begin with it."""
    return f"{row.id.replace('-', '')}-{row.round}-"


def jobs_of(row: BatchRow) -> list[Job]:
    """The jobs as they were handed over."""
    return [read_job(one) for one in row.jobs]


def waiting(row: BatchRow) -> list[Job]:
    """The jobs that nothing has come of yet."""
    over = {one["id"] for one in row.results}
    return [job for job in jobs_of(row) if job.id not in over]


def unanswered(row: BatchRow) -> list[Job]:
    """The jobs that another model may have an answer to."""
    over = {one["id"] for one in row.results if one["error"] is None or _is_final(one["error"])}
    return [job for job in jobs_of(row) if job.id not in over]


def _is_final(error: Mapping[str, Any]) -> bool:
    return error["native_code"] == "cancelled" or REMEDIES[error["kind"]] == "tell"
