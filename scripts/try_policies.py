"""How questions end under the shipped calibration: plainly, with a caveat, with a question back, or at a person.

    python -m scripts.try_policies ROWS.jsonl [--max-wrong 0.05 …]

ROWS come from `python -m scripts.asking_sets`. For each set and policy: how the questions that have an answer end, how
those without one and strangers do, and which share of the plain answers and of those with a caveat is wrong: by
reading (`scripts/judged_answers.py`), and `strict`, where only an answer that cites the judged document is right.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from app.answering.deciding.labels import as_if_written
from app.answering.deciding.outcomes import conclude, may_show
from app.answering.deciding.policy import Policy, rules_of
from app.answering.deciding.rules import Rules
from app.answering.deciding.shipped import shipped
from scripts.asking_sets import Asked, read_rows
from scripts.judged_answers import right

DECISIONS = ("answer", "caveat", "clarify", "offer", "escalate")
SHOWN = ("answer", "caveat")


def main() -> None:
    """One table a set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--max-wrong", type=float, nargs="+", default=[0.05])
    given = parser.parse_args()
    rows = read_rows(given.rows)
    rules = dict(policies(given.max_wrong))
    print(
        "| set, policy | with an answer: "
        + " | ".join(DECISIONS)
        + " | without one: shown | strangers: shown | wrong: plain | caveat |"
    )
    for name in dict.fromkeys(row.set for row in rows):
        for policy, standing in rules.items():
            print(f"| {name}, {policy} | {line([row for row in rows if row.set == name], standing)} |")


def policies(shares: Sequence[float]) -> Iterator[tuple[str, Rules]]:
    """One for each share."""
    for share in shares:
        rules = rules_of(Policy(max_wrong=share), 0, shipped())
        yield f"{share:.0%} (from {rules.answer_from:.2f})", rules


def line(rows: Sequence[Asked], rules: Rules) -> str:
    """The cells of one row."""
    ended = [(ends(row, rules), row) for row in rows]
    known = Counter(name for name, row in ended if row.answerable)
    others = [[name for name, row in ended if row.kind == kind] for kind in ("near", "strange")]
    shares = [f"{known[name] / max(1, known.total()):.0%}" for name in DECISIONS]
    shown = [f"{sum(name in SHOWN for name in names) / max(1, len(names)):.0%}" for names in others]
    wrong = [_wrong([row for name, row in ended if name == kind]) for kind in SHOWN]
    return " | ".join([*shares, *shown, *wrong])


def ends(row: Asked, rules: Rules) -> str:
    """What this turn becomes. What the rules would not have had written is written in the rows, so it is taken out."""
    basis = row.basis
    if not may_show(basis, rules):
        basis = replace(basis, written=False, sentences=())
    elif not basis.written:
        basis = as_if_written(basis)
    return conclude(basis, rules).name


def _wrong(rows: Sequence[Asked]) -> str:
    if not rows:
        return "–"
    read, strict = (1 - sum(one) / len(rows) for one in ([right(row) for row in rows], [row.right for row in rows]))
    return f"{read:.0%}, {strict:.0%} strict, of {len(rows)}"


if __name__ == "__main__":
    main()
