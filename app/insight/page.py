"""The page of an evaluation: one table a topic, with intervals, and the drawings beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from app.insight.drawing import reliability_diagram, risk_coverage_curve
from app.insight.figures import Figure, reliability, risk_coverage

TABLES = (
    ("Retrieval", ("ndcg@10", "recall@5", "mrr@10")),
    ("Decision", ("auroc", "coverage_at_80", "coverage_at_90", "coverage_at_95", "calibration_error", "brier")),
    ("Answers", ("rightly_decided", "citation_precision", "citation_recall", "unsupported_shown")),
)
DECISIONS = ("answer", "caveat", "clarify", "offer", "escalate")
Ends = Mapping[str, Mapping[str, tuple[int, int]]]
"""By set and decision: how many questions with an answer ended so, and how many without one."""
BY_HAND = "## Measured by other commands"
"""What stands from here on in the page is kept when it is written anew."""
_ABOUT = """# Evaluation

Written by `make eval`, from question sets with known answers beside the checkout. Each set is ingested without the
documents that were taken out, so that some questions have no answer; then every question goes through a whole turn.
Values stand with their 95 % interval (bootstrap over questions). Retrieval counts questions whose document is left.
A decision is right when the bot answers what the knowledge base holds, and does not answer what it does not hold.
The probabilities are those of the calibration that ships with the product, made of answers to three of these sets and
to help centres that were read one by one, and for a site whose articles hold what three of four questions ask for. The
label here is the set's own, which misses many answers (55 % of what feedbackqa calls unanswerable is answered
elsewhere): that is most of the calibration error. A site's own verdicts replace it.
"""


def write_page(
    target: Path,
    figures: Mapping[str, Mapping[str, Figure]],
    ends: Ends,
    points: Mapping[str, Sequence[tuple[float, bool]]],
    rest: Mapping[str, str],
) -> None:
    """Write the page, and the drawings into a folder of its name. `rest`: a sentence on each set, in Markdown."""
    folder = target.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    parts = [_ABOUT, *(_table(title, names, figures) for title, names in TABLES), _ended(ends)]
    for name, seen in points.items():
        drawings = {
            "reliability": reliability_diagram(reliability(seen), f"{name}: foreseen and true"),
            "risk": risk_coverage_curve(risk_coverage(seen), f"{name}: risk and coverage"),
        }
        for kind, drawing in drawings.items():
            (folder / f"{name}-{kind}.svg").write_text(drawing, encoding="utf-8")
        pictures = " ".join(f"![{name}, {kind}]({folder.name}/{name}-{kind}.svg)" for kind in drawings)
        parts.append(f"## {name}\n\n{rest[name]}\n\n{pictures}\n")
    target.write_text("\n".join([*parts, *_by_hand(target)]), encoding="utf-8")


def _by_hand(target: Path) -> list[str]:
    before = target.read_text(encoding="utf-8") if target.exists() else ""
    _, mark, kept = before.partition(BY_HAND)
    return [mark + kept] if mark else []


def _table(title: str, names: Sequence[str], figures: Mapping[str, Mapping[str, Figure]]) -> str:
    cells = {one: " | ".join(_cell(found.get(name)) for name in names) for one, found in figures.items()}
    rows = [f"| {one} | {cell} |" for one, cell in cells.items()]
    head = f"| set | {' | '.join(names)} |\n|---|{'---|' * len(names)}"
    return f"## {title}\n\n{head}\n" + "\n".join(rows) + "\n"


def _ended(ends: Ends) -> str:
    """Two rows a set: what became of questions with an answer, and of those without one."""
    rows = [
        f"| {one}, {kind} | " + " | ".join(_share(found, name, place) for name in DECISIONS) + " |"
        for one, found in ends.items()
        for place, kind in enumerate(("with an answer", "without one"))
    ]
    head = f"| questions | {' | '.join(DECISIONS)} |\n|---|{'---|' * len(DECISIONS)}"
    return f"## How questions ended\n\n{head}\n" + "\n".join(rows) + "\n"


def _share(found: Mapping[str, tuple[int, int]], name: str, place: int) -> str:
    whole = sum(counts[place] for counts in found.values())
    return f"{found[name][place] / whole:.0%}" if whole else "–"


def _cell(figure: Figure | None) -> str:
    return str(figure) if figure else "–"
