"""How well the sentence check holds, and how long it takes.

    python -m benchmarks.checking [../shared/data/retrieval]

`copies`: sentences of real pages with one thing changed (number, name, negation, unit, contrary), and what is dropped
of those that were copied or lightly reworded. `turns`: a thousand answers of a model that lies, and of one that copies
honestly, written as the product writes them. `judged`: human labels (wice) and human answers (clapnq) beside a passage
that is nearly about the same, and sentences in a model's own words (docs/evaluation/kinds); `elsewhere` is the AUROC
with the shape of the score chosen on the other sets alone. `ANSWERDESK_READER__MODEL=none` measures the words alone.
`time`: milliseconds a sentence on one core, and how much of the core that was.
"""

import argparse
import asyncio
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from app.answering.evidence import Evidence
from app.answering.grounding import check
from app.answering.markers import unmarked
from app.answering.prompt import Voice, answer_prompt
from app.answering.sentencing import Sentence
from app.answering.writing import Answer, write
from app.knowledge.reading import open_readers
from app.knowledge.reranking import ClaimReader
from app.knowledge.types import Passage
from app.language import sentences
from app.llm.types import Model, Options
from app.safety.links import Hosts
from app.safety.redaction import redact
from app.settings import load_settings
from benchmarks.judged_pairs import judged_sets
from tests.answering.perturbing import TOGETHER, perturbed, reworded, samples
from tests.doubles import honest, lying

SETS = ("feedbackqa", "bitwarden_help", "stackfaq", "clapnq")
PAGES, LONGEST = 1200, 1400
TURNS = 1000
PARTS = ("copies", "turns", "judged", "time")
ANY = Hosts.of(["*"])


def main() -> None:
    """One JSON row a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data/retrieval"))
    parser.add_argument("--part", nargs="+", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    folder, settings = given.folder, load_settings()
    reader = open_readers(settings.reader, settings.model_dir).claims
    if not folder.is_dir():
        print(f"NOT MEASURED: no question sets in {folder}")
        return
    pages = {name: _pages(folder / name) for name in SETS}
    every = [page for some in pages.values() for page in some]
    for name, some in pages.items() if "copies" in given.part else ():
        _tell(copies=name, **copies(some, reader))
    for name in ("lying", "honest") if "turns" in given.part else ():
        _tell(model=name, **asyncio.run(turns(name, every, reader)))
    if "judged" in given.part:
        for row in judged_sets(folder, reader):
            _tell(**row)
    if "time" in given.part:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        _tell(time="one sentence", **timed(every, reader), load=[round(one, 1) for one in os.getloadavg()])


def copies(pages: Sequence[Passage], reader: ClaimReader | None) -> dict[str, Any]:
    """What is noticed of each kind of lie, and what is dropped of the truth."""
    chance = Random(3)  # noqa: S311  # a sample, not a secret
    made, noticed, dropped, right = Counter[str](), Counter[str](), Counter[str](), 0
    for words, statement, page in samples(pages):
        evidence, right = replace(words, reader=reader), right + 1
        dropped["copied"] += not _kept(statement, evidence)
        dropped["reworded"] += not _kept(reworded(statement, chance), evidence)
        for lie in perturbed(statement, page, chance):
            made[lie.kind] += 1
            noticed[lie.kind] += not _kept(lie.text, evidence)
    recall = {kind: [round(noticed[kind] / made[kind], 3), made[kind]] for kind in made}
    alarms = {kind: round(dropped[kind] / max(1, right), 3) for kind in ("copied", "reworded")}
    return {"recall": round(noticed.total() / made.total(), 4), "by_kind": recall, "sentences": right, "alarms": alarms}


async def turns(name: str, pages: Sequence[Passage], reader: ClaimReader | None) -> dict[str, Any]:
    """A thousand answers. What is shown counts as supported when some passage of the turn says just that."""
    shown = unsupported = claims = dropped = 0
    for turn in range(TURNS):
        at = turn * TOGETHER % (len(pages) - TOGETHER)
        answer = await _answer(lying(turn) if name == "lying" else honest(), pages[at : at + TOGETHER], reader)
        truths = {_plain(span.text) for page in answer.evidence.passages for span in sentences(page.text)}
        said = [verdict.text for verdict in answer.supported]
        shown, claims = shown + len(said), claims + len(answer.claims)
        unsupported += sum(_plain(text) not in truths for text in said)
        dropped += sum(not verdict.kept for verdict in answer.claims)
    told = {"turns": TURNS, "claims": claims, "shown": shown, "unsupported_shown": unsupported}
    return told | {"dropped_share": round(dropped / max(1, claims), 4)}


def timed(pages: Sequence[Passage], reader: ClaimReader | None) -> dict[str, Any]:
    """Copies, rewordings and lies, checked after everything that was read before is forgotten."""
    chance, taken, used = Random(9), list[float](), list[float]()  # noqa: S311  # a sample, not a secret
    for at in range(0, len(pages) - TOGETHER, TOGETHER):
        six = pages[at : at + TOGETHER]
        evidence = Evidence.of(six, reader=reader)
        for span in sentences(six[0].text)[:4]:
            for text in (
                span.text,
                reworded(span.text, chance),
                *(lie.text for lie in perturbed(span.text, six[0].text, chance)),
            ):
                began, spent = time.perf_counter(), time.process_time()
                check(Sentence(f"{text} [1]"), evidence, ANY)
                used.append(1000 * (time.process_time() - spent))
                taken.append(1000 * (time.perf_counter() - began))
    return {"sentences": len(taken), "wall": _spread(taken), "processor": _spread(used), "target_p95_ms": 150}


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {f"p{part}_ms": round(ordered[int(len(ordered) * part / 100)], 2) for part in (50, 95, 99)}


async def _answer(model: Model, passages: Sequence[Passage], reader: ClaimReader | None) -> Answer:
    question = "How does it work?"
    answer = Answer("turn", Evidence.of(passages, reader=reader), ANY, redact(question))
    prompt = answer_prompt(question, passages, (), "marker", Voice())
    async for _ in write(model, prompt, Options(), answer):
        pass
    return answer


def _kept(text: str, evidence: Evidence) -> bool:
    return check(Sentence(f"{text} [1]"), evidence, ANY).kept


def _pages(folder: Path) -> list[Passage]:
    rows = list(_rows(folder / "corpus.jsonl"))
    Random(1).shuffle(rows)  # noqa: S311  # a sample, not a secret
    cut = [(row["id"], row["title"], row["text"][:LONGEST]) for row in rows[:PAGES]]
    return [Passage(name, name, 1, title, "", "", text, 0, len(text)) for name, title, text in cut]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _plain(text: str) -> str:
    """The words alone, without markers of citations: a source may hold such marks of its own."""
    return " ".join(re.findall(r"\w+", unmarked(text)[0].lower()))


def _tell(**row: Any) -> None:  # noqa: ANN401  # figures of every kind
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
