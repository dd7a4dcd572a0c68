"""Makes the calibration that ships with the product: what its scores were worth on questions with known answers.

    python -m scripts.fit_calibration ROWS.jsonl

ROWS come from `python -m scripts.asking_sets`; `scripts/judged_answers.py` says which turns are right. Only scores and
outcomes are shipped, no text; bitwarden_help, which may not be published, is left out. To be run again whenever the
signals or weights of `app/answering/decision.py` change.
"""

import argparse
import json
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from app.answering.deciding.calibrating import isotonic
from app.answering.deciding.labels import score_of
from app.answering.deciding.prior import MIX, mixed
from app.answering.deciding.shipped import PLACE
from app.answering.decision import fingerprint
from scripts.asking_sets import Asked, read_rows
from scripts.judged_answers import right

SETS = ("feedbackqa", "stackfaq", "clapnq", "help_centres")
Scored = list[tuple[float, bool]]


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    rows = [row for row in read_rows(parser.parse_args().rows) if row.counts]
    sets = {name: _kinds([row for row in rows if row.set == name]) for name in SETS}
    every = mixed({kind: list(chain(*(one[kind] for one in sets.values()))) for kind in MIX})
    stored = {name: {kind: _stored(scored) for kind, scored in kinds.items()} for name, kinds in sets.items()}
    told = {"weights": fingerprint(), "curve": isotonic(every).json(), "sets": stored}
    PLACE.write_text(json.dumps(told) + "\n", encoding="utf-8")
    print(f"{sum(label for _, label in every)} of {len(every)} answers behind {PLACE} are right.")


def _kinds(rows: Sequence[Asked]) -> dict[str, Scored]:
    return {kind: [(score_of(row.basis), right(row)) for row in rows if row.kind == kind] for kind in MIX}


def _stored(scored: Scored) -> dict[str, list[float]]:
    return {
        name: sorted(round(score, 4) for score, label in scored if label == wanted)
        for name, wanted in (("right", True), ("wrong", False))
    }


if __name__ == "__main__":
    main()
