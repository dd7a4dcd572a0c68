"""Makes the calibration that ships with the product: what its scores were worth on questions with known answers.

    python scripts/fit_calibration.py ../shared/data/retrieval [--questions 600]

Each set is ingested without the documents that were taken out, and its questions, joined by strangers from the other
sets, go through whole turns of the extractive model. A turn is right when it cites a document that people marked as
answering. Only scores and outcomes are shipped, no text; bitwarden_help, which may not be published, is left out.
To be run again whenever the signals or weights of `app/answering/decision.py` change.
"""

import argparse
import asyncio
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.answering.deciding.basis import Basis
from app.answering.deciding.calibrating import isotonic
from app.answering.deciding.labels import score_of
from app.answering.deciding.shipped import PLACE
from app.answering.decision import fingerprint
from app.insight.datasets import read_judgements, read_removed
from app.settings import Settings, load_settings
from app.wiring import open_application
from ingest.orders import Order
from ingest.workshop import workshop

SETS = ("feedbackqa", "stackfaq", "clapnq")
STRANGERS = 0.25  # of a set's questions are joined by that many from other sets
SEED = 11
Question = tuple[str, frozenset[str]]
Scored = list[tuple[float, bool]]


def main() -> None:
    """Measure, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=600)
    given = parser.parse_args()
    measured = {name: asyncio.run(measure(given.folder, name, given.questions)) for name in SETS}
    every = [pair for scored in measured.values() for pair in scored]
    told = {"weights": fingerprint(), "curve": isotonic(every).json()}
    sets = {
        name: {"right": _scores(scored, wanted=True), "wrong": _scores(scored, wanted=False)}
        for name, scored in measured.items()
    }
    PLACE.write_text(json.dumps(told | {"sets": sets}) + "\n", encoding="utf-8")
    print(f"{sum(label for _, label in every)} of {len(every)} answers behind {PLACE} are right.")


def _scores(scored: Scored, *, wanted: bool) -> list[float]:
    return [round(score, 4) for score, label in sorted(scored) if label is wanted]


async def measure(folder: Path, name: str, wanted: int) -> Scored:
    """The score and the outcome of every question of a set."""
    chosen = [*_own(folder / name, wanted), *_strangers(folder, name, wanted)]
    with tempfile.TemporaryDirectory() as place:
        settings = load_settings(
            data_dir=Path(place), database_url=None, chroma_url=None, pgvector_url=None, redis_url=None, model=()
        )
        names = await _ingested(settings, folder / name, Path(place))
        scored = await _asked(settings, chosen, names)
    print(f"{name}: {sum(label for _, label in scored)} of {len(scored)} right")
    return scored


async def _ingested(settings: Settings, folder: Path, place: Path) -> dict[str, str]:
    removed = read_removed(folder)
    kept = [line for line in _lines(folder / "corpus.jsonl") if json.loads(line)["id"] not in removed]
    (place / "corpus.jsonl").write_text("\n".join(kept), encoding="utf-8")
    async with workshop(settings) as (ingestion, workspace_id):
        await ingestion.ingest(Order(workspace_id, "corpus", [str(place / "corpus.jsonl")]))
        snapshots = ingestion.library.snapshots
        members = await snapshots.members(workspace_id, await snapshots.published_id(workspace_id))
        return {member.document_id: member.external_id.partition("#")[2] for member in members}


async def _asked(settings: Settings, questions: list[Question], names: dict[str, str]) -> Scored:
    application, scored = await open_application(settings), Scored()
    try:
        # Whatever the calibration of now thinks of a question, it is answered here.
        everything = {"caveat_from": 0.0}
        await application.judgement.policies.change(application.workspace_id, everything, "fit_calibration", None)
        for text, gold in questions:
            said = await application.ask_once(text)
            record: dict[str, Any] = (await application.conversations.turn(said["turn_id"]))["record"]
            cited = {names[one["document_id"]] for one in said["citations"]}
            basis = Basis.of(record["basis"])
            if not (basis.intent.wants_person or basis.intent.small_talk):
                scored.append((score_of(basis), bool(cited & gold)))
    finally:
        await application.close()
    return scored


def _own(folder: Path, wanted: int) -> list[Question]:
    removed, judged = read_removed(folder), read_judgements(folder / "qrels.tsv")
    rows = [json.loads(line) for line in _lines(folder / "queries.jsonl")]
    random.Random(SEED).shuffle(rows)  # noqa: S311  # a sample, not a secret
    return [(row["text"], frozenset(judged.get(row["id"], {})) - removed) for row in rows[:wanted]]


def _strangers(folder: Path, name: str, wanted: int) -> list[Question]:
    others = [
        json.loads(line)["text"] for other in SETS if other != name for line in _lines(folder / other / "queries.jsonl")
    ]
    count = int(STRANGERS * min(wanted, sum(1 for _ in _lines(folder / name / "queries.jsonl"))))
    return [(text, frozenset()) for text in random.Random(SEED).sample(others, count)]  # noqa: S311  # a sample


def _lines(path: Path) -> Iterator[str]:
    return (line for line in path.read_text(encoding="utf-8").split("\n") if line.strip())


if __name__ == "__main__":
    main()
