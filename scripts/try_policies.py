"""How questions end under the shipped calibration: plainly, with a caveat, with a question back, or at a person.

    python -m scripts.try_policies ROWS.jsonl [--max-wrong 0.05 …]

ROWS come from `python -m scripts.asking_sets`. For each set and policy: how the questions that have an answer end, how
those without one do, and which share of the plain answers and of those with a caveat is wrong. `strict` counts an
answer as right only when it cites the judged document; `held` also when the set says that the corpus holds an answer.
The first policy of each set is the strictest threshold that the shipped verdicts know, which stood until decision 17.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from app.answering.deciding.labels import as_if_written
from app.answering.deciding.outcomes import conclude, may_show
from app.answering.deciding.policy import Policy, rules_of
from app.answering.deciding.risk import strictest
from app.answering.deciding.rules import Rules
from app.answering.deciding.shipped import shipped
from scripts.asking_sets import Asked, read_rows

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
        "| set, policy | with an answer: " + " | ".join(DECISIONS) + " | without one: shown | wrong: plain | caveat |"
    )
    for name in dict.fromkeys(row.set for row in rows):
        for policy, standing in rules.items():
            print(f"| {name}, {policy} | {line([row for row in rows if row.set == name], standing)} |")


def policies(shares: Sequence[float]) -> Iterator[tuple[str, Rules]]:
    """The strictest threshold there is, then those of these shares."""
    calibration = shipped()
    first = rules_of(Policy(), 0, calibration)
    yield "strictest", replace(first, answer_from=strictest(calibration.points).threshold)
    for share in shares:
        rules = rules_of(Policy(max_wrong=share), 0, calibration)
        yield f"{share:.0%} (from {rules.answer_from:.2f})", rules


def line(rows: Sequence[Asked], rules: Rules) -> str:
    """The cells of one row."""
    ended = [(ends(row, rules), row) for row in rows]
    known = Counter(name for name, row in ended if row.answerable)
    strangers = [name for name, row in ended if not row.answerable]
    shares = [f"{known[name] / max(1, known.total()):.0%}" for name in DECISIONS]
    shown = f"{sum(name in SHOWN for name in strangers) / max(1, len(strangers)):.0%}"
    wrong = [_wrong([row for name, row in ended if name == kind]) for kind in SHOWN]
    return " | ".join([*shares, shown, *wrong])


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
    strict, held = (1 - sum(one) / len(rows) for one in ([row.right for row in rows], [_held(row) for row in rows]))
    return f"{strict:.0%} strict, {held:.0%} held, of {len(rows)}"


def _held(row: Asked) -> bool:
    return row.right or row.answerable


if __name__ == "__main__":
    main()
