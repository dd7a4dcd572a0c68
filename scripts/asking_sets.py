"""Asks the questions of sets with known answers through whole turns, and keeps what each decision was made from.

    python -m scripts.asking_sets ../shared/data/retrieval ROWS.jsonl [--questions 600]

Each set is ingested without the documents that were taken out, and its questions, joined by strangers from the other
sets, go through whole turns of the extractive model. Everything that can be written is written, whatever the policy
thinks of it, so that any policy can be tried on the rows afterwards. Beside the sets stand the help centres of invented
companies that no model of ours is trained on, and the bots of hint3, each a knowledge base of its own. An entry of
those is what customers say, and a message outside their scope has no entry.
"""

import argparse
import asyncio
import json
import random
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.answering.deciding.basis import Basis
from app.insight.datasets import read_judgements, read_removed
from app.settings import Settings, load_settings
from app.wiring import open_application
from ingest.orders import Order
from ingest.workshop import workshop
from scripts.train_reader.written import help_centres

SETS = ("feedbackqa", "stackfaq", "clapnq", "bitwarden_help")
HELP_CENTRES, BOTS = "help_centres", "hint3"
STRANGERS = 0.25  # of a set's questions are joined by that many from other sets
SEED = 11


@dataclass(frozen=True, slots=True)
class Asked:
    """One turn: what it was decided from, what it cites, which documents answer, and whether any does.

    `question` and `answer` are the texts, for whoever is to judge them by reading.
    """

    set: str
    id: str
    basis: Basis
    cited: tuple[str, ...]
    gold: tuple[str, ...]
    answerable: bool
    stranger: bool = False
    question: str = ""
    answer: str = ""

    @property
    def right(self) -> bool:
        """Whether it cites a document that people marked as answering: the strict count."""
        return not set(self.gold).isdisjoint(self.cited)

    @property
    def kind(self) -> str:
        """Whether the knowledge base holds what is asked for by the set's label, or something near, or nothing."""
        return "strange" if self.stranger else "held" if self.answerable else "near"

    @property
    def counts(self) -> bool:
        """Whether its quality decides, and not the message: a wish for a person, or small talk."""
        return not (self.basis.intent.wants_person or self.basis.intent.small_talk)

    def json(self) -> dict[str, Any]:
        """As it is kept."""
        names = ("set", "id", "cited", "gold", "answerable", "stranger", "question", "answer")
        return {name: getattr(self, name) for name in names} | {"basis": self.basis.json()}

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Asked":
        """From what `json` gave."""
        lists = {name: tuple(stored[name]) for name in ("cited", "gold")}
        return cls(**stored | lists | {"basis": Basis.of(stored["basis"])})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what is known of it."""

    id: str
    text: str
    gold: tuple[str, ...] = ()
    answerable: bool = False
    stranger: bool = False


def main() -> None:
    """Ask everything, and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--questions", type=int, default=600)
    given = parser.parse_args()
    with given.rows.open("w", encoding="utf-8") as out:
        for name, questions, folder in places(given.folder, given.questions):
            rows = asyncio.run(asked(folder, name, questions))
            out.writelines(json.dumps(row.json(), ensure_ascii=False) + "\n" for row in rows)
            out.flush()
            print(f"{folder.name}: {sum(row.right for row in rows)} of {len(rows)} cite what answers", flush=True)


def read_rows(path: Path) -> list[Asked]:
    """What was kept."""
    return [Asked.of(json.loads(line)) for line in _lines(path)]


