"""Makes the calibration that ships with the product: what its scores were worth on questions with known answers.

    python -m scripts.fit_calibration ROWS.jsonl

ROWS come from `python -m scripts.asking_sets`. A turn is right when it cites a document that people marked as
answering. Only scores and outcomes are shipped, no text; bitwarden_help, which may not be published, is left out.
To be run again whenever the signals or weights of `app/answering/decision.py` change.
"""

import argparse
import json
from pathlib import Path

from app.answering.deciding.calibrating import isotonic
from app.answering.deciding.labels import score_of
from app.answering.deciding.shipped import PLACE
from app.answering.decision import fingerprint
from scripts.asking_sets import read_rows

SETS = ("feedbackqa", "stackfaq", "clapnq")
Scored = list[tuple[float, bool]]


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    rows = [row for row in read_rows(parser.parse_args().rows) if row.counts]
    measured = {name: [(score_of(row.basis), row.right) for row in rows if row.set == name] for name in SETS}
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


if __name__ == "__main__":
    main()
