"""Whether "at most this share wrong" is kept, and how far probabilities are off after 300 verdicts: simulated sites.

    python -m benchmarks.promises

A site draws its turns from the scores and outcomes of one public set behind the shipped calibration; made-up sites
have scores that say more, or less, than they seem. 300 verdicts come first, then 10,000 turns, of which one in ten gets
a verdict; the calibration follows every 500. `same`: verdicts and turns are drawn from the same questions, which come
again as they do at a support desk; that is what the guarantee assumes. `others`: verdicts come from one half of the set
and turns from the other, so that no question that is asked was ever judged. There 300 verdicts say less than they seem
to, since they repeat the few questions of their half: of the surest 4 % of feedbackqa that half has fifteen.
"""

import json
from collections.abc import Callable, Sequence
from random import Random

from app.answering.deciding.calibrating import calibrated, isotonic
from app.answering.deciding.curve import IDENTITY, Curve
from app.answering.deciding.risk import promise
from app.answering.deciding.shipped import shipped_sets
from app.insight.calibration import calibration_error, held

TURNS, BLOCK, VERDICTS, JUDGED = 10_000, 500, 300, 10
TARGETS = (0.02, 0.05, 0.1, 0.2)
SITES = 20
QUESTIONS = ("same", "others")
OPTIMISM = (0.7, 1.0, 1.6)
"""To which power of its score a made-up site's answer is right."""
Scored = list[tuple[float, bool]]
Draw = Callable[[Random, int], Scored]


def main() -> None:
    """One JSON row a set and target, then one a set about calibration."""
    for name in (*shipped_sets(), *(f"made up, {power}" for power in OPTIMISM)):
        for target in TARGETS:
            for questions in QUESTIONS:
                row = {"site": name, "target": target, "questions": questions, **kept(name, target, questions)}
                print(json.dumps(row), flush=True)
    for name, scored in shipped_sets().items():
        print(json.dumps({"site": name, **calibration(scored, _others(name))}), flush=True)


def kept(name: str, target: float, questions: str) -> dict[str, float]:
    """The share of plain answers that is wrong over all sites and turns, and the share answered plainly."""
    wrong = answers = 0
    for chance in map(Random, range(SITES)):
        verdict, turn = _halves(name, chance) if questions == "others" else (_whole(name), _whole(name))
        verdicts, others = verdict(chance, VERDICTS), _others(name)
        for _ in range(TURNS // BLOCK):
            curve = calibrated(verdicts, others)
            threshold = promise(held(curve, verdicts), target).threshold
            shown = [right for probability, right in held(curve, turn(chance, BLOCK)) if probability >= threshold]
            wrong, answers = wrong + shown.count(False), answers + len(shown)
            verdicts += verdict(chance, BLOCK // JUDGED)
    return {"wrong": round(wrong / max(1, answers), 4), "answered": round(answers / (SITES * TURNS), 4)}


def calibration(scored: Sequence[tuple[float, bool]], others: Curve) -> dict[str, float]:
    """The mean calibration error after 300 verdicts, on the set's other answers; and what of it is chance.

    Chance is what the error would be if each outcome were drawn with exactly the probability that was told.
    """
    errors, by_chance, own = [], [], list(scored)
    for chance in map(Random, range(30)):
        chance.shuffle(own)
        points = held(calibrated(own[:VERDICTS], others), own[VERDICTS:])
        errors.append(calibration_error(points))
        by_chance.append(calibration_error([(told, chance.random() < told) for told, _ in points]))
    count = len(errors)
    return {"calibration_error": round(sum(errors) / count, 4), "of_it_chance": round(sum(by_chance) / count, 4)}


def _others(name: str) -> Curve:
    """The curve that the other sets give, which verdicts bend; a made-up site begins with its scores."""
    others = [pair for other, scored in shipped_sets().items() if other != name for pair in scored]
    return isotonic(others) if name in shipped_sets() else IDENTITY


def _whole(name: str) -> Draw:
    return _from(list(shipped_sets()[name])) if name in shipped_sets() else _made_up(float(name.rpartition(" ")[2]))


def _halves(name: str, chance: Random) -> tuple[Draw, Draw]:
    """Where verdicts come from, and where turns do; no question of a made-up site comes again."""
    if name not in shipped_sets():
        return _whole(name), _whole(name)
    every = list(shipped_sets()[name])
    chance.shuffle(every)
    return _from(every[::2]), _from(every[1::2])


def _from(known: Scored) -> Draw:
    return lambda chance, count: chance.choices(known, k=count)


def _made_up(power: float) -> Draw:
    def draw(chance: Random, count: int) -> Scored:
        scores = [chance.betavariate(1.2, 0.8) for _ in range(count)]
        return [(score, chance.random() < score**power) for score in scores]

    return draw


if __name__ == "__main__":
    main()
