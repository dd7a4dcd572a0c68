"""How the shell shows a run: bars while it is under way, then what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ingest.orders import Report
from ingest.watch import Notice, unseen
from ingest.watch import Progress as Reached


@contextmanager
def watched(*, quiet: bool) -> Iterator[Notice]:
    """A bar for each stage on stderr while somebody looks on."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield unseen
        return
    columns = (TextColumn("{task.description:8}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def show(reached: Reached) -> None:
            if reached.stage not in tasks:
                tasks[reached.stage] = progress.add_task(reached.stage, total=None)
            progress.update(tasks[reached.stage], completed=reached.done, total=reached.total or None)

        yield show


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Nothing before there is something to tell."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


def readable(report: Report) -> str:
    """What came of a run, for people."""
    counts = report.counts
    lines = [f"{item.outcome}: {item.name} {item.detail}".rstrip() for item in report.items if item.outcome == "failed"]
    changes = ", ".join(
        f"{getattr(counts, name)} {name}" for name in ("added", "changed", "unchanged", "removed", "failed")
    )
    if report.snapshot_id is None:
        return "\n".join([*lines, f"Would be: {changes}. Nothing was stored."])
    size = f"{counts.documents} documents, {counts.passages} passages, {counts.embedded} embedded now"
    state = "published" if report.published else "ready; publish it with `answerdesk snapshots publish`"
    if report.held:
        state = "waiting for review; `answerdesk snapshots publish --anyway` publishes it nevertheless"
    lines += [f"Held back: {reason}" for reason in report.held]
    return "\n".join([*lines, f"{changes} ({size}).", f"Snapshot {report.snapshot_id}: {state}."])
