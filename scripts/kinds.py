"""Measures messages of the kinds that a support desk gets: e-mails, the last message of a talk, answers to be checked.

    python -m scripts.kinds

`docs/evaluation/kinds` holds them, written passage by passage by a language model over the help centres of invented
companies: e-mails and talks over the eight from which no model of ours learnt, one of four and of five without an
answer, and answers in a model's own words, half of which say something that no passage says. What a person would have
asked stands beside the last message of each talk.
"""

import asyncio
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.answering.understanding.completing import Completion
from app.answering.understanding.finding import Search, understand
from app.answering.understanding.rewriting import standalone
from app.conversations.types import Begun, Utterance
from app.insight.answers import auroc
from app.insight.checks import grounding
from app.insight.retrieval import metrics
from app.knowledge.reading import open_readers
from app.knowledge.reranking import ClaimReader
from app.knowledge.types import Found
from app.language import sentences
from app.settings import load_settings
from app.wiring import Application, open_application
from ingest.measuring import names_of
from ingest.orders import Order
from ingest.workshop import workshop
from scripts.train_reader.mining import rows
from scripts.train_reader.written import WRITTEN, help_centres

PLACE = Path(__file__).resolve().parents[1] / "docs" / "evaluation" / "kinds"
SPEAKERS = {"user": "customer", "assistant": "bot"}
Row = Mapping[str, Any]
Ranked = dict[str, dict[str, list[str]]]
"""By the way of asking, for each message the documents found."""


def main() -> None:
    """The answers; then one line a way of asking, and one for the whole turns of each kind."""
    print(json.dumps({"answers": {"by words": answers(None), "and read": answers(_reader())}}))
    ranked: Ranked = defaultdict(dict)
    told = dict[str, tuple[float, bool, bool]]()
    with tempfile.TemporaryDirectory() as place:
        for centre in help_centres(Path(place)):
            asyncio.run(ask(centre, ranked, told))
    judged = {row["id"]: {row["of"]: 1} for name in ("emails", "talks") for row in kept(name) if row["of"]}
    for way, found in ranked.items():
        print(json.dumps({way: metrics({id_: judged[id_] for id_ in found if id_ in judged}, found)}))
    for kind in ("mail", "talk"):
        points = [row for name, row in told.items() if f"-{kind}-" in name]
        print(json.dumps({f"{kind}, whole turns": decided(points)}))


async def ask(centre: Path, ranked: Ranked, told: dict[str, tuple[float, bool, bool]]) -> None:
    """Every message of one help centre: searched, and through whole turns."""
    with tempfile.TemporaryDirectory() as place:
        settings = load_settings(
            data_dir=Path(place), database_url=None, chroma_url=None, pgvector_url=None, redis_url=None, model=()
        )
        async with workshop(settings) as (ingestion, workspace_id):
            await ingestion.ingest(Order(workspace_id, "corpus", [str(centre / "corpus.jsonl")]))
            names = await names_of(ingestion.library, workspace_id)
        application = await open_application(settings)
        try:
            for row in (one for kind in ("emails", "talks") for one in kept(kind) if one["company"] == centre.name):
                for way, found in (await _searched(application, row)).items():
                    ranked[way][row["id"]] = _documents(found, names)
                told[row["id"]] = await _turn(application, row, names)
        finally:
            await application.close()


def decided(points: list[tuple[float, bool, bool]]) -> dict[str, float]:
    """How well probabilities tell what has an answer and what was answered from the right passage."""
    answerable = auroc([(probability, has) for probability, has, _ in points])
    right = auroc([(probability, right) for probability, _, right in points])
    cited = sum(right for _, _, right in points) / sum(has for _, has, _ in points)
    return {"auroc": round(answerable, 3), "auroc_right": round(right, 3), "cites_the_passage": round(cited, 3)}


@dataclass(frozen=True, slots=True)
class OwnWords:
    """A sentence of an answer in a model's own words, the passages it was written from, and whether they carry it."""

    text: str
    passages: tuple[str, ...]
    carried: bool


