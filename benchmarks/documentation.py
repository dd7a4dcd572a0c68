"""A tree of real documentation through every loader: what came of each format, and why files were refused.

`python -m benchmarks.documentation [EACH] [FOLDER…]`: the articles of bitwarden_help as Markdown files, and of every
format up to EACH more files (default 150) of the documentation that is installed on this machine, or lies in these
folders. Vectors are hashed: embedding is measured elsewhere. Ends with 1 when a file was refused without a reason.
"""

import asyncio
import json
import os
import re
import shutil
import sys
import sysconfig
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.knowledge.embedding.hashing import HashEmbedder
from benchmarks.ingesting import opened
from ingest.orders import Order, Report
from ingest.pipeline import Ingestion

EACH = 150
FORMATS = tuple(".md .rst .adoc .html .htm .txt .pdf .docx .pptx .xlsx .epub .eml .csv .srt .vtt .zip".split())
PLACES = ("/usr/share", "/usr/lib", "/opt", sysconfig.get_path("purelib"))
SET = Path("data", "retrieval", "bitwarden_help", "corpus.jsonl")
LARGEST = 25_000_000
SHOWN = 3
"""Refused files that are named for each reason."""


def main() -> int:
    """A row for each format, then the reasons for what was refused."""
    each = int(sys.argv[1]) if len(sys.argv) > 1 else EACH
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "tree"
        counts = laid_out(folder, each, [Path(one) for one in sys.argv[2:] or PLACES])
        for ending in FORMATS:
            if not counts[ending]:
                print(f"NOT COVERED: this machine has no {ending} file")
        return asyncio.run(_ingested(Path(place) / "data", folder, counts))


def laid_out(folder: Path, each: int, places: Iterable[Path]) -> Counter[str]:
    """Copy the files into one folder, one below it for each format; how many there are of each."""
    counts = Counter[str]()
    for number, (ending, path) in enumerate(_found(places)):
        if counts[ending] < each:
            counts[ending] += 1
            target = folder / ending[1:] / f"{number}-{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    counts[".md"] += _articles(folder / "bitwarden_help")
    return counts


def _found(places: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """The files of our formats in these places, whoever may read them; of links and copies only one."""
    seen = set[tuple[str, int]]()
    for place in places:
        for root, folders, names in os.walk(place):
            folders.sort()
            for path in (Path(root, name) for name in sorted(names)):
                ending = path.suffix.lower()
                if ending in FORMATS and path.is_file() and os.access(path, os.R_OK):
                    size = path.stat().st_size
                    if 0 < size <= LARGEST and (path.name, size) not in seen:
                        seen.add((path.name, size))
                        yield ending, path


def _articles(folder: Path) -> int:
    """The articles of the set as files; none, and a loud line, where the set is not at hand."""
    corpus = Path(os.environ.get("ANSWERDESK_SHARED", Path(__file__).parents[2] / "shared")) / SET
    if not corpus.is_file():
        print(f"NOT COVERED: no {corpus}; set ANSWERDESK_SHARED")
        return 0
    folder.mkdir(parents=True)
    articles = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    for one in articles:
        name = re.sub(r"\W+", "-", str(one["id"]))[:150]
        (folder / f"{name}.md").write_text(f"# {one['title']}\n\n{one['text']}\n", encoding="utf-8")
    return len(articles)


async def _ingested(data: Path, folder: Path, counts: Counter[str]) -> int:
    async with opened(data, HashEmbedder()) as (ingestion, workspace_id):
        began = time.perf_counter()
        report = await ingestion.ingest(Order(workspace_id, "documentation", [str(folder)]))
        seconds = time.perf_counter() - began
        passages = await _passages(ingestion, workspace_id, report)
    outcomes = Counter((_ending(item.name), item.outcome) for item in report.items)
    print(f"{'format':<8}{'files':>8}{'documents':>11}{'passages':>10}{'refused':>9}")
    for ending in sorted(counts):
        documents, refused = outcomes[ending, "added"], outcomes[ending, "failed"]
        print(f"{ending:<8}{counts[ending]:>8,}{documents:>11,}{passages[ending]:>10,}{refused:>9,}")
    print(f"{counts.total():,} files, {passages.total():,} passages, {report.counts.failed} refused, {seconds:.0f} s")
    return _reasons(report)


async def _passages(ingestion: Ingestion, workspace_id: str, report: Report) -> Counter[str]:
    snapshots = ingestion.library.snapshots
    members = await snapshots.members(workspace_id, report.snapshot_id)
    endings = {member.document_id: _ending(member.external_id) for member in members}
    found = await snapshots.passages(await snapshots.get(workspace_id, str(report.snapshot_id)))
    return Counter(endings[passage.document_id] for passage in found)


def _reasons(report: Report) -> int:
    """Why files were refused, each reason with some of them; 1 when one has none."""
    reasons = defaultdict[str, list[str]](list)
    for item in report.items:
        if item.outcome == "failed":
            reasons[item.detail].append(item.name)
    for reason, names in sorted(reasons.items(), key=lambda one: -len(one[1])):
        print(f"{len(names):>5}  {reason or 'NO REASON'}  ({', '.join(names[:SHOWN])})")
    return int("" in reasons)


def _ending(name: str) -> str:
    """Of the file that a document came from: that of an archive for what lies in it."""
    return Path(re.split(r"#|(?<=\.zip)/", name, maxsplit=1)[0]).suffix.lower()


if __name__ == "__main__":
    sys.exit(main())
