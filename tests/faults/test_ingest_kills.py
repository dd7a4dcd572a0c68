"""kill -9 at random moments of ingest runs, in each stage: what is published answers, and nothing is left over.

`FAULT_INGEST_KILLS` sets how often (14 in an ordinary run, 200 by `make faults`); the seed is printed and can be set.
"""

import asyncio
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.workshop import workshop
from tests.faults.nursery import MARK, settings_of
from tests.serving import ROOT

KILLS = int(os.environ.get("FAULT_INGEST_KILLS", "14"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
OVER = ("ended", "killed")
STAGES = ("fetch", "parse", "screen", "split", "embed", "index", "check")
ARTICLES = 20
EDITION = re.compile(r"edition (\d+)")


@dataclass
class Nursery:
    """Runs that may be killed."""

    data: Path
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        words = [sys.executable, "-m", "tests.faults.nursery", str(self.data)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(words, cwd=ROOT, **pipes)  # type: ignore[call-overload]  # of text

    def begin(self, folder: Path) -> int:
        """Start a run over this folder; the number of its process."""
        assert self.process.stdin
        self.process.stdin.write(f"{folder}\n")
        self.process.stdin.flush()
        return int(next(self.told()).removeprefix("pid "))

    def told(self) -> Iterator[str]:
        """The stages of the run under way, and at last how it ended."""
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith(MARK):
                yield line.strip().removeprefix(MARK)
            if line.strip().endswith(OVER):
                return

    def close(self) -> None:
        """Nothing more is run."""
        self.process.communicate()


@pytest.mark.timeout(120 + 10 * KILLS)
def test_a_killed_run_leaves_what_is_published_and_the_next_one_makes_it_whole(tmp_path: Path) -> None:
    data, folder, chance = tmp_path / "data", tmp_path / "articles", random.Random(SEED)  # noqa: S311  # moments, not secrets
    nursery = Nursery(data)
    lengths = _whole(nursery, folder, 0)
    published, edition, struck = 0, 0, Counter[str]()
    while struck.total() < KILLS:
        edition += 1
        _write(folder, edition)
        stage = STAGES[edition % len(STAGES)]
        struck.update(_killed(nursery, folder, stage, chance.uniform(0, lengths[stage])))
        answered = asyncio.run(_answered(data))
        assert len(answered) == 1, f"seed {SEED}, run {edition}: a search saw editions {answered}"
        assert published <= min(answered) <= edition
        published = min(answered)
    _whole(nursery, folder, edition + 1)
    nursery.close()
    _whole(clean := Nursery(tmp_path / "clean"), folder, edition + 1)
    clean.close()
    print(f"\n{KILLS} of {edition} runs were killed, seed {SEED}, last seen in: {dict(struck)}")
    assert asyncio.run(_answered(data)) == {edition + 1}
    assert _passages(data) == _passages(tmp_path / "clean")
    assert _left_over(data) == []
    assert len(STAGES) > KILLS or len(struck) > len(STAGES) // 2, "the kills met few of the stages"


def _whole(nursery: Nursery, folder: Path, edition: int) -> dict[str, float]:
    """A run to its end; the seconds of each stage."""
    _write(folder, edition)
    nursery.begin(folder)
    moments = [(stage, time.monotonic()) for stage in nursery.told()]
    assert [stage for stage, _ in moments] == [*STAGES, "ended"]
    return {stage: later - moment for (stage, moment), (_, later) in pairwise(moments)}


def _killed(nursery: Nursery, folder: Path, stage: str, after_s: float) -> list[str]:
    """Kill a run so long after it came to this stage; the last stage that it told of, unless it was over before."""
    number, seen = nursery.begin(folder), list[str]()
    for told in nursery.told():
        seen.append(told)
        if told == stage:
            time.sleep(after_s)
            os.kill(number, signal.SIGKILL)
    return seen[-2:-1] if seen[-1] == "killed" else []


def _write(folder: Path, edition: int) -> None:
    folder.mkdir(exist_ok=True)
    for at in range(ARTICLES):
        said = f"The code of article {at} in edition {edition} is {edition * 1000 + at}."
        (folder / f"article-{at}.md").write_text(f"# Article {at}\n\n{said}\n\n## More\n\nThis is edition {edition}.\n")


async def _answered(data: Path) -> set[int]:
    """The editions that one search of the published snapshot finds."""
    async with workshop(settings_of(data)) as (ingestion, workspace_id):
        library = ingestion.library
        found = await library.search(workspace_id, "What is the code of an article?", ARTICLES)
        assert found.snapshot_id == await library.snapshots.published_id(workspace_id)
        assert len(found.hits) == ARTICLES
        assert await library.degraded(workspace_id) is None
    return {int(edition) for hit in found.hits for edition in EDITION.findall(hit.passage.text)}


def _passages(data: Path) -> list[tuple[object, ...]]:
    """What the published snapshot holds: each passage with its document, place, text hash and vector."""
    return _rows(
        data,
        """SELECT document.external_id, passage.heading, passage.start, passage."end", passage.hash, vector.numbers
        FROM publication JOIN snapshot ON snapshot.id = publication.snapshot_id
        JOIN snapshot_member ON snapshot_member.snapshot_id = snapshot.id
        JOIN document ON document.id = snapshot_member.document_id
        JOIN passage ON passage.document_id = document.id AND passage.version = snapshot_member.version
        JOIN vector ON vector.hash = passage.hash AND vector.fingerprint = snapshot.fingerprint
        ORDER BY 1, 3""",
    )


def _left_over(data: Path) -> list[str]:
    """Whatever belongs to no whole snapshot: files, indexes, vectors, and snapshots that are still being built."""
    whole = {str(row[0]) for row in _rows(data, "SELECT id FROM snapshot WHERE state = 'ready'")}
    folders = [path.name for path in (data / "snapshots").iterdir() if path.name not in whole]
    halves = [str(path) for path in data.rglob("*.tmp")]
    building = "SELECT id FROM snapshot WHERE state = 'building'"
    artefacts = "SELECT snapshot_id FROM snapshot_artefact WHERE snapshot_id NOT IN (SELECT id FROM snapshot)"
    vectors = "SELECT hash FROM vector WHERE hash NOT IN (SELECT hash FROM passage)"
    rows = [str(row[0]) for query in (building, artefacts, vectors) for row in _rows(data, query)]
    return folders + halves + rows


def _rows(data: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "answerdesk.db")) as database:
        return database.execute(query).fetchall()