def own_words() -> Iterator[OwnWords]:
    """Every sentence of the answers."""
    said = _passages()
    for row in kept("answers"):
        for span in sentences(row["answer"]):
            wrong = any(one["text"] in span.text or span.text in one["text"] for one in row["spans"])
            yield OwnWords(span.text, tuple(said[one] for one in row["passages"]), not wrong)


def answers(reader: ClaimReader | None) -> dict[str, float]:
    """How well the sentence check tells answers that are carried from those that are not."""
    said = _passages()
    judged = kept("answers")
    asked = [
        {"id": row["id"], "passages": [said[one] for one in row["passages"]], "answer": row["answer"]} for row in judged
    ]
    checked = [grounding(row, reader) for row in asked]
    points = [(one["score"], bool(row["grounded"])) for one, row in zip(checked, judged, strict=True)]
    sentences = [
        (one, not any(span["text"] in one["text"] or one["text"] in span["text"] for span in row["spans"]))
        for result, row in zip(checked, judged, strict=True)
        for one in result["sentences"]
    ]
    true, false = ([one for one, carried in sentences if carried is wanted] for wanted in (True, False))
    by_sentence = auroc([(one["score"], carried) for one, carried in sentences])
    return {
        "answers": len(judged), "auroc": round(auroc(points), 3),
        "sentences": len(sentences), "auroc_of_sentences": round(by_sentence, 3),
        "dropped_of_true": _dropped(true), "noticed_of_false": _dropped(false),
    }  # fmt: skip


def _passages() -> dict[str, str]:
    return {row["id"]: row["text"] for file in (WRITTEN / "companies").glob("*.jsonl") for row in rows(file)}


def _reader() -> ClaimReader | None:
    settings = load_settings()
    return open_readers(settings.reader, settings.model_dir).claims


def kept(name: str) -> list[dict[str, Any]]:
    """The rows of one kind."""
    return [json.loads(line) for line in (PLACE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


async def _searched(application: Application, row: Row) -> dict[str, Found]:
    search, workspace_id = application.library.search, application.workspace_id
    if "turns" not in row:
        mail = _mail(row)
        return {
            "e-mail, as it was written": await search(workspace_id, mail),
            "e-mail, as it is understood": await _understood(mail, (), search, workspace_id),
        }
    last, history = row["turns"][-1]["text"], _history(row)
    return {
        "last message": await search(workspace_id, last),
        "completed by rules": await search(workspace_id, standalone(last, history)),
        "as it is understood": await _understood(last, history, search, workspace_id),
        "as a person would ask": await search(workspace_id, row["rewrite"]),
    }


async def _understood(text: str, history: tuple[Utterance, ...], search: Search, workspace_id: str) -> Found:
    begun = Begun(workspace_id, "", "", None, None, (), text, history)
    return (await understand(begun, search, Completion())).found


async def _turn(application: Application, row: Row, names: Mapping[str, str]) -> tuple[float, bool, bool]:
    """(probability, whether there is an answer, whether the passage is cited) of a whole turn."""
    text, history = (row["turns"][-1]["text"], _history(row)) if "turns" in row else (_mail(row), ())
    conversation = await application.conversations.open(
        application.workspace_id, token_hash=row["id"], token_days=1, history=history
    )
    begun = await application.assistant.hear(conversation, text)
    await asyncio.gather(*application.assistant.running.values())
    turn = await application.conversations.turn(str(begun.turn_id))
    said = (await application.conversations.view(conversation))["messages"][-1]
    cited = {names[one["document_id"]] for one in said["citations"]}
    return float(turn["record"]["decision"]["probability"]), bool(row["of"]), row["of"] in cited


def _dropped(sentences: Sequence[Mapping[str, Any]]) -> float:
    return round(sum(not one["supported"] for one in sentences) / len(sentences), 3)


def _mail(row: Row) -> str:
    return f"{row['subject']}\n\n{row['text']}"


def _history(row: Row) -> tuple[Utterance, ...]:
    return tuple(Utterance(SPEAKERS[one["role"]], one["text"]) for one in row["turns"][:-1])


def _documents(found: Found, names: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(names[hit.passage.document_id] for hit in found.hits))


if __name__ == "__main__":
    main()