def places(folder: Path, most: int) -> Iterator[tuple[str, list[Question], Path]]:
    """(name, questions, folder) of each knowledge base that is asked; help centres and bots have one name together."""
    for name in SETS:
        yield name, [*_own(folder / name, most), *_strangers(folder, name, most)], folder / name
    with tempfile.TemporaryDirectory() as place:
        centres = list(help_centres(Path(place)))
        for centre in centres:
            yield HELP_CENTRES, _own(centre, most // len(centres)), centre
        bots = list(_bots(folder / BOTS, Path(place)))
        for bot in bots:
            yield BOTS, _own(bot, most // len(bots)), bot


async def asked(folder: Path, name: str, questions: Sequence[Question]) -> list[Asked]:
    """These questions through whole turns."""
    with tempfile.TemporaryDirectory() as place:
        settings = load_settings(
            data_dir=Path(place), database_url=None, chroma_url=None, pgvector_url=None, redis_url=None, model=()
        )
        names = await _ingested(settings, folder, Path(place))
        return [row async for row in _turns(settings, name, questions, names)]


async def _ingested(settings: Settings, folder: Path, place: Path) -> dict[str, str]:
    removed = read_removed(folder)
    kept = [line for line in _lines(folder / "corpus.jsonl") if json.loads(line)["id"] not in removed]
    (place / "corpus.jsonl").write_text("\n".join(kept), encoding="utf-8")
    async with workshop(settings) as (ingestion, workspace_id):
        await ingestion.ingest(Order(workspace_id, "corpus", [str(place / "corpus.jsonl")]))
        snapshots = ingestion.library.snapshots
        members = await snapshots.members(workspace_id, await snapshots.published_id(workspace_id))
        return {member.document_id: member.external_id.partition("#")[2] for member in members}


async def _turns(
    settings: Settings, name: str, questions: Sequence[Question], names: dict[str, str]
) -> AsyncIterator[Asked]:
    application = await open_application(settings)
    try:
        everything = {"caveat_from": 0.0}
        await application.judgement.policies.change(application.workspace_id, everything, "asking_sets", None)
        for one in questions:
            said = await application.ask_once(one.text)
            record: dict[str, Any] = (await application.conversations.turn(said["turn_id"]))["record"]
            cited = tuple(dict.fromkeys(names[citation["document_id"]] for citation in said["citations"]))
            basis = Basis.of(record["basis"])
            yield Asked(name, one.id, basis, cited, one.gold, one.answerable, one.stranger, one.text, said["text"])
    finally:
        await application.close()


def _bots(folder: Path, place: Path) -> Iterator[Path]:
    """hint3 with each bot apart, and every entry of a message's intent as its answer."""
    entries, asked = (list(map(json.loads, _lines(folder / name))) for name in ("corpus.jsonl", "queries.jsonl"))
    for bot in dict.fromkeys(row["source"] for row in entries):
        (place / bot).mkdir()
        own = [row for row in entries if row["source"] == bot]
        messages = [row for row in asked if row["source"] == bot]
        of = [(row["id"], one["id"], 1) for row in messages for one in own if one["intent"] == row["intent"]]
        for name, rows in (("corpus.jsonl", own), ("queries.jsonl", messages)):
            (place / bot / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        judged = [("query-id", "corpus-id", "score"), *of]
        (place / bot / "qrels.tsv").write_text("".join("\t".join(map(str, row)) + "\n" for row in judged))
        yield place / bot


def _own(folder: Path, most: int) -> list[Question]:
    removed, judged = read_removed(folder), read_judgements(folder / "qrels.tsv")
    rows = [json.loads(line) for line in _lines(folder / "queries.jsonl")]
    random.Random(SEED).shuffle(rows)  # noqa: S311  # a sample, not a secret
    return [_question(row, tuple(sorted(set(judged.get(row["id"], {})) - removed))) for row in rows[:most]]


def _question(row: dict[str, Any], gold: tuple[str, ...]) -> Question:
    """Whether anything answers, is what the set says, and else whether a judged document is left."""
    answerable = bool(row.get("answerable_after_removal", row.get("answerable", True) and gold))
    return Question(row["id"], row["text"], gold, answerable)


def _strangers(folder: Path, name: str, most: int) -> list[Question]:
    rows = [
        (f"{other}:{row['id']}", row["text"])
        for other in SETS[:3]
        if other != name
        for row in map(json.loads, _lines(folder / other / "queries.jsonl"))
    ]
    count = int(STRANGERS * min(most, sum(1 for _ in _lines(folder / name / "queries.jsonl"))))
    return [Question(*row, stranger=True) for row in random.Random(SEED).sample(rows, count)]  # noqa: S311  # a sample


def _lines(path: Path) -> Iterator[str]:
    return (line for line in path.read_text(encoding="utf-8").split("\n") if line.strip())


if __name__ == "__main__":
    main()
