"""What the settings of the cache are worth, and whether one run is better than another."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.errors import Invalid, Unavailable
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    from app.insight.judged import Case, Opinion


def add_to(evaluations: typer.Typer) -> None:
    """Put these commands under `answerdesk eval`."""
    evaluations.command("cache")(measure_cache)
    evaluations.command("judged")(judge_answers)
    evaluations.command("compare")(compare_runs)


def measure_cache(
    file: Annotated[Path, typer.Argument(help="JSON lines: id, text, asks; what asks the same has the same `asks`.")],
    out: Annotated[Path, typer.Option(help="Where to write what became of each question.")],
    similarity: Annotated[float | None, typer.Option(help="Another cosine than that of the settings.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Look up every question among all others: false hits, hits from another scope, and the share that was found."""
    from app.insight.cached_questions import evaluate_cache
    from app.knowledge.embedding import open_embedder

    settings = load_settings()
    embedder = open_embedder(settings.embed, settings.model_dir)
    least = settings.cache.similarity if similarity is None else similarity
    figures = evaluate_cache(file, out, embedder.embed_questions, least)
    typer.echo(json.dumps(figures) if as_json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


def compare_runs(
    folder: Annotated[Path, typer.Argument(help="The set that was measured, with qrels.tsv and queries.jsonl.")],
    first: Annotated[Path, typer.Argument(help="A TREC run, or rows of `eval answers` (.jsonl).")],
    second: Annotated[Path, typer.Argument(help="Another of the same kind.")],
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Compare two configurations question by question: differences, intervals, and how likely they are by chance."""
    from app.insight.comparing import compare

    found = {name: one.json() for name, one in compare(folder, first, second).items()}
    if as_json:
        typer.echo(json.dumps(found))
        return
    for name, one in found.items():
        apart = one["difference"]
        change = f"{apart['value']:+.3f} ({apart['low']:+.3f} to {apart['high']:+.3f}), p = {one['p']:.3f}"
        typer.echo(f"{name:20} {one['first']:.3f} → {one['second']:.3f}  {change}")


def judge_answers(
    file: Annotated[Path, typer.Argument(help="JSON lines: id, question, answer, passages[].")],
    out: Annotated[Path, typer.Option(help="Where to write the verdicts.")],
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Let the models of the route `judge` say whether answers follow from their passages and answer their questions."""
    from app.insight.judged import figures
    from app.migrations.run import migrate

    cases, settings = _cases(file), load_settings()
    migrate(settings.database)
    given = asyncio.run(_judged(settings, cases))
    rows = [{"id": case.id, **(asdict(one) if one else _NONE), "model": model} for case, (one, model) in given]
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    told = figures([one for _, (one, _) in given])
    typer.echo(json.dumps(told) if as_json else "\n".join(f"{name}: {value}" for name, value in told.items()))


_NONE = {"follows": None, "answers": None, "reason": None}


async def _judged(settings: Settings, cases: "list[Case]") -> "list[tuple[Case, tuple[Opinion | None, str]]]":
    from app.background import open_errands
    from app.insight.judged import Judge
    from app.llm.money.payer import Payer

    async with open_errands(settings) as errands:
        models = tuple(errands.lineups["judge"])
        if not models:
            raise Unavailable("No model can judge. Add a [[model]], and name it under [route.judge].")
        judge = Judge(models, Payer(errands.workspace_id, "judge"))
        return [(case, await judge(case)) for case in cases]


def _cases(file: Path) -> "list[Case]":
    from app.insight.judged import Case

    if not file.is_file():
        raise Invalid(f"{file} does not exist. Give one JSON object a line: id, question, answer, passages.")
    cases = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            row = _row(line, f"{file}, line {number}")
            cases.append(Case(str(row["id"]), row["question"], row["answer"], tuple(row["passages"])))
    return cases


def _row(line: str, place: str) -> dict[str, Any]:
    try:
        row: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise Invalid(f"{place}: this is not JSON ({error.msg}).") from error
    texts = isinstance(row, dict) and all(isinstance(row.get(name), str) for name in ("question", "answer"))
    quoted = row.get("passages") if texts else None
    if "id" not in (row if texts else {}) or not isinstance(quoted, list) or not all(map(_is_text, quoted)):
        raise Invalid(f"{place}: expected an object with id, the texts question and answer, and passages[] of texts.")
    found: dict[str, Any] = row
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str)
